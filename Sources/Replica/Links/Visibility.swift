import ChangeSet
import GRDB
import ServiceModel

/// Who may see what (RULES, "Visibility"), computed by every hop for itself.
extension Transaction {
    /// Whether a row goes to the addressee as it stands in the order of arrival.
    func mayGo(position: Int64, record: Int64?, run: Int64, to addressee: Addressee) throws -> Bool {
        guard addressee.isBelow else { return try isAuthoredBelow(run: run) }
        guard let record else { return false }
        let topology = charter.current.topology
        let place = try creation(of: record)
        if place.feed == .published {
            guard let owner = try knownAuthor(place.author)?.author?.unit else { return false }
            return topology.isAboveOrSelf(addressee.peer.unit, owner)
                || topology.isAbove(owner, addressee.peer.unit)
        }
        return try audience(of: record).contains { unit, since in
            since <= position && topology.isAboveOrSelf(addressee.peer.unit, unit)
        }
    }

    /// Everything authored here or below goes upward.
    private func isAuthoredBelow(run: Int64) throws -> Bool {
        let find = try db.cachedStatement(
            sql: """
                SELECT EXISTS (SELECT 1 FROM run JOIN author ON author.id = run.author
                    JOIN unit_above ON unit_above.unit = author.unit AND ancestor = (SELECT unit FROM node)
                    WHERE run.id = ?)
                """)
        return try Bool.fetchOne(find, arguments: [run]) ?? false
    }

    /// The units that a case concerns, and the position from which each has seen it arrive.
    func audience(of record: Int64) throws -> [(unit: UnitCode, since: Int64)] {
        let find = try db.cachedStatement(sql: "SELECT unit, since FROM audience WHERE record = ? ORDER BY unit")
        return try Row.fetchAll(find, arguments: [record]).compactMap { row in
            UnitCode(row[0]).map { ($0, row[1]) }
        }
    }

    /// Whether a widening is news to the addressee: the added unit is in its subtree, and nothing there has seen the
    /// record before.
    func widens(record: Int64, by unit: UnitCode, at position: Int64, for addressee: Addressee) throws -> Bool {
        guard addressee.isBelow else { return false }
        let topology = charter.current.topology
        let peer = addressee.peer.unit
        guard topology.isAboveOrSelf(peer, unit) else { return false }
        return try !audience(of: record).contains { $0.since < position && topology.isAboveOrSelf(peer, $0.unit) }
    }
}
