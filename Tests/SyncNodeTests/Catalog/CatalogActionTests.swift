import ChangeSet
import Foundation
import ServiceModel
import Testing

@testable import SyncNode

@Suite struct CatalogActionTests {
    static let clerk = Publisher(actor: "p01")
    static let everywhere = [
        Network.city, Network.branch, Network.county, Network.town, Network.village, Network.neighbour,
    ]

    static func item(_ code: String = "JZ-01", _ change: (inout CatalogItem) -> Void = { _ in }) -> CatalogItem {
        var item = CatalogItem(
            code: code, name: "临时救助金给付", kind: .benefit, department: ItemDepartment(name: "民政局"),
            accepting: ItemAcceptance(tiers: [3, 2]), decider: .tier(1), route: [3, 2, 1])
        item.materials = [
            ItemMaterial(id: "application", name: "申请表"),
            ItemMaterial(id: "idCard", name: "身份证", forms: [.copy], copies: 1, standIns: ["电子身份证"]),
            ItemMaterial(id: "income", name: "收入证明", need: .deferrable),
            ItemMaterial(id: "mandate", name: "委托书", need: .whereApplicable),
        ]
        item.form = [
            FormField(name: "reason", label: "困难原因", required: true, longest: 200),
            FormField(name: "members", label: "家庭人口", kind: .number),
        ]
        item.statutory = TimeLimit(count: 20, unit: .workingDays)
        item.promised = TimeLimit(count: 8, unit: .workingDays)
        item.place = ServicePlace(window: "3号窗口", phone: "0540-2100101")
        change(&item)
        return item
    }

    @Test func publishedAtTheCityOverriddenAtTheCounty() throws {
        let network = try Network()
        let now = network.now
        try network[Network.city].publish([Self.item(), Self.item("JZ-02")], by: Self.clerk, now: now)
        try network.settle(rounds: 1)
        try network[Network.county].override(
            .code("JZ-01"), place: ServicePlace(phone: "0540-5550101"),
            promised: TimeLimit(count: 5, unit: .workingDays),
            by: Self.clerk, now: now)
        try network.settle(rounds: 1)
        func offered(_ name: String) throws -> String {
            let item = try network[name].offer(.code("JZ-01"), on: now.day).item
            return "\(item.place.window) \(item.place.phone) \(item.promised?.count ?? 0)"
        }
        let own = "3号窗口 0540-2100101 8", changed = "3号窗口 0540-5550101 5"
        #expect(try Self.everywhere.map(offered) == [own, own, changed, changed, changed, changed])
        // The branch centre stands beside the county and holds nothing of it; the city above it does.
        for (name, count) in [(Network.branch, 0), (Network.city, 1), (Network.neighbour, 1)] {
            let held = try network[name].replica.read { transaction in
                try transaction.catalogItems(code: "JZ-01").flatMap { try transaction.overrides(of: $0.id) }
            }
            #expect(held.count == count, "\(name)")
        }
        // The same again writes nothing; another takes its place in the same record; and it can end.
        let heads = { try network[Network.county].replica.read { try $0.journalHead().position } }
        let before = try heads()
        try network[Network.county].override(
            .code("JZ-01"), place: ServicePlace(phone: "0540-5550101"),
            promised: TimeLimit(count: 5, unit: .workingDays),
            by: Self.clerk, now: now)
        #expect(try heads() == before)
        try network[Network.county].override(
            .code("JZ-01"), place: ServicePlace(window: "区1号"), promised: nil, by: Self.clerk, now: now)
        try network.settle(rounds: 1)
        #expect(try offered(Network.village) == "区1号 0540-2100101 8")
        try network[Network.county].endOverride(
            of: .code("JZ-01"), CatalogRetirement(reason: "", from: now.day), by: Self.clerk, now: now)
        try network.settle(rounds: 1)
        #expect(try offered(Network.village) == own)
        for name in Self.everywhere {
            #expect(try network[name].replica.rebuild(keeping: false).allSatisfy(\.isSame), "\(name)")
        }
    }

    @Test func whatMayNotBePublishedIsRefused() throws {
        let network = try Network([Network.city, Network.county, Network.town])
        let now = network.now
        let city = network[Network.city], county = network[Network.county]
        try city.publish([Self.item()], by: Self.clerk, now: now)
        try county.publish([Self.item("QX-01")], by: Self.clerk, now: now)
        try network.settle(rounds: 1)

        func code(_ body: () throws -> Void) -> String {
            do {
                try body()
                return ""
            } catch let error as CatalogError {
                #expect(error.description.hasPrefix("\(error.code): "))
                return error.code
            } catch { return "\(error)" }
        }
        let v2 = Self.item { ($0.version, $0.name) = (2, "临时救助") }
        let end = CatalogRetirement(reason: "", from: now.day)
        let shorter = TimeLimit(count: 3, unit: .workingDays), longer = TimeLimit(count: 9, unit: .workingDays)
        func override(_ node: Node, _ item: String, _ promised: TimeLimit?) throws {
            try node.override(.code(item), place: ServicePlace(), promised: promised, by: Self.clerk, now: now)
        }
        let table: [(String, () throws -> Void)] = [
            ("catalog.publishedAlready", { try city.publish([Self.item()], by: Self.clerk, now: now) }),
            (
                "catalog.publishedAlready",
                { try city.publish([Self.item("X"), Self.item("X")], by: Self.clerk, now: now) }
            ),
            (
                "catalog.invalid",
                { try city.publish([Self.item("Y"), Self.item("Z") { $0.name = " " }], by: Self.clerk, now: now) }
            ),
            ("catalog.notOwner", { try county.revise([v2], by: Self.clerk, now: now) }),
            ("catalog.unknown", { try county.revise([Self.item("N") { $0.version = 2 }], by: Self.clerk, now: now) }),
            ("catalog.changedMeanwhile", { try city.revise([Self.item { $0.version = 3 }], by: Self.clerk, now: now) }),
            ("catalog.notOwner", { try county.retire(.code("JZ-01"), end, by: Self.clerk, now: now) }),
            ("catalog.unknown", { try county.retire(.code("N"), end, by: Self.clerk, now: now) }),
            ("catalog.notBelowOwner", { try override(city, "QX-01", shorter) }),
            ("catalog.invalid", { try override(county, "JZ-01", longer) }),
            ("catalog.invalid", { try override(county, "JZ-01", nil) }),
            ("catalog.noOverride", { try county.endOverride(of: .code("JZ-01"), end, by: Self.clerk, now: now) }),
            ("", { try override(county, "JZ-01", shorter) }),
        ]
        for (expected, body) in table { #expect(code(body) == expected) }
        // Of a list with one bad item nothing was published.
        #expect(try city.published().keys.sorted() == ["JZ-01"])
        // The town below cannot promise more than the county above it does.
        try network.settle(rounds: 1)
        #expect(
            code { try override(network[Network.town], "JZ-01", TimeLimit(count: 4, unit: .workingDays)) }
                == "catalog.invalid")
        try city.retire(.code("JZ-01"), end, by: Self.clerk, now: now)
        #expect(code { try override(city, "JZ-01", shorter) } == "catalog.retired")
        #expect(try city.published().isEmpty)
        try city.publish([Self.item()], by: Self.clerk, now: now)
        #expect(try city.published().mapValues(\.version) == ["JZ-01": 1])
    }

    @Test func manyItemsGoInGroupsThatFitARun() throws {
        let network = try Network([Network.city, Network.county])
        let now = network.now
        let items = (0..<150).map { number in
            Self.item("M-\(number)") { $0.note = String(repeating: "长", count: number >= 100 ? 1300 : 3) }
        }
        let ids = try network[Network.city].publish(items, by: Self.clerk, now: now)
        #expect(ids.map(\.sequence) == Array(1...150))
        try network[Network.city].revise(
            items.map { item in
                var next = item
                next.version = 2
                next.name += "（新）"
                return next
            }, by: Self.clerk, now: now)
        try network.settle(rounds: 1)
        for name in [Network.city, Network.county] {
            let rows = try network[name].replica.read { try $0.catalogItems() }
            #expect(rows.count == 150 && rows.allSatisfy { $0.version == 2 && $0.name.hasSuffix("（新）") }, "\(name)")
        }
        let groups = try network[Network.county].replica.read { transaction in
            try ids.flatMap { id in
                try transaction.record(created: Place(id)).map { try transaction.history(of: $0).entries } ?? []
            }.map(\.changeSet)
        }
        #expect(
            groups.count == 300
                && groups.allSatisfy { $0.groupCount <= Limits.groupSize && $0.groupOffset < $0.groupCount })
        #expect(groups.contains { $0.groupCount == Limits.groupSize })
    }
}
