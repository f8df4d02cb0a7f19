import ServiceModel
import Testing

@Suite struct CatalogCheckTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let problems: [CatalogProblem]
        let change: @Sendable (inout CatalogItem) -> Void

        init(_ name: String, _ problems: [CatalogProblem], _ change: @escaping @Sendable (inout CatalogItem) -> Void) {
            testDescription = name
            self.problems = problems
            self.change = change
        }
    }

    @Test func aSoundItemHasNoProblems() {
        #expect(CatalogSamples.item().validate() == [])
    }

    @Test(arguments: [
        Case("no code", [.missing("code")]) { $0.code = "" },
        Case("blank in code", [.malformed("code")]) { $0.code = "BH 1" },
        Case("code of 64", []) { $0.code = String(repeating: "a", count: 64) },
        Case("code of 65", [.tooLong("code", most: 64)]) { $0.code = String(repeating: "a", count: 65) },
        Case("version 0", [.missing("version")]) { $0.version = 0 },
        Case("blank name", [.missing("name")]) { $0.name = "  " },
        Case("name at its bound", []) { $0.name = String(repeating: "名", count: 128) },
        Case("name past its bound", [.tooLong("name", most: 384)]) { $0.name = String(repeating: "名", count: 129) },
        Case("line break in name", [.malformed("name")]) { $0.name = "食品\n登记" },
        Case("no department", [.missing("department")]) { $0.department.name = "" },
        Case("alias twice", [.repeated("aliases", "甲")]) { $0.aliases = ["甲", "乙", "甲", "甲"] },
        Case("too many tags", [.tooMany("tags", most: 32)]) { $0.tags = (0..<33).map { "标签\($0)" } },
        Case("empty tag", [.missing("tags")]) { $0.tags = [""] },
        Case("nobody accepts", [.nobodyAccepts]) { $0.accepting = ItemAcceptance() },
        Case("a unit accepts", []) { $0.accepting = ItemAcceptance(units: [CatalogSamples.town]) },
        Case("rank of no tier", [.tier("acceptedBy", 8), .routeMisses(8)]) { $0.accepting.tiers.append(8) },
        Case("negative rank", [.tier("decidedBy", -1), .routeEnd]) { $0.decider = .tier(-1) },
        Case("tier twice", [.repeated("acceptedBy", "3")]) { $0.accepting.tiers = [3, 3] },
        Case("route goes down", [.routeOrder, .routeEnd]) { $0.route = [1, 2, 3] },
        Case("route stands still", [.routeOrder]) { $0.route = [3, 2, 2, 1] },
        Case("route ends early", [.routeEnd]) { $0.decider = .tier(0) },
        Case("route begins late", [.routeMisses(3)]) { $0.route = [2, 1] },
        Case("no route", []) { $0.route = [] },
        Case("decided below", [.routeEnd, .routeMisses(1)]) { $0.decider = .tier(2) },
        Case("decided by a unit", []) { $0.decider = .unit(CatalogSamples.branch) },
        Case("decided beyond", []) {
            $0.decider = .beyond; $0.route = [3, 2, 1, 0]
        },
        Case("decided beyond, route ends early", [.routeEnd]) { $0.decider = .beyond },
        Case("promise as long", []) { $0.promised = $0.statutory },
        Case("promise longer", [.promiseLonger]) { $0.promised = TimeLimit(count: 21, unit: .workingDays) },
        Case("promise in days", []) { $0.promised = TimeLimit(count: 28, unit: .days) },
        Case("promise longer in months", [.promiseLonger]) { $0.promised = TimeLimit(count: 1, unit: .months) },
        Case("promise of 0", [.limitRange("promised")]) { $0.promised = TimeLimit(count: 0, unit: .workingDays) },
        Case("limit of 0", [.limitRange("statutory"), .promiseLonger]) {
            $0.statutory = TimeLimit(count: 0, unit: .workingDays)
        },
        Case("limit past its bound", [.limitRange("statutory")]) {
            $0.statutory = TimeLimit(count: 10_001, unit: .workingDays)
        },
        Case("at once", []) {
            $0.instant = true
            $0.promised = TimeLimit(count: 0, unit: .workingDays)
        },
        Case("at once without a promise", []) {
            $0.instant = true; $0.promised = nil
        },
        Case("at once with a long promise", [.instant]) { $0.instant = true },
        Case("ends before it begins", [.validity]) { $0.until = 15_999 },
        Case("one day", []) { $0.until = $0.from },
        Case("material twice", [.repeated("materials", "idCard")]) { $0.materials[0].id = "idCard" },
        Case("material without name", [.missing("materials.name")]) { $0.materials[0].name = "" },
        Case("material without form", [.forms("application")]) { $0.materials[0].forms = [] },
        Case("copies without copy", [.forms("application")]) { $0.materials[0].copies = 1 },
        Case("copy without copies", [.forms("idCard")]) { $0.materials[1].copies = 0 },
        Case("too many copies", [.tooMany("materials.copies", most: 99)]) { $0.materials[1].copies = 100 },
        Case("unknown form", [.forms("application")]) { $0.materials[0].forms = [.original, .init(rawValue: 8)] },
        Case("field twice", [.repeated("form", "phone")]) { $0.form[5].name = "phone" },
        Case("field with a dot", [.malformed("form.name")]) { $0.form[5].name = "a.b" },
        Case("field begins with a digit", [.malformed("form.name")]) { $0.form[5].name = "1a" },
        Case("field without label", [.missing("form.label")]) { $0.form[5].label = "" },
        Case("choice without choices", [.choices("scale")]) { $0.form[4].choices = [] },
        Case("choices of a number", [.choices("area")]) { $0.form[5].choices = ["1"] },
        Case("lengths crossed", [.lengths("applicant")]) { $0.form[0].shortest = 31 },
        Case("bad pattern", [.pattern("plate")]) { $0.form[7].pattern = "(a+)+" },
        Case("too many fields", [.tooMany("form", most: 64)]) { item in
            item.form = (0..<65).map { FormField(name: "f\($0)", label: "栏") }
        },
    ])
    func problems(_ row: Case) {
        #expect(CatalogSamples.item(row.change).validate() == row.problems)
    }

    @Test func codesAreStableAndOfTheirOwn() {
        let all: [CatalogProblem] = [
            .missing(""), .tooLong("", most: 1), .tooMany("", most: 1), .malformed(""), .repeated("", ""), .tier("", 9),
            .nobodyAccepts, .routeOrder, .routeMisses(1), .routeEnd, .promiseLonger, .limitRange(""), .instant,
            .validity, .choices(""), .lengths(""), .pattern(""), .forms(""), .emptyOverride,
        ]
        #expect(Set(all.map(\.code)).count == all.count)
        for problem in all { #expect(problem.description.hasPrefix(problem.code + ": ")) }
    }

    @Test(arguments: [(15_999, false), (16_000, true), (20_000, true), (20_001, false)])
    func validity(day: Int32, valid: Bool) {
        #expect(CatalogSamples.item().isValid(on: day) == valid)
        #expect(
            CatalogSamples.item {
                $0.from = nil; $0.until = nil
            }.isValid(on: day))
    }

    @Test func anAcceptanceKeepsWhatWasPromised() {
        let item = CatalogSamples.item { $0.version = 4 }
        #expect(
            item.promise
                == Promise(
                    item: "BH-001", itemName: "食品小作坊登记", version: 4, department: "市场监督管理局", itemKind: "10",
                    statutory: TimeLimit(count: 20, unit: .workingDays),
                    promised: TimeLimit(count: 7, unit: .workingDays), instant: false))
    }

    @Test(arguments: [
        ("01", "行政许可", ItemList.approvals), ("05", "行政给付", .powers), ("07", "行政确认", .powers),
        ("10", "其他行政权力", .powers), ("20", "公共服务", .publicServices),
    ])
    func kinds(code: String, name: String, list: ItemList) throws {
        let kind = try #require(ItemKind(code: code))
        #expect(kind.name == name && kind.code == code && kind.usualList == list)
        #expect(ItemKind(named: name) == kind)
        #expect(ItemKind(code: "21") == nil && ItemKind(named: "行政审批") == nil && ItemKind(code: "1") == nil)
    }

    /// Computed apart with FNV-1a's published constants: a catalog that was imported without codes keeps its items.
    @Test(arguments: [
        ("村民委员会", "居住证明", "AUTO-1CFW-RDTZ-JBTB6"), ("", "", "AUTO-AYRY-J9J3-03PWE"),
    ])
    func derivedCodes(department: String, name: String, code: String) {
        #expect(DerivedCode.code(department: department, name: name) == code)
    }
}
