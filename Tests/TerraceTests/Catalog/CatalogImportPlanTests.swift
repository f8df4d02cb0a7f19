import Foundation
import ServiceModel
import Testing

@testable import terrace

@Suite struct CatalogImportPlanTests {
    private static func table(_ rows: String...) throws -> CatalogReading {
        let head = "item_code,name,department,kind,tier,promised_limit_workdays"
        return try CatalogFiles.reading(text: ([head] + rows).joined(separator: "\n"))
    }

    private static func published(_ plan: CatalogImportPlan) -> [String: CatalogItem] {
        Dictionary((plan.published + plan.revised).map { ($0.code, $0) }, uniquingKeysWith: { $1 })
    }

    @Test func aSecondImportChangesNothing() throws {
        let reading = try CatalogFiles.reading("items.json")
        let first = CatalogImportPlan(existing: [:], reading: reading)
        #expect(first.published.count == reading.entries.count && first.published.allSatisfy { $0.version == 1 })
        let second = CatalogImportPlan(existing: Self.published(first), reading: reading)
        #expect(second.published.isEmpty && second.revised.isEmpty && second.absent.isEmpty)
        #expect(CatalogReport(second).unchanged.count == reading.entries.count)
    }

    @Test func whatDiffersIsTheNextVersion() throws {
        let old = try Self.table("A,甲,部门,01,county,5", "B,乙,部门,01,county,5", "C,丙,部门,01,county,5")
        var existing = Self.published(CatalogImportPlan(existing: [:], reading: old))
        existing["A"]?.version = 7
        let new = try Self.table(
            "A,甲,部门,01,county,3", "B,乙,部门,01,county,5", "D,丁,部门,01,county,", "D,丁,部门,01,county,",
            "E,戊,部门,xx,county,")
        let plan = CatalogImportPlan(existing: existing, reading: new)
        let report = CatalogReport(plan)
        #expect(
            report.taken.map { "\($0.line) \($0.action) \($0.item) \($0.name) \($0.version)" } == [
                "2 revise A 甲 8", "4 publish D 丁 1",
            ])
        #expect(report.unchanged.map { "\($0.line) \($0.item)" } == ["3 B", "5 D"])
        #expect(report.refused.map { "\($0.line) \($0.code)" } == ["6 catalogFile.kind"])
        #expect(report.absent == ["C"])
        #expect(plan.revised.map(\.promised) == [TimeLimit(count: 3, unit: .workingDays)])
        #expect(
            report.text(mostListed: 0)
                == "and 1 more\npublished 1, revised 1, unchanged 2, refused 1, published without an entry here 1")
        let decoded = try JSONSerialization.jsonObject(with: Data(report.json().utf8)) as? [String: Any]
        #expect((decoded?["refused"] as? [[String: Any]])?.first?["line"] as? Int == 6)
    }

    @Test func aTableKeepsWhatItDoesNotSpeakAbout() throws {
        let items = try CatalogFiles.items("items.json")
        let rich = try #require(items.first { $0.route.count == 3 && !$0.instant })
        let row = [rich.code, rich.name, rich.department.name, rich.kind.code, "county", "2"].joined(separator: ",")
        let plan = CatalogImportPlan(
            existing: [rich.code: rich], reading: try Self.table(row))
        var expected = rich
        expected.version = 2
        expected.promised = TimeLimit(count: 2, unit: .workingDays)
        #expect(plan.revised == [expected])
    }

    @Test func aRevisionThatBreaksTheItemIsRefused() throws {
        let items = try CatalogFiles.items("items.json")
        let rich = try #require(items.first { $0.route == [3, 2, 1] })
        let row = [rich.code, rich.name, rich.department.name, rich.kind.code, "town", "99"].joined(separator: ",")
        let plan = CatalogImportPlan(
            existing: [rich.code: rich], reading: try Self.table(row))
        #expect(plan.revised.isEmpty)
        #expect(CatalogReport(plan).refused.map(\.code) == ["catalog.routeEnd"])
    }

    @Test(.enabled(if: CatalogFiles.hasReference, "\(ProjectFiles.absent)"))
    func theReferenceRowsAllGoThrough() throws {
        let reading = try CatalogFile.read(path: CatalogFiles.reference)
        #expect(CatalogFiles.refusals(reading) == [])
        let plan = CatalogImportPlan(existing: [:], reading: reading)
        #expect(plan.published.count == 1292)
        #expect(Set(plan.published.map(\.code)).count == 1292)
        #expect(plan.published.count { $0.code.hasPrefix("AUTO-") } == 158)
        #expect(plan.published.count(where: \.instant) == 9)
        #expect(plan.published.count { $0.decider == .beyond } == 1)
        #expect(plan.published.count { $0.statutory != nil } == 92)
        let again = CatalogImportPlan(existing: Self.published(plan), reading: reading)
        #expect(CatalogReport(again).unchanged.count == 1292 && again.absent.isEmpty)
    }
}
