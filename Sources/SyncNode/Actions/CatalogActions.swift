import ChangeSet
import Foundation
import Replica
import ServiceModel

/// An item as people and programs name it.
package enum CatalogReference: Hashable, Sendable {
    /// What this unit means by a code: of several owners the nearest above.
    case code(String)
    case record(CatalogItemID)
}

/// Who publishes, and how it came in.
package struct Publisher: Hashable, Sendable {
    package var actor: String
    package var channel: Channel

    package init(actor: String, channel: Channel = .counter) {
        self.actor = actor
        self.channel = channel
    }
}

extension Node {
    /// The items that this unit has published itself and not retired, by code.
    package func published() throws -> [String: CatalogItem] {
        try replica.read { try $0.published(by: name.unit) }.compactMapValues { $0.item?.current }
    }

    /// The codes that this unit has published and retired, with the day from which on; none that it has published
    /// again.
    package func retired() throws -> [String: Int32] {
        try replica.read { transaction in
            let rows = try transaction.catalogItems(.of(name.unit))
            let standing = Set(rows.filter { $0.retiredFrom == nil }.map(\.code))
            let ended = rows.compactMap { row in row.retiredFrom.map { (row.code, $0) } }
            return Dictionary(ended.filter { !standing.contains($0.0) }, uniquingKeysWith: max)
        }
    }

    /// What this unit changes of an item; nil where it changes nothing.
    /// - Throws: `CatalogError.unknown`.
    package func ownOverride(of item: CatalogReference, on day: Int32) throws -> CatalogOverride? {
        try replica.read { transaction in
            let line = try find(item, on: day, transaction).line
            return try ownOverride(of: line.id, transaction)?.override?.current
        }
    }

    /// Publishes items, each in a record of its own. They are judged before the first is written; then they are written
    /// in groups, each in one transaction.
    /// - Returns: the names of their records, in the order of the items.
    /// - Throws: `CatalogError`, `NodeError`, `WireError.tooLarge`, `ReplicaError`.
    @discardableResult
    package func publish(_ items: [CatalogItem], by publisher: Publisher, now: Moment) throws -> [CatalogItemID] {
        for item in items { try check(item) }
        if let twice = Self.firstRepeated(items) { throw CatalogError.publishedAlready(twice) }
        return try writeGroups(items.map { .publish($0) }, by: publisher, now: now) { act, transaction in
            guard case .publish(let item) = act else { return nil }
            guard try own(item.code, transaction) == nil else { throw CatalogError.publishedAlready(item.code) }
            return nil
        }
    }

    /// Publishes the next version of items that this unit owns, each with its whole content.
    /// - Throws: `CatalogError`, `NodeError`, `WireError.tooLarge`, `ReplicaError`.
    package func revise(_ items: [CatalogItem], by publisher: Publisher, now: Moment) throws {
        for item in items { try check(item) }
        if let twice = Self.firstRepeated(items) { throw CatalogError.publishedAlready(twice) }
        _ = try writeGroups(items.map { .revise($0) }, by: publisher, now: now) { act, transaction in
            guard case .revise(let item) = act else { return nil }
            guard let record = try own(item.code, transaction), let line = record.item else {
                let other = try find(.code(item.code), on: now.day, transaction)
                throw CatalogError.notOwner(item: item.code, owner: other.line.owner)
            }
            guard item.version == line.current.version + 1 else {
                throw CatalogError.changedMeanwhile(item: item.code, version: line.current.version)
            }
            return record
        }
    }

    /// Ends an item: from a day on nothing is accepted under it. Cases that were accepted keep it.
    /// - Throws: `CatalogError`, `NodeError`, `ReplicaError`.
    package func retire(
        _ item: CatalogReference, _ retirement: CatalogRetirement, by publisher: Publisher, now: Moment
    ) throws {
        _ = try writeGroups([.retire(retirement)], by: publisher, now: now) { _, transaction in
            let (record, line) = try find(item, on: now.day, transaction)
            guard line.owner == name.unit else {
                throw CatalogError.notOwner(item: line.current.code, owner: line.owner)
            }
            return record
        }
    }

    /// Sets what this unit and those below it change of an item, in the place of what it set before. The same again
    /// writes nothing.
    /// - Throws: `CatalogError`, `NodeError`, `WireError.tooLarge`, `ReplicaError`.
    package func override(
        _ item: CatalogReference, place: ServicePlace, promised: TimeLimit?, by publisher: Publisher, now: Moment
    ) throws {
        let (override, standing) = try replica.read { transaction in
            let found = try find(item, on: now.day, transaction), line = found.line
            let offer = try offer(found, on: now.day, transaction)
            let override = CatalogOverride(item: line.id, place: place, promised: promised)
            let above = offer.overrides.filter { $0.unit != name.unit }.map(\.override)
            let problems = override.validate(on: line.current.applying(above))
            guard problems.isEmpty else { throw CatalogError.invalid(item: line.current.code, problems) }
            if let from = line.retirement?.from, from <= now.day {
                throw CatalogError.retired(item: line.current.code, from: from)
            }
            return (override, try ownOverride(of: line.id, transaction)?.override?.current)
        }
        guard override != standing else { return }
        _ = try writeGroups([.override(override)], by: publisher, now: now) { _, transaction in
            try ownOverride(of: override.item, transaction)
        }
    }

    /// Ends this unit's override of an item: from a day on the item stands as it comes from above.
    /// - Throws: `CatalogError`, `NodeError`, `ReplicaError`.
    package func endOverride(
        of item: CatalogReference, _ retirement: CatalogRetirement, by publisher: Publisher, now: Moment
    ) throws {
        _ = try writeGroups([.retire(retirement)], by: publisher, now: now) { _, transaction in
            let line = try find(item, on: now.day, transaction).line
            guard let record = try ownOverride(of: line.id, transaction) else {
                throw CatalogError.noOverride(item: line.current.code)
            }
            return record
        }
    }

    /// The item as this unit offers it on a day.
    /// - Throws: `CatalogError.unknown`, `.notBelowOwner`.
    package func offer(_ item: CatalogReference, on day: Int32) throws -> CatalogOffer {
        try replica.read { try offer(try find(item, on: day, $0), on: day, $0) }
    }

    // MARK: - Looking up

    /// - Throws: `CatalogError.unknown`.
    func find(
        _ item: CatalogReference, on day: Int32, _ transaction: Transaction
    ) throws -> (record: CatalogRecord, line: CatalogLine) {
        let found: CatalogRecord?
        let text: String
        switch item {
        case .code(let code):
            text = code
            let row = try transaction.catalogItem(code: code, for: name.unit, on: day)
            found = try row.flatMap { try transaction.catalogRecord($0.record) }
        case .record(let id):
            text = "\(id.author)/\(id.sequence)"
            found = try transaction.catalogRecord(id)
        }
        guard let found, let line = found.item else { throw CatalogError.unknown(text) }
        return (found, line)
    }

    func offer(
        _ found: (record: CatalogRecord, line: CatalogLine), on day: Int32, _ transaction: Transaction
    ) throws -> CatalogOffer {
        guard let offer = try transaction.offer(of: found.record, at: name.unit, on: day) else {
            throw CatalogError.notBelowOwner(item: found.line.current.code, owner: found.line.owner)
        }
        return offer
    }

    private func own(_ code: String, _ transaction: Transaction) throws -> CatalogRecord? {
        let row = try transaction.catalogItems(code: code).first { $0.owner == name.unit && $0.retiredFrom == nil }
        return try row.flatMap { try transaction.catalogRecord($0.record) }
    }

    private func ownOverride(of item: CatalogItemID, _ transaction: Transaction) throws -> CatalogRecord? {
        let row = try transaction.overrides(of: item).last { $0.unit == name.unit && $0.retirement == nil }
        return try row.flatMap { try transaction.catalogRecord($0.record) }
    }

    private func check(_ item: CatalogItem) throws {
        let problems = item.validate()
        guard problems.isEmpty else { throw CatalogError.invalid(item: item.code, problems) }
    }

    private static func firstRepeated(_ items: [CatalogItem]) -> String? {
        var seen: Set<String> = []
        return items.first { !seen.insert($0.code).inserted }?.code
    }
}

// MARK: - Writing

extension Node {
    /// Room for the envelope of a change set beside its body.
    private static let envelopeBytes = 256

    /// Writes acts, one to a record, in groups that fit a run, each group in one transaction.
    /// - Parameter record: the record that an act goes to, nil for one of its own; throws when the act is refused.
    ///   Asked once for all acts before the first is written, and again in the transaction that writes it.
    private func writeGroups(
        _ acts: [CatalogAct], by publisher: Publisher, now: Moment,
        record: (CatalogAct, Transaction) throws -> CatalogRecord?
    ) throws -> [CatalogItemID] {
        try replica.read { transaction in
            for act in acts { _ = try record(act, transaction) }
        }
        var groups: [[(act: CatalogAct, body: Data)]] = []
        var room = 0
        for act in acts {
            let body = try CatalogBody(act).bytes
            room -= body.count + Self.envelopeBytes
            if room < 0 || groups.last?.count == Limits.groupSize {
                groups.append([])
                room = Limits.bytesPerRun - body.count - Self.envelopeBytes
            }
            groups[groups.count - 1].append((act, body))
        }
        return try groups.flatMap { group in
            try write(now: now) { transaction in
                let author = try writingAuthor(transaction)
                let first = try transaction.nextPlace(of: author, in: .published)
                let changeSets = try group.enumerated().map { offset, one in
                    let place = Place(author: author, feed: .published, sequence: first.sequence + UInt64(offset))
                    let record = try record(one.act, transaction)
                    let named = try record.map { ($0, try transaction.naming(at: place, on: $0.row)) }
                    var changeSet = ChangeSet(one.act, body: one.body, on: named, time: now.seconds)
                    changeSet.groupOffset = UInt32(offset)
                    changeSet.groupCount = UInt32(group.count)
                    changeSet.actor = publisher.actor
                    changeSet.channel = publisher.channel
                    return try changeSet.bytes
                }
                return try transaction.append(changeSets, by: author, in: .published, seed: newSeed()).map {
                    CatalogItemID(author: author, sequence: $0.place.sequence)
                }
            }
        }
    }
}

extension ChangeSet {
    /// An act on a published record; it begins a record where there is none.
    fileprivate init(_ act: CatalogAct, body: Data, on named: (record: CatalogRecord, Naming)?, time: Int64) {
        guard let (record, naming) = named else {
            self.init(kind: act.action.kind, record: .created, parents: [], time: time, body: body)
            return
        }
        self.init(
            kind: act.action.kind,
            record: naming.record(created: Place(record.id), leaf: record.creation),
            parents: [naming.link(to: record.last.place, leaf: record.last.leaf)], time: time, body: body)
    }
}
