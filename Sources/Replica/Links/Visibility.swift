import ChangeSet
import GRDB
import ServiceModel

/// Who may see what (RULES, "Visibility"), computed by every hop for itself.
extension Transaction {
    /// Whether a row goes to the addressee as it stands in the order of arrival.
    func mayGo(
        position: Int64, record: Int64?, run: Int64, source: Int64?, to addressee: Addressee
    ) throws -> Bool {
        guard addressee.isBelow else {
            return try isAuthoredBelow(run: run)
                || isOwedUpward(position: position, record: record, source: source, to: addressee.peer)
        }
        guard let record else { return false }
        let topology = charter.current.topology
        let place = try creation(of: record)
        if place.feed == .published {
            guard let owner = try knownAuthor(place.author)?.author?.unit else { return false }
            return topology.isAboveOrSelf(addressee.peer.unit, owner)
                || topology.isAbove(owner, addressee.peer.unit)
        }
        #if PLANTED
            if Planted.present == .echoSuppressedBySubtree, try isAuthored(run: run, under: addressee.peer.unit) {
                return false
            }
            if Planted.present == .visibilityByStringPrefix {
                return try audience(of: record).contains { unit, since in
                    since <= position && unit.text.hasPrefix(addressee.peer.unit.text)
                }
            }
        #endif
        return try audience(of: record).contains { unit, since in
            since <= position && topology.isAboveOrSelf(addressee.peer.unit, unit)
        }
    }

    #if PLANTED
        private func isAuthored(run: Int64, under unit: UnitCode) throws -> Bool {
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM run JOIN author ON author.id = run.author
                        JOIN unit_above ON unit_above.unit = author.unit AND ancestor = ? WHERE run.id = ?)
                    """, arguments: [unit.text, run]) ?? false
        }
    #endif

    /// Everything authored here or below goes upward.
    private func isAuthoredBelow(run: Int64) throws -> Bool {
        if let known = authoredBelow[run] { return known }
        let find = try db.cachedStatement(
            sql: """
                SELECT EXISTS (SELECT 1 FROM run JOIN author ON author.id = run.author
                    JOIN unit_above ON unit_above.unit = author.unit AND ancestor = (SELECT unit FROM node)
                    WHERE run.id = ?)
                """)
        let found = try Bool.fetchOne(find, arguments: [run]) ?? false
        authoredBelow[run] = found
        return found
    }

    /// So does what may be nowhere else above: what came up to here, since its author may have been moved away, or
    /// those below returned what was lost here; what came from a database of the peer's unit that is no more, since its
    /// present one may lack it; and of cases that concern those here or below, whatever came from another parent.
    private func isOwedUpward(position: Int64, record: Int64?, source: Int64?, to peer: Peer) throws -> Bool {
        guard let source, source != peer.row else { return false }
        let find = try db.cachedStatement(sql: "SELECT peer.unit, node.unit FROM peer JOIN node WHERE peer.id = ?")
        guard let row = try Row.fetchOne(find, arguments: [source]), let from = UnitCode(try row[0]),
            let own = UnitCode(try row[1])
        else { return false }
        if from == peer.unit { return true }
        if charter.hasEverBeenAbove(own, from) { return charter.hasEverBeenAbove(peer.unit, from) }
        let topology = charter.current.topology
        return try record.map { try audience(of: $0) }?.contains { unit, since in
            since <= position && topology.isAboveOrSelf(own, unit)
        } ?? false
    }

    /// The units that a case concerns, and the position from which each has seen it arrive.
    func audience(of record: Int64) throws -> [(unit: UnitCode, since: Int64)] {
        let find = try db.cachedStatement(sql: "SELECT unit, since FROM audience WHERE record = ? ORDER BY unit")
        return try Row.fetchAll(find, arguments: [record]).compactMap { row in
            try UnitCode(row[0]).map { ($0, try row[1]) }
        }
    }
}
