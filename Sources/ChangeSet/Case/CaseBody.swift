import Foundation
import ServiceModel
import SwiftProtobuf

/// What a change set in the casework feed says beside its envelope.
package struct CaseBody: Hashable, Sendable {
    package var writes: [Act.FieldWrite] = []
    /// The legal day of the act, in civil days since 1970: for an acceptance the day of the paper receipt.
    package var day: Int32
    /// Reason, note or result, in words.
    package var text = ""
    /// Of an acceptance: the number on the paper.
    package var receipt = ""
    package var promise: Promise?
    /// Of a correction: everything that is missing, named at once (Licensing Law, article 32).
    package var missing: [String] = []

    package static let longestReceipt = 80
    package static let mostMissing = 64

    package init(day: Int32) { self.day = day }

    /// - Throws: `WireError`.
    package init(_ bytes: Data) throws {
        guard let wire = try? WireCaseBody(serializedBytes: bytes) else { throw WireError.malformed("case body") }
        writes = wire.writes.map { Act.FieldWrite(field: $0.field, value: $0.value) }
        day = wire.day
        text = wire.text
        receipt = wire.receipt
        promise = wire.hasPromise ? Promise(wire.promise) : nil
        missing = wire.missing
        try checkBounds()
    }

    /// - Throws: `WireError.tooLarge`, naming the part that passes its bound.
    package var bytes: Data {
        get throws {
            try checkBounds()
            return try WireCaseBody.with {
                $0.writes = writes.map { write in
                    .with {
                        $0.field = write.field
                        $0.value = write.value
                    }
                }
                $0.day = day
                $0.text = text
                $0.receipt = receipt
                if let promise { $0.promise = WirePromise(promise) }
                $0.missing = missing
            }.serializedBytes()
        }
    }

    private func checkBounds() throws {
        guard writes.count <= Limits.writes else { throw WireError.tooLarge("writes") }
        for write in writes {
            guard (1...Limits.fieldNameBytes).contains(write.field.utf8.count) else {
                throw WireError.tooLarge("field name")
            }
            guard write.value.utf8.count <= Limits.fieldValueBytes else {
                throw WireError.tooLarge("field \(write.field)")
            }
        }
        guard text.utf8.count <= Limits.textBytes else { throw WireError.tooLarge("text") }
        guard receipt.utf8.count <= Self.longestReceipt else { throw WireError.tooLarge("receipt") }
        guard missing.count <= Self.mostMissing, missing.allSatisfy({ $0.utf8.count <= Limits.textBytes }) else {
            throw WireError.tooLarge("missing")
        }
        if let promise {
            let texts = [promise.item, promise.itemName, promise.department, promise.itemKind]
            guard texts.allSatisfy({ $0.utf8.count <= 1024 }) else { throw WireError.tooLarge("promise") }
        }
    }
}

extension Promise {
    fileprivate init(_ wire: WirePromise) {
        self.init(
            item: wire.item, itemName: wire.itemName, version: wire.version, department: wire.department,
            itemKind: wire.itemKind, statutory: wire.hasStatutory ? TimeLimit(wire.statutory) : nil,
            promised: wire.hasPromised ? TimeLimit(wire.promised) : nil, instant: wire.instant)
    }
}

extension TimeLimit {
    fileprivate init?(_ wire: WireLimit) {
        guard let unit = Unit(rawValue: wire.unit), wire.count <= Self.longest else { return nil }
        self.init(count: wire.count, unit: unit)
    }
}

extension WirePromise {
    fileprivate init(_ promise: Promise) {
        self.init()
        item = promise.item
        itemName = promise.itemName
        version = promise.version
        department = promise.department
        itemKind = promise.itemKind
        if let limit = promise.statutory { statutory = WireLimit(limit) }
        if let limit = promise.promised { promised = WireLimit(limit) }
        instant = promise.instant
    }
}

extension WireLimit {
    fileprivate init(_ limit: TimeLimit) {
        self.init()
        count = limit.count
        unit = limit.unit.rawValue
    }
}
