import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// A charter entry that changes who stands above whom changes who may see what was sent past them.
extension Transaction {
    /// Writes today's units, and what their moves owe to whom.
    /// - Parameter before: the topology up to now.
    func unitsChanged(since before: Topology) throws {
        try writeUnits(since: before)
        try widenForMoves(since: before)
        try noteTopology()
        try compareForMoves(since: before)
    }

    /// Who is above this node, or below it, as it was not before: a comparison tells what has left the units above.
    private func compareForMoves(since before: Topology) throws {
        let view = charter.current, topology = view.topology
        guard let own = try identity?.unit, let parent = topology.parent(of: own).flatMap({ topology[$0] }),
            RetentionRule.months(ofTier: parent.tier, view) != nil,
            topology.codes.contains(where: { unit in
                topology.isAboveOrSelf(own, unit) && before[unit] != nil
                    && topology.parent(of: unit) != before.parent(of: unit)
            })
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

    /// Whoever stands above a unit from now on is owed what concerns it and those below it; who stands under it, what
    /// the new ones above have published. Of a unit that comes under this one the units above have passed over what is
    /// here already, and nobody else may have it: it was here before, and believes that it was passed on.
    private func widenForMoves(since before: Topology) throws {
        guard let own = try identity?.unit else { return }
        let topology = charter.current.topology
        let owners = try units(
            """
            SELECT DISTINCT author.unit FROM record JOIN author ON author.id = record.author
            WHERE feed = 3 AND author.unit IS NOT NULL
            """)
        // Units with something that concerns them or one below them.
        let concerned = try topology.withAncestors(units("SELECT DISTINCT unit FROM audience"))
        let publishing = topology.withAncestors(owners)
        let authors = try [Feed.casework, .published].reduce(into: [:]) { out, feed in
            out[feed] = try topology.withAncestors(unitsThatWrote(in: feed))
        }
        guard !concerned.isEmpty || !publishing.isEmpty || authors.values.contains(where: { !$0.isEmpty }) else {
            return
        }
        for unit in topology.codes where topology.parent(of: unit) != before.parent(of: unit) {
            let former = Set(before.above(unit))
            for added in topology.above(unit) where !former.contains(added) {
                let isBelow = topology.isAbove(own, added)
                if isBelow, concerned.contains(unit) { try widen(.casework, for: unit, under: added) }
                if isBelow && publishing.contains(unit)
                    || topology.isAboveOrSelf(unit, own) && owners.contains(added)
                {
                    try widen(.published, for: unit, under: added)
                }
                guard topology.isAbove(own, unit), topology.isAbove(added, own) else { continue }
                for (feed, writing) in authors.sorted(by: { $0.key < $1.key }) where writing.contains(unit) {
                    try widen(feed, for: unit, under: added)
                }
            }
        }
    }

    private func widen(_ feed: Feed, for unit: UnitCode, under added: UnitCode) throws {
        let head = try journalHead().next(content(of: .moved(unit), unit: added))
        try db.cachedStatement(
            sql: "INSERT INTO widening (position, feed, moved, unit, rolling) VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: [head.position, feed.rawValue, unit.text, added.text, Int64(bitPattern: head.rolling)])
    }

    private func unitsThatWrote(in feed: Feed) throws -> Set<UnitCode> {
        try units(
            """
            SELECT DISTINCT unit FROM author
            WHERE EXISTS (SELECT 1 FROM run WHERE run.author = author.id AND feed = \(feed.rawValue))
            """)
    }

    private func units(_ sql: String) throws -> Set<UnitCode> {
        Set(try String.fetchAll(db.cachedStatement(sql: sql)).compactMap { UnitCode($0) })
    }
}

extension Topology {
    /// The units and all that stand above them.
    fileprivate func withAncestors(_ units: Set<UnitCode>) -> Set<UnitCode> {
        units.reduce(into: units) { $0.formUnion(above($1)) }
    }
}
