import ChangeSet
import GRDB
import ServiceModel

/// How a change set that this node is about to write names those of its record (PROTOCOL 5): by the distance back where
/// this disk wrote them and nobody else has written under its name, and by their leaf in all other cases. In a forked
/// journal a distance leads nowhere for whoever does not hold all seals between.
package struct Naming: Sendable {
    /// Where it will stand.
    private let place: Place
    /// What was written here, by this author, on that record; none where the journal has forked.
    private let ownLine: Set<Leaf>

    init(at place: Place, ownLine: Set<Leaf>) {
        self.place = place
        self.ownLine = ownLine
    }

    package func link(to named: Place, leaf: Leaf) -> ChangeSet.Link {
        ownLine.contains(leaf)
            ? .init(to: named, leaf: leaf, from: place) : .foreign(named.author, sequence: named.sequence, leaf)
    }

    /// - Parameter leaf: of the change set that created the record.
    package func record(created creation: Place, leaf: Leaf?) -> ChangeSet.Record {
        leaf.map(ownLine.contains) == true
            ? .back(place.sequence - creation.sequence) : .foreign(creation.author, sequence: creation.sequence)
    }
}

extension Transaction {
    /// - Parameters:
    ///   - place: where the next change set will stand.
    ///   - record: the row of its record.
    package func naming(at place: Place, on record: Int64) throws -> Naming {
        guard try !hasFork(authorRow(place.author).id, in: place.feed) else { return Naming(at: place, ownLine: []) }
        let find = try db.cachedStatement(sql: "SELECT position FROM journal WHERE record = ? AND source IS NULL")
        let here = Set(try Int64.fetchAll(find, arguments: [record]))
        let held = try heldRecord(record)
        let own = zip(held.history.entries, held.positions).filter { entry, position in
            entry.placed.place.author == place.author && here.contains(position)
        }
        return Naming(at: place, ownLine: Set(own.map(\.0.placed.leaf.leaf)))
    }
}
