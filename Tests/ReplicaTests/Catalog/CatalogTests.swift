import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Testing

@testable import Replica

@Suite struct CatalogTests {
    @Test func anItemGoesDownAndItsOverridesToTheirOwn() throws {
        let town = try Town()
        let id = try town["C"].publish(Town.Node.item())
        try town.settle()
        for name in ["C", "B", "K", "T", "V", "W"] {
            #expect(try town[name].items().map(\.owner.text) == ["C"], "\(name)")
        }
        try town["K"].override(id, window: "区5号窗口", days: 6)
        try town["V"].override(id, days: 4)
        try town.settle()
        let windows = try ["C", "B", "K", "T", "V", "W"].map { try town[$0].offer(id)!.item.place.window }
        #expect(windows == ["3号窗口", "3号窗口", "区5号窗口", "区5号窗口", "区5号窗口", "区5号窗口"])
        let days = try ["C", "B", "K", "T", "V", "W"].map { try town[$0].offer(id)!.item.promised?.count }
        #expect(days == [8, 8, 6, 6, 4, 6])
        // The county's goes to those below and above it, the village's not to its neighbour, and none to the branch.
        let held = try ["C", "B", "K", "T", "V", "W"].map { name in
            try town[name].replica.read { try $0.overrides(of: id).map(\.unit.text) }
        }
        #expect(held == [["K", "V"], [], ["K", "V"], ["K", "V"], ["K", "V"], ["K"]])
        // Whoever holds them can say what another unit offers.
        #expect(try town["C"].offer(id, at: "V")?.item.promised?.count == 4)
        #expect(try town["C"].offer(id, at: "W")?.item.promised?.count == 6)
    }

    @Test func onlyAnOwnerMovesItsRecord() throws {
        let town = try Town()
        let id = try town["K"].publish(Town.Node.item())
        try town.settle()
        try town["V"].write(.revise(Town.Node.item { $0.version = 2 }), on: id)
        try town["K"].write(.revise(Town.Node.item { ($0.version, $0.name) = (2, "临时救助") }), on: id)
        try town["K"].write(.revise(Town.Node.item { ($0.version, $0.name) = (3, "临时救助（新）") }), on: id)
        try town["C"].write(.retire(CatalogRetirement(reason: "", from: 1)), on: id)
        try town.settle()
        for name in ["C", "K", "T", "V", "W"] {
            let row = try #require(try town[name].items().first)
            #expect(row.name == "临时救助（新）" && row.version == 3 && row.retiredFrom == nil, "\(name)")
            let line = try #require(try town[name].replica.read { try $0.catalogRecord(id) }?.item)
            #expect(line.versions.map(\.version) == [1, 2, 3])
            #expect(line.versions.map(\.name) == ["临时救助金给付", "临时救助", "临时救助（新）"])
        }
        // What others tried is held wherever the record is, and counts nowhere.
        #expect(try ["C", "K", "T", "V", "W"].map { try town[$0].items()[0].withoutEffect } == [2, 2, 2, 2, 2])
        #expect(try town["B"].items().isEmpty)
        try town["K"].write(.retire(CatalogRetirement(reason: "并入新事项", from: 20_100)), on: id)
        try town.settle()
        #expect(try town["W"].items { $0.offeredOn = 20_099 }.count == 1)
        #expect(try town["W"].items { $0.offeredOn = 20_100 }.isEmpty)
        #expect(try town["W"].items().map(\.retiredReason) == ["并入新事项"])
    }

    @Test func oneCodeOfSeveralOwnersIsSeveralItems() throws {
        let town = try Town()
        let ofCity = try town["C"].publish(Town.Node.item())
        let ofCounty = try town["K"].publish(Town.Node.item { $0.name = "区临时救助" })
        let ofVillage = try town["V"].publish(Town.Node.item { $0.name = "村临时救助" })
        try town.settle()
        func meant(at name: String, by unit: String, on day: Int32 = 20_000) throws -> CatalogItemID? {
            try town[name].replica.read { try $0.catalogItem(code: "JZ-01", for: UnitCode(unit)!, on: day)?.id }
        }
        #expect(try meant(at: "V", by: "V") == ofVillage)
        #expect(try meant(at: "W", by: "W") == ofCounty)
        #expect(try meant(at: "C", by: "C") == ofCity)
        #expect(try meant(at: "B", by: "B") == ofCity)
        #expect(try meant(at: "C", by: "V") == ofVillage)
        #expect(try town["C"].items().map(\.owner.text) == ["C", "K", "V"])
        #expect(try town["W"].items().map(\.owner.text) == ["C", "K"])
        #expect(try town["C"].items { $0.acceptedAt = UnitCode("W") }.map(\.owner.text) == ["C", "K"])
        #expect(try town["C"].items { $0.owner = UnitCode("V") }.map(\.name) == ["村临时救助"])
        // The same owner's second record takes the place of a retired one.
        try town["V"].write(.retire(CatalogRetirement(reason: "", from: 20_050)), on: ofVillage)
        let again = try town["V"].publish(Town.Node.item { $0.name = "村临时救助二" })
        #expect(try meant(at: "V", by: "V", on: 20_049) == ofVillage)
        #expect(try meant(at: "V", by: "V", on: 20_050) == again)
        let published = try town["V"].replica.read { try $0.published(by: UnitCode("V")!) }
        #expect(published.mapValues(\.id) == ["JZ-01": again])
    }

    @Test func anOverrideCountsOnlyBelowTheOwner() throws {
        let town = try Town()
        let id = try town["K"].publish(Town.Node.item())
        try town.settle()
        try town["C"].override(id, window: "市1号窗口")
        try town["K"].override(id, window: "区1号窗口")
        try town.settle()
        let rows = try town["V"].replica.read { try $0.overrides(of: id) }
        #expect(rows.map(\.unit.text) == ["C", "K"] && rows.map(\.counts) == [false, true])
        #expect(try town["V"].offer(id)?.item.place.window == "区1号窗口")
        // The city is not below the owner: it holds the item and does not offer it.
        #expect(try town["C"].offer(id) == nil)
        let counting = try DatabaseQueue(path: town.folder.appending(path: "V.sqlite").path).read {
            try String.fetchAll($0, sql: "SELECT unit FROM catalog_override_that_counts")
        }
        #expect(counting == ["K"])
        // Moved out from under the county, the village is no longer served by it.
        try town["C"].enter(
            .move(
                .with {
                    $0.unit = "T"
                    $0.parent = "C"
                }))
        for name in ["K", "T", "V"] { try town.exchange("C", name, times: 1) }
        #expect(try town["V"].offer(id) == nil)
        #expect(try town["V"].items { $0.acceptedAt = UnitCode("V") }.isEmpty)
    }

    @Test func anOverrideMayComeBeforeItsItemAndMayEnd() throws {
        let town = try Town(["C", "K", "T"])
        let id = CatalogItemID(author: town["C"].author, sequence: 1)
        let override = try town["K"].override(id, days: 5)
        #expect(try town["K"].offer(id) == nil)
        #expect(try town["C"].publish(Town.Node.item()) == id)
        try town.settle()
        #expect(try town["K"].offer(id)?.item.promised?.count == 5)
        #expect(try town["T"].offer(id)?.item.promised?.count == 5)
        try town["K"].write(.retire(CatalogRetirement(reason: "", from: 20_010)), on: override)
        try town.settle()
        #expect(try town["T"].offer(id, on: 20_009)?.item.promised?.count == 5)
        #expect(try town["T"].offer(id, on: 20_010)?.item.promised?.count == 8)
        #expect(try town["T"].replica.rebuild(keeping: false).allSatisfy(\.isSame))
    }

    /// What pins a charter entry that has not come is held and passed on; it counts once the entry is there.
    @Test func anActWaitsForTheEntryThatItPins() throws {
        let town = try Town(["C", "K"])
        try town["C"].importUnits([
            UnitEntry(code: UnitCode("K")!, name: "新名", tier: 1, parent: UnitCode("C"), kind: .centre)
        ])
        let id = try town["C"].publish(Town.Node.item())
        try town["C"].seal()
        try town.send("C", "K", isBelow: true, feeds: [.published])
        #expect(try town["K"].items().isEmpty)
        #expect(try town["K"].found(catalog: "救助").isEmpty)
        try town.send("C", "K", isBelow: true)
        #expect(try town["K"].items().map(\.id) == [id])
        #expect(try town["K"].found(catalog: "救助") == ["JZ-01"])
        #expect(try town["K"].replica.rebuild(keeping: false).allSatisfy(\.isSame))
    }

    @Test func aCutAuthorPublishesNothingMore() throws {
        let town = try Town(["C", "K"])
        let before = try town["K"].publish(Town.Node.item("A"))
        try town.exchange("C", "K")
        try town["C"].enter(
            .cut(
                .with {
                    $0.author = town["K"].author.value.data
                    $0.unit = "K"
                    $0.enrollment = 1
                    $0.through = 0
                }))
        try town.exchange("C", "K")
        try town["K"].publish(Town.Node.item("B"))
        try town["K"].write(.retire(CatalogRetirement(reason: "", from: 1)), on: before)
        try town.exchange("C", "K")
        for name in ["C", "K"] {
            #expect(try town[name].items().map(\.code) == ["A"], "\(name)")
            #expect(try town[name].items().map(\.retiredFrom) == [nil], "\(name)")
        }
    }

    @Test func listsAreNarrowed() throws {
        let town = try Town(["C", "K"])
        try town["C"].publish(Town.Node.item("A") { ($0.from, $0.until) = (20_000, 20_010) })
        try town["C"].publish(Town.Node.item("B") { ($0.kind, $0.department.name) = (.permission, "公安局") })
        try town["C"].publish(Town.Node.item("C") { $0.accepting = ItemAcceptance(tiers: [], units: [UnitCode("K")!]) })
        try town.exchange("C", "K")
        let node = town["K"]
        #expect(try node.items().map(\.code) == ["A", "B", "C"])
        for (day, codes) in [(19_999, ["B", "C"]), (20_000, ["A", "B", "C"]), (20_011, ["B", "C"])]
            as [(Int32, [String])]
        {
            #expect(try node.items { $0.offeredOn = day }.map(\.code) == codes, "\(day)")
        }
        #expect(try node.items { $0.kind = .permission }.map(\.code) == ["B"])
        #expect(try node.items { $0.department = "民政局" }.map(\.code) == ["A", "C"])
        #expect(try node.items { $0.acceptedAt = UnitCode("V") }.map(\.code) == ["A", "B"])
        #expect(try node.items { $0.acceptedAt = UnitCode("K") }.map(\.code) == ["C"])
        #expect(try node.items { $0.acceptedAt = UnitCode("X") }.isEmpty)
        #expect(try node.items { $0.limit = 1 }.map(\.code) == ["A"])
        let text = SearchQuery("救助")
        #expect(try node.items { ($0.text, $0.department) = (text, "公安局") }.map(\.code) == ["B"])
    }
}
