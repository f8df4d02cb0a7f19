import Foundation
import ServiceModel
import Testing

@testable import terrace

@Suite struct CatalogFileTests {
    @Test func aTableWithMistakesLosesOnlyItsBadRows() throws {
        let reading = try CatalogFiles.reading("bad.csv")
        #expect(
            CatalogFiles.refusals(reading) == [
                "4 catalogFile.duplicate", "7 catalogFile.limit", "8 catalog.promiseLonger", "9 catalogFile.kind",
                "10 catalogFile.tier", "11 catalogFile.missing", "13 csv.rowLength", "14 catalogFile.limit",
                "15 catalog.limitRange", "16 catalog.malformed",
            ])
        let good = try reading.entries.compactMap { entry -> CatalogItem? in
            if case .failure = entry.item { return nil }
            return try entry.item.get()
        }
        #expect(good.count == 4)
        #expect(good[0].code == "X-001" && good[0].note == "要现场核查，\n时间另行告知")
        #expect(good[0].basis == ["《中华人民共和国食品安全法》"] && good[0].tags == ["食品"])
        #expect(good[0].decider == .tier(1) && good[0].accepting.tiers == [1])
        #expect(good[0].statutory == TimeLimit(count: 20, unit: .workingDays) && !good[0].instant)
        #expect(good[1] == good[2] && good[1].instant && good[1].promised?.count == 0)
        #expect(good[1].code == DerivedCode.code(department: "村民委员会", name: "居住证明"))
        #expect(good[3].kind == .benefit && good[3].tags == ["老年", "民生"])
    }

    @Test func aRefusalNamesWhatItFound() throws {
        let reading = try CatalogFiles.reading("bad.csv")
        let reasons = reading.entries.compactMap { entry -> String? in
            if case .failure(let refusal) = entry.item { refusal.description } else { nil }
        }
        let parts = [
            "line 2", "二十", "promised", "行政审批", "district", "name", "3 cells", "-1", "promised", "code",
        ]
        #expect(reasons.count == parts.count)
        for (reason, part) in zip(reasons, parts) { #expect(reason.contains(part)) }
    }

    @Test func anArrayWithMistakesLosesOnlyItsBadItems() throws {
        let reading = try CatalogFiles.reading("bad.json")
        #expect(
            CatalogFiles.refusals(reading) == [
                "4 catalogFile.duplicate", "6 catalogFile.unknownKey", "8 catalogFile.limit", "10 catalogFile.json",
                "11 catalogFile.json", "12 catalog.routeOrder", "14 catalog.repeated", "17 catalogFile.json",
                "18 catalogFile.malformed", "20 catalogFile.date",
            ])
        #expect(reading.entries.map(\.line) == [2, 4, 6, 8, 10, 11, 12, 14, 17, 18, 20, 22])
        #expect(try reading.entries[0].item.get().promised == TimeLimit(count: 10, unit: .workingDays))
        #expect(try reading.entries[11].item.get().code == DerivedCode.code(department: "村民委员会", name: "居住证明"))
        #expect(throws: CatalogRefusal.unknownKey("promissed")) { try reading.entries[2].item.get() }
        #expect(throws: CatalogRefusal.json(Words("decidedBy is not there", "缺少decidedBy"))) {
            try reading.entries[4].item.get()
        }
        #expect(throws: CatalogRefusal.problems([.repeated("materials", "a"), .pattern("account")])) {
            try reading.entries[7].item.get()
        }
        #expect(throws: CatalogRefusal.json(Words("name is of another type than it should be", "name的类型不对"))) {
            try reading.entries[8].item.get()
        }
    }

    @Test func aTableMustNameItsColumns() throws {
        let found = ["name", "department", "legal_limit_workdays", "tier"]
        #expect(throws: CSVError.missingColumn(name: "kind", found: found)) {
            try CatalogFiles.reading("missing-column.csv")
        }
        #expect(throws: CSVError.noHeader) { try CatalogFiles.reading(text: "") }
        #expect(throws: CSVError.duplicateColumn(name: "fee")) {
            try CatalogFiles.reading(text: "name,department,kind,tier,fee,fee\n")
        }
        #expect(try CatalogFiles.reading(text: "name,department,kind,tier\n").entries.isEmpty)
    }

    @Test func everyColumnOfATableIsRead() throws {
        let columns = (CatalogCSV.required + CatalogCSV.optional).joined(separator: ",")
        let cells = [
            "名称", "部门", "07", "县级", "C-1", "1个月", "20日", "组", "说明", "法一|法二", "责任清单", "别名一；别名二", "标签|组", "结婚",
            "379902", "11371602900000022K", "village|town|county", "村级|镇级|县级", "免费", "证书", "2015-01-01", "2020-12-31",
            "一号", "12345", "全天",
        ]
        let reading = try CatalogFiles.reading(text: columns + "\n" + cells.joined(separator: ","))
        #expect(reading.parts == Set(CatalogPart.allCases).subtracting([.materials, .form]))
        var expected = CatalogItem(
            code: "C-1", name: "名称", kind: .confirmation, list: .responsibilities,
            department: ItemDepartment(name: "部门", unit: UnitCode("379902"), creditCode: "11371602900000022K"),
            accepting: ItemAcceptance(tiers: [3, 2, 1]), decider: .tier(1), route: [3, 2, 1])
        expected.statutory = TimeLimit(count: 1, unit: .months)
        expected.promised = TimeLimit(count: 20, unit: .days)
        expected.note = "说明"
        expected.basis = ["法一", "法二"]
        expected.aliases = ["别名一", "别名二"]
        expected.tags = ["标签", "组"]
        expected.lifeEvents = ["结婚"]
        expected.fee = "免费"
        expected.result = "证书"
        expected.from = 16_436
        expected.until = 18_627
        expected.place = ServicePlace(window: "一号", phone: "12345", hours: "全天")
        #expect(try reading.entries.map { try $0.item.get() } == [expected])
    }

    @Test func tiersGoByTheNetworksOwnNames() throws {
        let head = "name,department,kind,tier\n", tiers = TierNames(["province", "city", "county"])
        let reading = try CatalogFiles.reading(
            text: head + "甲,部门,01,province\n乙,部门,01,county\n丙,部门,01,town\n", tiers: tiers)
        #expect(try reading.entries[0].item.get().decider == .tier(0))
        #expect(try reading.entries[1].item.get().decider == .tier(2))
        #expect(throws: CatalogRefusal.unknownTier("town", known: tiers.names)) { try reading.entries[2].item.get() }
        let beyond = try CatalogFiles.reading(text: head + "甲,部门,01,province\n").entries[0].item.get()
        #expect(beyond.decider == .beyond && beyond.accepting.tiers == [0])
    }

    @Test(
        arguments: [
            ("", nil), ("20", (20, .workingDays)), ("0", (0, .workingDays)), ("20工作日", (20, .workingDays)),
            ("20个工作日", (20, .workingDays)), ("20 个工作日", (20, .workingDays)), ("30日", (30, .days)),
            ("30天", (30, .days)), ("30个自然日", (30, .days)), ("2月", (2, .months)), ("2个月", (2, .months)),
            ("10000", (10_000, .workingDays)),
        ] as [(String, (UInt32, TimeLimit.Unit)?)])
    func limits(text: String, expected: (UInt32, TimeLimit.Unit)?) throws {
        let expected = expected.map { TimeLimit(count: $0.0, unit: $0.1) }
        #expect(try LimitText.limit("promised", text) == expected)
    }

    @Test(arguments: ["10001", "-1", "1.5", "个月", "三日", "2年", "20个", "99999999999999999999", "1\u{302}"])
    func noLimits(text: String) {
        #expect(throws: CatalogRefusal.limit("promised", text)) { try LimitText.limit("promised", text) }
    }
}
