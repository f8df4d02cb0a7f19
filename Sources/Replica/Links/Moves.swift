import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension Schema {
    static let movesByUnit = "CREATE INDEX widening_moved ON widening (unit, position) WHERE moved IS NOT NULL"
}

/// A charter entry that changes who stands above whom changes who may see what was sent past them.
extension Transaction {
    /// Writes today's units, and what their moves owe to whom.
    /// - Parameter known: the charter up to now.
    func unitsChanged(since known: Charter) throws {
        let before = known.current.topology
        try writeUnits(since: before)
        try widenForMoves(since: known)
        try noteTopology()
        try compareForMoves(since: before)
    }

    /// Who is above this node, or below it, as it was not before.
    private func compareForMoves(since before: Topology) throws {
        let topology = charter.current.topology
        try compareForStubs(
            ofAny: topology.codes.filter { before[$0] != nil && topology.parent(of: $0) != before.parent(of: $0) })
    }

    /// Heirs are concerned by all that concerned the unit that was cut.
    func compareForHeirs(of changes: [CharterChange]) throws {
        let heirs = changes.compactMap { change -> UnitCode? in
            guard case .cut(let cut) = change, cut.heir != cut.author.unit else { return nil }
            return cut.heir
        }
        try compareForStubs(ofAny: heirs)
    }

    /// What has left the units above, and concerns one of these from now on, a comparison alone tells.
    /// - Parameter units: looked for only where cases may have left: in a city that is thousands.
    private func compareForStubs(ofAny units: @autoclosure () -> [UnitCode]) throws {
        let view = charter.current, topology = view.topology
        guard let own = try identity?.unit, let parent = topology.parent(of: own).flatMap({ topology[$0] }),
            RetentionRule.months(ofTier: parent.tier, view) != nil,
            units().contains(where: { topology.isAboveOrSelf(own, $0) })
        else { return }
        _ = try wishComparison(repairs: true)
    }

    /// Rows up to here arrived under another topology than those that follow.
    func noteTopology() throws {
        try db.cachedStatement(sql: "UPDATE node SET topology_since = ?").execute(arguments: [
            try journalHead().position
        ])
    }

    /// Position behind which all rows arrived under today's topology.
    var topologySince: Int64 {
        get throws {
            try Int64.fetchOne(db.cachedStatement(sql: "SELECT topology_since FROM node")) ?? 0
        }
    }

    private func widenForMoves(since known: Charter) throws {
        guard let own = try identity?.unit else { return }
        let before = known.current.topology, topology = charter.current.topology
        let moved = topology.codes.filter { topology.parent(of: $0) != before.parent(of: $0) }
        let told = try Told(self, topology)
        // A new node takes in a whole city before it has anything to tell.
        guard !told.isEmpty else { return }
        // Even where all stand as before: a unit may have gone and come back.
        try widenForFormer(since: known, own, told)
        for unit in moved {
            let former = Set(before.above(unit))
            let left = former.subtracting(topology.above(unit))
            let owed = left.reduce(into: Set()) { $0.formUnion(told.added[$1] ?? []) }
            let hasComeHere = topology.isAbove(own, unit) && !former.contains(own)
            for added in topology.above(unit)
            where !former.contains(added) || owed.contains(added) || hasComeHere && topology.isAbove(added, own) {
                try widenDownward(unit, added, own, told)
                try widenUpward(unit, added, own, told)
                if added == own { try widenForReturn(of: unit, told) }
            }
        }
    }

    /// What this node has to tell, and to whom it has told something.
    private struct Told {
        /// Units with a case that concerns them, or one below them.
        let concerned: Set<UnitCode>
        let owners: Set<UnitCode>
        /// Units that have published something, or one below them.
        let publishing: Set<UnitCode>
        /// By feed, units that wrote something, and the same with all above them.
        let authors: [Feed: Set<UnitCode>]
        let writing: [Feed: Set<UnitCode>]
        /// By feed, units whose machine has confirmed something: others begin at zero.
        let met: [Feed: Set<UnitCode>]
        /// By unit that was moved, those that came above it. What they are owed is looked up when they come to it; who
        /// has left the moved unit by then, and is still below them, must be told of by itself.
        let added: [UnitCode: Set<UnitCode>]

        /// Nothing is owed to anybody, whoever moves.
        var isEmpty: Bool { concerned.isEmpty && publishing.isEmpty && met.values.allSatisfy(\.isEmpty) }

        init(_ transaction: Transaction, _ topology: Topology) throws {
            concerned = try topology.withAncestors(transaction.units("SELECT DISTINCT unit FROM audience"))
            owners = try transaction.units(
                """
                SELECT DISTINCT author.unit FROM record JOIN author ON author.id = record.author
                WHERE feed = 3 AND author.unit IS NOT NULL
                """)
            publishing = topology.withAncestors(owners)
            let find = "SELECT DISTINCT moved, unit FROM widening WHERE moved IS NOT NULL"
            added = try Row.fetchAll(transaction.db.cachedStatement(sql: find)).reduce(into: [:]) { out, row in
                // One that the disk has changed owes nothing, and is noted where it is served.
                guard let moved = (try? row[0] as String).flatMap({ UnitCode($0) }),
                    let unit = (try? row[1] as String).flatMap({ UnitCode($0) })
                else { return }
                out[moved, default: []].insert(unit)
            }
            var authors: [Feed: Set<UnitCode>] = [:], met: [Feed: Set<UnitCode>] = [:]
            for feed in [Feed.casework, .published] {
                authors[feed] = try transaction.units(
                    """
                    SELECT DISTINCT unit FROM author
                    WHERE EXISTS (SELECT 1 FROM run WHERE run.author = author.id AND feed = \(feed.rawValue))
                    """)
                met[feed] = try transaction.units(
                    """
                    SELECT DISTINCT unit FROM peer JOIN peer_cursor ON peer = peer.id
                    WHERE feed = \(feed.rawValue) AND sent_position > 0
                    """)
            }
            (self.authors, self.met) = (authors, met)
            writing = authors.mapValues(topology.withAncestors)
        }
    }

    /// Whoever stands above a unit from now on is owed what concerns it and those below it; who stands under it, what
    /// the new ones above have published.
    private func widenDownward(_ unit: UnitCode, _ added: UnitCode, _ own: UnitCode, _ told: Told) throws {
        let topology = charter.current.topology
        let isBelow = topology.isAbove(own, added)
        if isBelow, told.concerned.contains(unit) { try widen(.casework, .moved(unit), to: added) }
        if isBelow && told.publishing.contains(unit)
            || topology.isAboveOrSelf(unit, own) && told.owners.contains(added)
        {
            try widen(.published, .moved(unit), to: added)
        }
    }

    /// Whoever stands above this node and has heard of it before has passed over what was not of its subtree then.
    /// Nobody else may have that: its author was here before, and believes that it was passed on.
    private func widenUpward(_ unit: UnitCode, _ added: UnitCode, _ own: UnitCode, _ told: Told) throws {
        let topology = charter.current.topology
        guard topology.isAbove(added, own), topology.isAbove(own, unit) || topology.isAboveOrSelf(unit, own) else {
            return
        }
        let lower = topology.isAbove(own, unit) ? unit : own
        for feed in [Feed.casework, .published]
        where told.met[feed]?.contains(added) == true && told.writing[feed]?.contains(lower) == true {
            try widen(feed, .moved(lower), to: added)
        }
    }

    /// Who was below this node once has left with it what nobody else may have. Whoever stands above this node passes
    /// that over, until it has ever stood above both, by which what comes then goes up (`isOwedUpward`).
    private func widenForFormer(since known: Charter, _ own: UnitCode, _ told: Told) throws {
        let before = known.current.topology, topology = charter.current.topology
        for feed in [Feed.casework, .published] {
            let above = topology.above(own).filter { told.met[feed]?.contains($0) == true }
            guard !above.isEmpty else { continue }
            let former = (told.authors[feed] ?? []).filter { !topology.isAboveOrSelf(own, $0) }
            for unit in former.sorted() {
                // The last question goes through the whole charter where the answer is no.
                for added in above
                where !(before.isAbove(added, own) && known.hasEverBeenAbove(added, unit))
                    && charter.hasEverBeenAbove(added, unit) && charter.hasEverBeenAbove(own, unit)
                {
                    try widen(feed, .moved(unit), to: added)
                }
            }
        }
    }

    /// Who comes back under this node, with whom has come under it meanwhile, goes on from where it was.
    private func widenForReturn(of unit: UnitCode, _ told: Told) throws {
        let topology = charter.current.topology
        for (feed, telling) in [(Feed.casework, told.concerned), (.published, told.publishing)] {
            let back = (told.met[feed] ?? []).filter { telling.contains($0) && topology.isAboveOrSelf(unit, $0) }
            for one in back.sorted() { try widen(feed, .moved(one), to: one) }
        }
    }

    /// The position of the last row by which moves owe casework to a unit: who has not come there may have passed over
    /// what is its concern today.
    func lastOwedForMoves(to unit: UnitCode) throws -> Int64 {
        let find = try db.cachedStatement(
            sql: "SELECT max(position) FROM widening WHERE unit = ? AND moved IS NOT NULL AND feed = 2")
        return try Int64.fetchOne(find, arguments: [unit.text]) ?? 0
    }

    /// The units with which casework is owed to one above for moves behind a position.
    func movedUnits(owedTo unit: UnitCode, behind position: Int64) throws -> Set<UnitCode> {
        try units(
            "SELECT moved FROM widening WHERE unit = ? AND moved IS NOT NULL AND feed = 2 AND position > ?",
            [unit.text, position])
    }

    fileprivate func units(_ sql: String, _ arguments: StatementArguments = []) throws -> Set<UnitCode> {
        let texts = try String.fetchAll(db.cachedStatement(sql: sql), arguments: arguments)
        return Set(texts.compactMap { UnitCode($0) })
    }
}

extension Topology {
    /// The units and all that stand above them.
    fileprivate func withAncestors(_ units: Set<UnitCode>) -> Set<UnitCode> {
        units.reduce(into: units) { $0.formUnion(above($1)) }
    }
}
