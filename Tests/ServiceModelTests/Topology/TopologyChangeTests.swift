import Testing

@testable import ServiceModel

struct TopologyChangeTests {
    private func day(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }

    /// What an import leaves in the charter.
    private func importing(_ changes: [TopologyChange], into units: [UnitEntry]) -> [UnitEntry] {
        var known = Dictionary(uniqueKeysWithValues: units.map { ($0.code, $0) })
        for change in changes { known[change.unit.code] = change.unit }
        return known.values.sorted { $0.code < $1.code }
    }

    private func summary(_ changes: [TopologyChange]) -> [String] {
        changes.map { "\($0.kind.rawValue) \($0.unit.code)" }
    }

    @Test func firstImportAddsParentsFirstAndTheSecondNothing() throws {
        let plan = TopologyPlan(rows: TopologyPlanTests.sound)
        let first = try plan.changes(from: [], lastDay: day("2026-01-01"))
        #expect(
            summary(first) == [
                "added 3799", "added 379902", "added 3799B1", "added 379902001", "added 379902001001",
            ])
        let units = importing(first, into: [])
        #expect(try plan.changes(from: units, lastDay: day("2026-01-02")) == [])
        #expect(try TopologyPlan(rows: plan.rows.reversed()).changes(from: units, lastDay: day("2026-01-02")) == [])
    }

    @Test func addsMovesChangesAndEnds() throws {
        let sound = TopologyPlanTests.sound
        let units = try TopologyPlan(rows: sound).units()
        var rows = Array(sound.dropLast(2))
        rows[2] = planRow(4, "379902", "county", "3799", name: "新名")
        rows += [
            planRow(7, "379903", "county", "3799"), planRow(8, "379903001", "town", "379903"),
            planRow(9, "379902001001", "village", "379903001"),
        ]
        let plan = TopologyPlan(rows: rows)
        let changes = try plan.changes(from: units, lastDay: day("2026-01-01"))
        #expect(
            summary(changes) == [
                "changed 379902", "added 379903", "ended 379902001", "added 379903001", "moved 379902001001",
            ])
        #expect(try changes[2].unit.until == day("2026-01-01").dayNumber)
        #expect(changes[2].before?.until == nil)
        #expect(changes[4].before?.parent == UnitCode("379902001"))
        let after = importing(changes, into: units)
        #expect(try plan.changes(from: after, lastDay: day("2026-05-05")) == [])
    }

    @Test func anEndedUnitThatIsNamedAgainIsValidAgain() throws {
        let plan = TopologyPlan(rows: TopologyPlanTests.sound)
        let short = TopologyPlan(rows: Array(TopologyPlanTests.sound.dropLast()))
        let units = try plan.units()
        let ended = importing(try short.changes(from: units, lastDay: day("2026-01-01")), into: units)
        let again = try plan.changes(from: ended, lastDay: day("2026-02-01"))
        #expect(summary(again) == ["changed 379902001001"])
        #expect(importing(again, into: ended) == units.sorted { $0.code < $1.code })
    }

    @Test func whatAFileLeavesOutStays() throws {
        var rows = TopologyPlanTests.sound
        rows[1] = planRow(3, "3799B1", "county", "3799", kind: "branch", division: "370001", from: "2015-01-01")
        let units = try TopologyPlan(rows: rows).units()
        rows[1] = planRow(3, "3799B1", "county", "3799", name: "新名")
        let changes = try TopologyPlan(rows: rows).changes(from: units, lastDay: day("2026-01-01"))
        #expect(summary(changes) == ["changed 3799B1"])
        #expect(changes[0].unit.kind == .branch)
        #expect(changes[0].unit.division == "370001")
        #expect(try changes[0].unit.from == day("2015-01-01").dayNumber)
        rows[1] = planRow(3, "3799B1", "county", "3799", kind: "centre", division: "", from: "")
        let emptied = try TopologyPlan(rows: rows).changes(from: units, lastDay: day("2026-01-01"))
        #expect(emptied.map(\.unit.kind) == [.centre])
        #expect(emptied[0].unit.division == nil)
        #expect(emptied[0].unit.from == nil)
    }

    @Test func endsAreNeverBeforeBeginnings() throws {
        var rows = TopologyPlanTests.sound
        rows[4] = planRow(6, "379902001001", "village", "379902001", from: "2030-01-01")
        let units = try TopologyPlan(rows: rows).units()
        let short = TopologyPlan(rows: Array(rows.dropLast()))
        let changes = try short.changes(from: units, lastDay: day("2026-01-01"))
        #expect(try changes.map(\.unit.until) == [day("2030-01-01").dayNumber])
        #expect(try short.changes(from: importing(changes, into: units), lastDay: day("2026-01-02")) == [])
        rows[4] = planRow(6, "379902001001", "village", "379902001", until: "2029-01-01")
        #expect { try TopologyPlan(rows: rows).changes(from: units, lastDay: day("2026-01-01")) } throws: {
            ($0 as? TopologyRejected)?.problems.map(\.kind) == [.badDates]
        }
    }

    @Test func anotherRootIsRefused() throws {
        let units = try TopologyPlan(rows: TopologyPlanTests.sound).units()
        let other = TopologyPlan(rows: [planRow(7, "3800", "city", nil)])
        #expect { try other.changes(from: units, lastDay: day("2026-01-01")) } throws: {
            ($0 as? TopologyRejected)?.problems.map { "\($0.kind.rawValue) \($0.line)" } == ["topology.otherRoot 7"]
        }
    }
}
