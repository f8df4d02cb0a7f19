import GRDB
import ServiceModel

extension Schema {
    /// What is asked is who is below a unit, or whether two stand above each other: one order of the pairs is enough.
    static let unitsBelow = """
        CREATE TEMP TABLE above AS SELECT ancestor, unit FROM unit_above;
        DROP TABLE unit_above;
        CREATE TABLE unit_above (
            ancestor TEXT NOT NULL,
            unit TEXT NOT NULL,
            PRIMARY KEY (ancestor, unit)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO unit_above (ancestor, unit) SELECT ancestor, unit FROM above ORDER BY ancestor, unit;
        DROP TABLE above;
        """
}

extension Transaction {
    private static let unitColumns = "code, name, tier, parent, kind, division, valid_from, valid_until"

    private static func cells(of unit: UnitEntry, _ code: UnitCode) -> [DatabaseValue] {
        let cells: [(any DatabaseValueConvertible)?] = [
            code.text, unit.name, unit.tier, unit.parent?.text, unit.kind.rawValue, unit.division, unit.from,
            unit.until,
        ]
        return cells.map { $0?.databaseValue ?? .null }
    }

    /// The tables of units that do not say what the charter says.
    func misderivedUnits() throws -> [String] {
        let topology = charter.current.topology
        let units = topology.codes.compactMap { code in topology[code].map { Self.cells(of: $0, code) } }
        let pairs = topology.codes.flatMap { code in
            ([code] + topology.above(code)).map { [$0.text.databaseValue, code.text.databaseValue] }
        }
        let proper = [
            ("unit", "SELECT \(Self.unitColumns) FROM unit", units),
            ("unit_above", "SELECT ancestor, unit FROM unit_above", pairs),
        ]
        return try proper.filter { _, find, rows in
            let held = try Row.fetchAll(db, sql: find).map { Array($0.databaseValues) }
            // In a circle of moves a unit is above itself, and the table has that once.
            let proper = Set(rows)
            return held.count != proper.count || Set(held) != proper
        }.map(\.0)
    }

    /// Writes the units of the present topology where SQL can ask for them.
    /// - Parameter before: the topology that was written last; nil where nothing is to be relied on.
    func writeUnits(since before: Topology? = nil) throws {
        authoredBelow = [:]
        let topology = charter.current.topology
        // A charter comes in pieces, and a city's units are many: what stays as it is is not written again.
        let known = before.flatMap { topology.onlyAdds(to: $0) ? $0 : nil }
        if known == nil { try db.execute(sql: "DELETE FROM unit_above; DELETE FROM unit") }
        let write = try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO unit (\(Self.unitColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        var new: [UnitCode] = []
        for code in topology.codes {
            guard let unit = topology[code], unit != known?[code] else { continue }
            if known?.contains(code) != true { new.append(code) }
            try write.execute(arguments: StatementArguments(Self.cells(of: unit, code)))
        }
        try writeAncestors(of: new, topology)
    }

    /// All units right below one have the same units above them.
    private func writeAncestors(of new: [UnitCode], _ topology: Topology) throws {
        let write = try db.cachedStatement(
            sql: "INSERT OR IGNORE INTO unit_above (ancestor, unit) SELECT ?, value FROM json_each(?)")
        try db.cachedStatement(
            sql: "INSERT OR IGNORE INTO unit_above (ancestor, unit) SELECT value, value FROM json_each(?)"
        ).execute(arguments: [JSONText.array(new.map(\.text))])
        for (parent, units) in Dictionary(grouping: new, by: topology.parent).sorted(by: { $0.value[0] < $1.value[0] })
        {
            guard let parent else { continue }
            let below = JSONText.array(units.map(\.text))
            for unit in [parent] + topology.above(parent) { try write.execute(arguments: [unit.text, below]) }
        }
    }
}
