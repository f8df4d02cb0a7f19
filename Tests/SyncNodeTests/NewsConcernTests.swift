import ChangeSet
import ServiceModel
import Simulator
import SyncNode
import Testing

@testable import Replica

/// Whom news at a town and at its county is told: who may need something of it, and nobody else.
@Suite struct NewsConcernTests {
    private static let places: [(code: String, parent: String?, tier: Int)] = [
        ("37", nil, 0), ("371", "37", 1), ("372", "37", 1), ("3711", "371", 2), ("3712", "371", 2),
        ("37111", "3711", 3), ("37112", "3711", 3),
    ]

    private let network: SimulatedNetwork
    private var marks: [String: NewsMark] = [:]

    init() throws {
        network = try SimulatedNetwork(
            units: Self.places.map { code, parent, tier in
                UnitEntry(
                    code: UnitCode(code)!, name: code, tier: tier, parent: parent.flatMap { UnitCode($0) },
                    kind: .centre)
            }, tiers: ["city", "county", "town", "village"], nodes: Self.places.map(\.code), seed: 3)
        try network.settle(rounds: 1)
    }

    /// The units that are told since this was asked last; nil when nothing is new.
    private mutating func told(at name: String) throws -> [String]? {
        let news = try network[name].replica.read { try $0.news(behind: marks[name]) }
        marks[name] = news.mark
        return news.concern.map { concern in
            Self.places.map(\.code).filter { concern.includes(UnitCode($0)!) }
        }
    }

    private mutating func everybodyIsTold() throws {
        for place in Self.places { _ = try told(at: place.code) }
    }

    private static let everybody = places.map(\.code)

    @Test mutating func whoAsksForTheFirstTimeIsToldAndThenOnlyOfWhatIsNew() throws {
        #expect(try told(at: "3711") == Self.everybody)
        #expect(try told(at: "3711") == nil)
    }

    @Test mutating func aCaseConcernsItsUnitsAndWhoIsAboveThem() throws {
        try everybodyIsTold()
        let place = try network.accept(at: "37111", route: ["3711"]).creation
        try network.exchange("37111")
        #expect(try told(at: "3711") == ["37", "371", "3711", "37111"])
        try network.exchange("3711")
        #expect(try told(at: "371") == ["37", "371", "3711", "37111"])
        // It comes to concern a further unit, and that one's history with it.
        try network.act(.forward, at: "37111", on: place, target: "372")
        try network.settle(rounds: 1)
        #expect(try told(at: "37") == ["37", "371", "372", "3711", "37111"])
        #expect(try told(at: "3712") == nil, "nothing of it came there")
    }

    @Test mutating func theCharterAndTheCatalogConcernEverybody() throws {
        try everybodyIsTold()
        try network.move("37112", under: "3712")
        #expect(try told(at: "37") == Self.everybody)
        try network.exchange("371")
        #expect(try told(at: "371") == Self.everybody)
        let item = CatalogItem(
            code: "3700000101", name: "临时救助金给付", kind: .benefit, department: ItemDepartment(name: "民政局"),
            accepting: ItemAcceptance(tiers: [3]), decider: .tier(2))
        try network["37"].publish([item], by: Publisher(actor: "o01"), now: network.now)
        #expect(try told(at: "37") == Self.everybody)
    }

    /// After a restore it leads nowhere, and beyond so many rows it is not looked whom each concerns.
    @Test mutating func aMarkThatLeadsNowhereOrFarBackMeansEverybody() throws {
        _ = try told(at: "371")
        let mark = try #require(marks["371"])
        for off in [5, -2000] as [Int64] {
            marks["371"] = NewsMark(position: mark.position + off, joins: mark.joins)
            #expect(try told(at: "371") == Self.everybody, "\(off)")
        }
    }
}
