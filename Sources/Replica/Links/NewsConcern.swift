import GRDB
import ServiceModel

/// Whom of those below something new may concern: news wakes who needs it and not everybody, since in a storm each of
/// hundreds has some.
package enum NewsConcern: Hashable, Sendable {
    case everybody
    case units(Set<UnitCode>)

    package func includes(_ unit: UnitCode) -> Bool {
        switch self {
        case .everybody: true
        case .units(let units): units.contains(unit)
        }
    }
}

/// Up to where news was told.
package struct NewsMark: Hashable, Sendable {
    let position: Int64
    let joins: Int
}

extension Transaction {
    /// Beyond so many rows it is not looked whom each concerns.
    private static let mostRowsOfNews: Int64 = 1024

    /// Where this replica stands, and whom what has come behind a mark may concern; nil when nothing has. Who is not
    /// concerned finds a cursor's movement at most, with whatever comes next.
    package func news(behind mark: NewsMark?) throws -> (mark: NewsMark, concern: NewsConcern?) {
        let joins = try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM charter_join")) ?? 0
        let reached = NewsMark(position: try journalHead().position, joins: joins)
        guard let mark, mark != reached else { return (reached, mark == nil ? .everybody : nil) }
        return (reached, try concern(of: mark, reached))
    }

    private func concern(of mark: NewsMark, _ reached: NewsMark) throws -> NewsConcern {
        let isForAll = try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM journal WHERE position > ? AND feed <> 2)"),
            arguments: [mark.position])
        guard isForAll == false, mark.joins == reached.joins,
            (0...Self.mostRowsOfNews).contains(reached.position - mark.position)
        else { return .everybody }
        let units = try String.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT unit FROM audience WHERE record IN (SELECT record FROM journal WHERE position > ?1)
                    UNION SELECT unit FROM widening WHERE position > ?1
                    """), arguments: [mark.position])
        let topology = charter.current.topology
        return .units(
            units.lazy.compactMap { UnitCode($0) }.reduce(into: []) { concerned, unit in
                concerned.formUnion([unit] + topology.above(unit))
            })
    }
}
