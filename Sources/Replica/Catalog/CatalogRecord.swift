import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// One record of the published feed: an item or an override, with all its versions.
package struct CatalogRecord: Sendable {
    package enum Line: Hashable, Sendable {
        case item(CatalogLine)
        case override(OverrideLine)
    }

    package let row: Int64
    package let id: CatalogItemID
    /// The change set that created it.
    package let creation: Leaf?
    package let line: Line
    /// What the owner's next act names as its parent.
    package let last: (place: Place, leaf: Leaf)

    package var item: CatalogLine? { if case .item(let line) = line { line } else { nil } }
    package var override: OverrideLine? { if case .override(let line) = line { line } else { nil } }
}

extension Place {
    /// Where a catalog record was created.
    package init(_ id: CatalogItemID) { self.init(author: id.author, feed: .published, sequence: id.sequence) }
}

extension Transaction {
    /// One of several, which are offered without it where this version ends in it.
    func listedCatalog(_ record: Int64) throws -> CatalogRecord? {
        do { return try catalogRecord(record) } catch ReplicaError.trapped { return nil }
    }

    /// Reads a published record's change sets from the journal and folds them; nil while its creation has not come, or
    /// does not count.
    /// - Throws: `ReplicaError.damaged`, `.trapped`.
    package func catalogRecord(_ row: Int64) throws -> CatalogRecord? {
        try refuseTrap(row)
        let creation = try creation(of: row)
        let id = CatalogItemID(author: creation.author, sequence: creation.sequence)
        var acts: [PlacedCatalogAct] = []
        var places: [Leaf: Place] = [:]
        let entries = try heldRecord(row).history.entries
        for entry in entries {
            let place = entry.placed.place
            guard let action = CatalogAction(kind: entry.changeSet.kind),
                let author = try knownAuthor(place.author)?.author, charter.permits(action, of: author, pin: entry.pin)
            else { continue }
            let leaf = entry.placed.leaf.leaf
            places[leaf] = place
            acts.append(
                PlacedCatalogAct(
                    author: author, sequence: place.sequence, leaf: leaf, action: action, body: entry.changeSet.body))
        }
        let line: CatalogRecord.Line
        let owner: UnitCode
        if let item = CatalogLine.fold(id, acts) {
            (line, owner) = (.item(item), item.owner)
        } else if let override = OverrideLine.fold(id, acts) {
            (line, owner) = (.override(override), override.owner)
        } else {
            return nil
        }
        let own = acts.filter { $0.author.unit == owner }
        let last = own.max { ($0.author, $0.sequence, $0.leaf) < ($1.author, $1.sequence, $1.leaf) }
        guard let last, let place = places[last.leaf] else { return nil }
        let first = entries.first { $0.changeSet.record == .created }?.placed.leaf.leaf
        return CatalogRecord(row: row, id: id, creation: first, line: line, last: (place, last.leaf))
    }

    /// The record of that name; nil while it is not held, or does not count.
    package func catalogRecord(_ id: CatalogItemID) throws -> CatalogRecord? {
        try row(of: id).flatMap { try catalogRecord($0) }
    }

    /// The row of the record of that name. A name has no leaf: of two to which a fork gave it, it means the one that
    /// was written here, else the one that came first; whoever has a row means that one.
    func row(of id: CatalogItemID) throws -> Int64? {
        let place = Place(id)
        if let own = try record(writtenAt: place), try creation(of: own) == place { return own }
        return try record(created: place)
    }
}
