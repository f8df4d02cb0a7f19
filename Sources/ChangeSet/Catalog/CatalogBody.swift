import Foundation
import ServiceModel
import SwiftProtobuf

/// What a change set on a catalog record says beside its envelope.
package struct CatalogBody: Hashable, Sendable {
    package let act: CatalogAct

    package init(_ act: CatalogAct) { self.act = act }

    /// - Throws: `WireError`.
    package init(_ action: CatalogAction, _ bytes: Data) throws {
        guard bytes.count <= CatalogLimits.itemBytes else { throw WireError.tooLarge("catalog body") }
        switch action {
        case .publish: act = .publish(try CatalogItem(Self.read(bytes)))
        case .revise: act = .revise(try CatalogItem(Self.read(bytes)))
        case .retire: act = .retire(CatalogRetirement(try Self.read(bytes)))
        case .override: act = .override(try CatalogOverride(Self.read(bytes)))
        }
        try checkBounds()
    }

    /// - Throws: `WireError.tooLarge` or `.malformed`, naming the part that passes its bound.
    package var bytes: Data {
        get throws {
            try checkBounds()
            let out: Data =
                switch act {
                case .publish(let item), .revise(let item): try WireCatalogItem(item).serializedBytes()
                case .retire(let retirement): try WireCatalogRetirement(retirement).serializedBytes()
                case .override(let override): try WireCatalogOverride(override).serializedBytes()
                }
            guard out.count <= CatalogLimits.itemBytes else { throw WireError.tooLarge("catalog body") }
            return out
        }
    }

    private static func read<M: Message>(_ bytes: Data) throws -> M {
        guard let wire = try? M(serializedBytes: bytes) else { throw WireError.malformed("catalog body") }
        return wire
    }

    private func checkBounds() throws {
        let problem: CatalogProblem?
        switch act {
        case .publish(let item), .revise(let item): problem = item.outOfBounds.first
        case .retire(let retirement):
            let isLong = retirement.reason.utf8.count > CatalogLimits.reasonBytes
            problem = isLong ? .tooLong("reason", most: CatalogLimits.reasonBytes) : nil
        case .override(let override): problem = override.outOfBounds.first
        }
        switch problem {
        case nil: break
        case .tooLong(let part, _), .tooMany(let part, _), .limitRange(let part): throw WireError.tooLarge(part)
        case .malformed(let part), .tier(let part, _): throw WireError.malformed(part)
        case .some: throw WireError.malformed("catalog body")
        }
    }
}

extension PlacedCatalogAct {
    /// With the body's bytes; a body that cannot be read leaves `act` nil.
    package init(author: Author, sequence: UInt64, leaf: Leaf, action: CatalogAction, body: Data) {
        self.init(
            author: author, sequence: sequence, leaf: leaf, action: action,
            act: (try? CatalogBody(action, body))?.act)
    }
}

// MARK: - Retirement and override

extension CatalogRetirement {
    fileprivate init(_ wire: WireCatalogRetirement) { self.init(reason: wire.reason, from: wire.from) }
}

extension WireCatalogRetirement {
    fileprivate init(_ retirement: CatalogRetirement) {
        self.init()
        reason = retirement.reason
        from = retirement.from
    }
}

extension CatalogOverride {
    fileprivate init(_ wire: WireCatalogOverride) throws {
        guard wire.itemAuthor.count == 16, let author = Bytes16(wire.itemAuthor),
            (1...Limits.longestJournal).contains(wire.itemSequence)
        else {
            throw WireError.malformed("item of an override")
        }
        self.init(
            item: CatalogItemID(author: AuthorID(author), sequence: wire.itemSequence),
            place: ServicePlace(window: wire.window, phone: wire.phone, hours: wire.hours),
            promised: wire.hasPromised ? try TimeLimit(catalog: wire.promised, "promised") : nil)
    }
}

extension WireCatalogOverride {
    fileprivate init(_ override: CatalogOverride) {
        self.init()
        itemAuthor = override.item.author.value.data
        itemSequence = override.item.sequence
        if let limit = override.promised { promised = WireLimit(catalog: limit) }
        window = override.place.window
        phone = override.place.phone
        hours = override.place.hours
    }
}
