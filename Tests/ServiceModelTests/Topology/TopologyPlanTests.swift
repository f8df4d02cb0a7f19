import Testing

@testable import ServiceModel

/// A row with its line, as short as a table needs it.
func planRow(
    _ line: Int, _ code: String, _ tier: String, _ parent: String?, name: String = "名", kind: String? = nil,
    division: String? = nil, from: String? = nil, until: String? = nil
) -> TopologyPlan.Row {
    TopologyPlan.Row(
        line: line, code: code, name: name, tier: tier, parent: parent, kind: kind, division: division, from: from,
        until: until)
}

struct TopologyPlanTests {
    static let sound = [
        planRow(2, "3799", "city", "37"), planRow(3, "3799B1", "county", "3799", kind: "branch"),
        planRow(4, "379902", "county", "3799"), planRow(5, "379902001", "town", "379902"),
        planRow(6, "379902001001", "village", "379902001"),
    ]

    @Test func soundPlan() throws {
        let plan = TopologyPlan(rows: Self.sound.reversed())
        #expect(plan.check() == [])
        let units = try plan.units()
        #expect(units.map(\.code.text) == ["3799", "379902", "3799B1", "379902001", "379902001001"])
        #expect(units.map(\.tier) == [0, 1, 1, 2, 3])
        #expect(units.map(\.kind) == [.centre, .centre, .branch, .centre, .point])
        #expect(units.first?.parent == nil)
        #expect(units.last?.parent == UnitCode("379902001"))
    }

    /// Rows put after the sound ones, and what is found: kind, line, unit.
    static let mistakes: [(String, [TopologyPlan.Row], [String])] = [
        ("duplicate", [planRow(9, "379902", "county", "3799")], ["topology.duplicate 9 379902"]),
        ("orphan", [planRow(9, "4", "town", "nowhere")], ["topology.orphan 9 4"]),
        ("orphan without parent", [planRow(9, "4", "town", nil)], ["topology.orphan 9 4"]),
        ("orphan with empty parent", [planRow(9, "4", "town", "")], ["topology.orphan 9 4"]),
        ("tier skipped", [planRow(9, "4", "village", "379902")], ["topology.tierSkipped 9 4"]),
        ("two tiers skipped", [planRow(9, "4", "village", "3799")], ["topology.tierSkipped 9 4"]),
        ("same tier", [planRow(9, "4", "town", "379902001")], ["topology.tierOrder 9 4"]),
        ("upside down", [planRow(9, "4", "county", "379902001")], ["topology.tierOrder 9 4"]),
        ("city under county", [planRow(9, "4", "city", "379902")], ["topology.tierOrder 9 4"]),
        ("second root", [planRow(9, "38", "city", nil)], ["topology.twoRoots 9 38"]),
        ("second root under the same outside unit", [planRow(9, "38", "city", "37")], ["topology.twoRoots 9 38"]),
        ("circle of one", [planRow(9, "4", "town", "4")], ["topology.cycle 9 4"]),
        (
            "circle of three",
            [planRow(9, "4", "county", "6"), planRow(10, "5", "town", "4"), planRow(11, "6", "village", "5")],
            ["topology.cycle 9 4"]
        ),
        (
            "two circles and a tail",
            [
                planRow(9, "4", "town", "5"), planRow(10, "5", "town", "4"), planRow(11, "6", "village", "5"),
                planRow(12, "7", "town", "7"),
            ], ["topology.cycle 9 4", "topology.cycle 12 7"]
        ),
        ("empty code", [planRow(9, "", "town", "379902")], ["topology.badCode 9 "]),
        ("small letters", [planRow(9, "3799b2", "county", "3799")], ["topology.badCode 9 3799b2"]),
        ("letter like a digit", [planRow(9, "3799O2", "county", "3799")], ["topology.badCode 9 3799O2"]),
        (
            "code of 33", [planRow(9, String(repeating: "1", count: 33), "county", "3799")],
            [
                "topology.badCode 9 " + String(repeating: "1", count: 33)
            ]
        ),
        ("empty name", [planRow(9, "4", "county", "3799", name: "")], ["topology.badName 9 4"]),
        ("blank name", [planRow(9, "4", "county", "3799", name: " ")], ["topology.badName 9 4"]),
        ("name with a line end", [planRow(9, "4", "county", "3799", name: "甲\n乙")], ["topology.badName 9 4"]),
        (
            "name with a direction mark", [planRow(9, "4", "county", "3799", name: "甲\u{202E}乙")],
            ["topology.badName 9 4"]
        ),
        (
            "name of 101", [planRow(9, "4", "county", "3799", name: String(repeating: "甲", count: 101))],
            ["topology.badName 9 4"]
        ),
        ("name of 100", [planRow(9, "4", "county", "3799", name: String(repeating: "甲", count: 100))], []),
        ("unknown tier", [planRow(9, "4", "hamlet", "379902001")], ["topology.unknownTier 9 4"]),
        ("no tier", [planRow(9, "4", "", "379902001")], ["topology.unknownTier 9 4"]),
        ("tier in capitals", [planRow(9, "4", "Town", "379902")], ["topology.unknownTier 9 4"]),
        ("unknown kind", [planRow(9, "4", "town", "379902", kind: "office")], ["topology.badKind 9 4"]),
        ("division with letters", [planRow(9, "4", "town", "379902", division: "37A")], ["topology.badDivision 9 4"]),
        (
            "division of 13", [planRow(9, "4", "town", "379902", division: "1234567890123")],
            ["topology.badDivision 9 4"]
        ),
        ("no such day", [planRow(9, "4", "town", "379902", from: "2015-02-30")], ["topology.badDates 9 4"]),
        (
            "another way to write a day", [planRow(9, "4", "town", "379902", until: "2015/1/1")],
            ["topology.badDates 9 4"]
        ),
        (
            "ends before it begins", [planRow(9, "4", "town", "379902", from: "2015-01-02", until: "2015-01-01")],
            ["topology.badDates 9 4"]
        ),
        (
            "outlasts its parent",
            [
                planRow(9, "4", "county", "3799", until: "2018-06-30"),
                planRow(10, "5", "town", "4", until: "2018-07-01"), planRow(11, "6", "town", "4"),
                planRow(12, "7", "town", "4", until: "2018-06-30"),
            ], ["topology.badDates 10 5", "topology.badDates 11 6"]
        ),
        (
            "several at once", [planRow(9, "4!", "hamlet", nil, name: "")],
            ["topology.badCode 9 4!", "topology.badName 9 4!", "topology.unknownTier 9 4!"]
        ),
    ]

    @Test(arguments: mistakes)
    func mistake(_ title: String, rows: [TopologyPlan.Row], found: [String]) {
        let problems = TopologyPlan(rows: Self.sound + rows).check()
        #expect(problems.map { "\($0.kind.rawValue) \($0.line) \($0.unit)" } == found)
        #expect(problems.allSatisfy { !$0.detail[.english].isEmpty && $0.description.contains("line \($0.line)") })
    }

    @Test(arguments: [
        ([TopologyPlan.Row](), ["topology.noRoot"]),
        ([planRow(2, "3799", "county", nil)], ["topology.noRoot", "topology.orphan"]),
        ([planRow(2, "3799", "city", nil, kind: "branch")], ["topology.badKind"]),
        ([planRow(2, "1", "city", "2"), planRow(3, "2", "city", nil)], ["topology.tierOrder"]),
        ([planRow(2, "1", "city", "2"), planRow(3, "2", "city", "1")], ["topology.cycle"]),
    ])
    func roots(rows: [TopologyPlan.Row], found: [String]) {
        #expect(TopologyPlan(rows: rows).check().map(\.kind.rawValue) == found)
    }

    @Test(arguments: [
        [], ["a", "a"], [""], [String(repeating: "t", count: 33)], (1...9).map { "t\($0)" },
    ])
    func badTiers(tiers: [String]) {
        #expect(TopologyPlan(tiers: tiers, rows: Self.sound).check().map(\.kind) == [.badTiers])
    }

    @Test func otherTiers() throws {
        let plan = TopologyPlan(tiers: ["市", "区"], rows: [planRow(1, "A", "市", nil), planRow(2, "B", "区", "A")])
        #expect(try plan.units().map(\.kind) == [.centre, .point])
    }

    @Test func tooMany() {
        var rows = [planRow(1, "1", "city", nil)]
        for index in 0..<TopologyPlan.mostUnits - 1 { rows.append(planRow(index + 2, "1B\(index)", "county", "1")) }
        #expect(TopologyPlan(rows: rows).check() == [])
        rows.append(planRow(99_999, "4", "county", "1"))
        #expect(
            TopologyPlan(rows: rows).check().map { "\($0.kind.rawValue) \($0.line) \($0.unit)" }
                == ["topology.tooManyUnits 99999 4"])
    }

    @Test func aLongChainIsWalkedOnce() {
        let rows = (0..<TopologyPlan.mostUnits).map { planRow($0 + 1, "1\($0)", "town", "1\($0 + 1)") }
        let kinds = Set(TopologyPlan(rows: rows).check().map(\.kind))
        #expect(kinds == [.noRoot, .orphan, .tierOrder])
    }

    @Test func rejectedWithAllProblems() {
        let plan = TopologyPlan(rows: Self.sound + [planRow(9, "4", "town", nil), planRow(10, "5", "town", nil)])
        #expect { try plan.units() } throws: { error in (error as? TopologyRejected)?.problems.count == 2 }
    }
}
