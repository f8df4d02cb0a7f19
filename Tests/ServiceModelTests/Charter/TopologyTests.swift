import Testing

@testable import ServiceModel

@Suite struct TopologyTests {
    private static let town = Topology(Town.units)

    @Test(arguments: [("V1", ["T1", "K1", "C"]), ("K2", ["C"]), ("C", []), ("X", [])])
    func above(unit: String, chain: [String]) {
        #expect(Self.town.above(Town.code(unit)).map(\.text) == chain)
    }

    @Test(arguments: [
        ("C", "V1", true), ("T1", "V1", true), ("V1", "V1", true), ("T2", "V1", false), ("V1", "T1", false),
    ])
    func isAboveOrSelf(upper: String, lower: String, expected: Bool) {
        #expect(Self.town.isAboveOrSelf(Town.code(upper), Town.code(lower)) == expected)
        #expect(Self.town.isAbove(Town.code(upper), Town.code(lower)) == (expected && upper != lower))
    }

    @Test func childrenFollowMoves() {
        let moved = Self.town.moving(Town.code("V1"), under: Town.code("T2"))
        #expect(moved.children(of: Town.code("T1")).map(\.text) == ["V2"])
        #expect(moved.children(of: Town.code("T2")).map(\.text) == ["V1", "V3"])
        #expect(moved[Town.code("V1")]?.parent == Town.code("T2"))
        #expect(moved.tier(of: Town.code("V1")) == 3)
        #expect(Self.town.children(of: Town.code("T1")).map(\.text) == ["V1", "V2"])
    }

    @Test func anUnknownUnitIsNotMoved() {
        let same = Self.town.moving(Town.code("X"), under: Town.code("T2"))
        #expect(!same.contains(Town.code("X")))
        #expect(same.count == Town.units.count)
    }

    @Test func aCircleOfMovesEnds() {
        let circle = Self.town.moving(Town.code("K1"), under: Town.code("V1"))
        #expect(circle.above(Town.code("V1")).map(\.text) == ["T1", "K1", "V1"])
        let self1 = Self.town.moving(Town.code("V1"), under: Town.code("V1"))
        #expect(self1.above(Town.code("V1")).map(\.text) == ["V1"])
    }

    @Test func manyMovesReadAsTheLast() {
        var topology = Self.town
        var expected: [UnitCode: UnitCode] = [:]
        var units: [UnitEntry] = []
        for number in 0..<200 {
            units.append(UnitEntry(code: Town.code("N\(number)"), name: "", tier: 3, parent: Town.code("T1")))
        }
        topology = topology.importing([units])
        for number in 0..<200 {
            let unit = Town.code("N\(number * 7 % 200)"), parent = Town.code(number % 2 == 0 ? "T2" : "T3")
            topology = topology.moving(unit, under: parent)
            expected[unit] = parent
        }
        for (unit, parent) in expected { #expect(topology.parent(of: unit) == parent) }
        #expect(topology.children(of: Town.code("T2")).count == 101)
        #expect(topology.children(of: Town.code("T1")).map(\.text) == ["V1", "V2"])
    }
}
