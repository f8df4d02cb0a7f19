import GRDB
import ServiceModel
import Testing

@testable import Replica

/// The rows of the units, of which only those are written that a charter entry has changed.
@Suite struct UnitRowsTests {
    private typealias Unit = (code: String, name: String, parent: String?, tier: Int)

    /// What the charter says one after the other, each a whole topology.
    private static let charters: [(what: String, units: [Unit])] = [
        ("a village more", base + [("X", "X", "T", 3)]),
        ("a town more, and its villages", base + [("X", "X", "T", 3), ("U", "U", "K", 2), ("Y", "Y", "U", 3)]),
        ("another name", base + [("X", "新村", "T", 3), ("U", "U", "K", 2), ("Y", "Y", "U", 3)]),
        ("a town elsewhere, and another one", base + [("X", "新村", "T", 3), ("U", "U", "B", 2), ("Y", "Y", "U", 3)]),
        ("fewer", base),
    ]
    private static let base: [Unit] = [
        ("C", "C", nil, 0), ("B", "B", "C", 1), ("K", "K", "C", 1), ("T", "T", "K", 2), ("V", "V", "T", 3),
        ("W", "W", "T", 3),
    ]

    @Test func areThoseThatARebuildWrites() throws {
        let town = try Town(["C", "K"])
        for charter in Self.charters {
            try town["C"].importUnits(
                charter.units.map { row in
                    UnitEntry(
                        code: UnitCode(row.code)!, name: row.name, tier: row.tier,
                        parent: row.parent.flatMap { UnitCode($0) }, kind: row.code == "B" ? .branch : .centre)
                })
            try town.exchange("C", "K")
            for name in ["C", "K"] {
                let (codes, lines) = try town[name].replica.read { transaction in
                    (
                        try String.fetchAll(transaction.db, sql: "SELECT code FROM unit ORDER BY code"),
                        try String.fetchAll(
                            transaction.db,
                            sql: "SELECT unit || ancestor FROM unit_above ORDER BY unit, ancestor")
                    )
                }
                let topology = try town[name].replica.read { $0.charter.current.topology }
                #expect(codes == topology.codes.map(\.text), "\(charter.what) at \(name)")
                let expected = topology.codes.flatMap { unit in
                    ([unit] + topology.above(unit)).map { unit.text + $0.text }
                }
                #expect(lines == expected.sorted(), "\(charter.what) at \(name)")
                let isSame = try town[name].replica.rebuild(keeping: false).allSatisfy(\.isSame)
                #expect(isSame, "\(charter.what) at \(name)")
            }
        }
    }
}
