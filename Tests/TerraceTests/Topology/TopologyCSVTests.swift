import ServiceModel
import Testing

@testable import terrace

struct TopologyCSVTests {
    static let header = "code,name,tier,parent_code\n"

    @Test func columnsInAnyOrderAndCase() throws {
        let text =
            "\u{FEFF}Parent_Code,x,TIER,Name,CODE,kind\r\n37,,city,滨湖市,3799,\r\n"
            + "3799,,county, 公安 ,3799B1,branch\r\n"
        let plan = try TopologyCSV.read(text.utf8)
        #expect(plan.tiers == TopologyPlan.defaultTiers)
        #expect(
            plan.rows == [
                TopologyPlan.Row(line: 2, code: "3799", name: "滨湖市", tier: "city", parent: "37", kind: ""),
                TopologyPlan.Row(line: 3, code: "3799B1", name: "公安", tier: "county", parent: "3799", kind: "branch"),
            ])
        #expect(plan.check() == [])
    }

    static let mistakes: [(String, String)] = [
        ("", "csv.noHeader"), ("code,name,tier\n", "csv.missingColumn"),
        ("code,name,tier,parent_code,CODE\n", "csv.duplicateColumn"),
        (header + "1,甲,city\n", "csv.rowLength"), (header + "1,甲,city,,x\n", "csv.rowLength"),
        (header + "1,\"甲,city,\n", "csv.unclosedQuote"), (header + "1,甲\"乙\",city,\n", "csv.strayQuote"),
        (header + "1,\"甲\"乙,city,\n", "csv.textAfterQuote"),
        (header + "1," + String(repeating: "a", count: 65_537) + ",city,\n", "csv.cellTooLong"),
        (String(repeating: "a,", count: 256), "csv.rowTooLong"), (header + "1,\0,city,\n", "csv.notText"),
    ]

    @Test(arguments: mistakes)
    func refused(text: String, code: String) {
        #expect { try TopologyCSV.read(text.utf8) } throws: { error in (error as? CSVError)?.code == code }
    }

    @Test func anEmptyTableHasNoRoot() throws {
        #expect(try TopologyCSV.read(Self.header.utf8).check().map(\.kind) == [.noRoot])
    }

    @Test func tooManyUnitsStopTheReading() {
        let text = Self.header + String(repeating: "1,甲,city,\n", count: TopologyPlan.mostUnits + 1) + "\"unclosed"
        #expect { try TopologyCSV.read(text.utf8) } throws: { error in
            (error as? TopologyRejected)?.problems.map { "\($0.kind.rawValue) \($0.line)" }
                == ["topology.tooManyUnits \(TopologyPlan.mostUnits + 2)"]
        }
    }

    @Test(
        .enabled(
            if: ProjectFiles.exists(ProjectFiles.reference("divisions-binzhou-2020.csv")),
            Comment(rawValue: ProjectFiles.absent)))
    func divisionsOf2020() throws {
        let plan = try TopologyFile.read(path: ProjectFiles.reference("divisions-binzhou-2020.csv"))
        #expect(plan.check() == [])
        let units = try plan.units()
        #expect(units.count == 4274)
        #expect([0, 1, 2, 3].map { tier in units.count { $0.tier == tier } } == [1, 7, 91, 4175])
        #expect(units.first?.name == "滨州市")
        #expect(units.first?.parent == nil)
    }
}
