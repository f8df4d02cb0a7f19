import ChangeSet
import Foundation
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// Units come under others; what they did before comes along.
@Suite struct MoveTests {
    private static let places: [(code: String, parent: String?, tier: Int)] = [
        ("37", nil, 0), ("371", "37", 1), ("372", "37", 1), ("3711", "371", 2), ("3712", "371", 2), ("3721", "372", 2),
        ("37111", "3711", 3), ("37112", "3711", 3),
    ]

    private func network(_ names: [String] = places.map(\.code)) throws -> SimulatedNetwork {
        try SimulatedNetwork(
            units: Self.places.map { code, parent, tier in
                UnitEntry(
                    code: UnitCode(code)!, name: code, tier: tier, parent: parent.flatMap { UnitCode($0) },
                    kind: .centre)
            }, tiers: ["city", "county", "town", "village"], nodes: names, seed: 3)
    }

    /// From the top, so that each hears of a move before those that come to it.
    private func spread(_ network: SimulatedNetwork) throws {
        for _ in 0..<3 { for name in network.names.dropFirst() { try network.exchange(name) } }
    }

    private func codes(_ network: SimulatedNetwork, at name: String) throws -> [String] {
        try network[name].replica.read { try $0.catalogItems().map(\.code).sorted() }
    }

    @Test func aTownTakesItsHistoryToAnotherCounty() throws {
        let network = try network()
        let place = try network.accept(at: "37111", route: ["3711", "371"]).creation
        try network.act(.forward, at: "37111", on: place, target: "371")
        try network.settle(rounds: 1)
        try network.act(.decide, at: "371", on: place, fields: [CaseField.decision: "granted"])
        try network.settle(rounds: 1)
        #expect(try network.fingerprints(of: "37111", at: ["37", "371", "3711", "37111"]).count == 1)

        try network.move("3711", under: "372")
        // The new county has everything before the town has called for the first time.
        try network.exchange("372")
        #expect(try network.fingerprints(of: "37111", at: ["37", "372"]).count == 1)
        try spread(network)
        let held = try network.journal(of: "371").rows.count
        try network.act(.deliver, at: "371", on: place)
        let later = try network.accept(at: "37111", number: 2, route: ["3711", "372"])
        try spread(network)
        #expect(try network.fingerprints(of: "37111", at: ["37", "372", "3711", "37111"]).count == 1)
        // An ancestor of yesterday keeps what it has and gets nothing new but what concerns itself.
        #expect(try network.journal(of: "371").rows.count == held + 1, "its own act and nothing else")
        #expect(try network["371"].replica.read { try $0.serviceCase(receipt: later.receipt) } == nil)
    }

    @Test func aMoveWithinACountyIsNoNewsToTheCounty() throws {
        let network = try network()
        for number in 1...5 { try network.accept(at: "37111", number: number, route: ["3711"]) }
        try network.settle(rounds: 1)
        try network.move("37111", under: "3712")
        let county = try #require(try network.exchange("371")).child
        #expect(county.newChangeSets == 1 && county.receivedBatches == 1, "the charter entry alone")
        let town = try #require(try network.exchange("3712")).child
        #expect(town.receivedBatches == 2)
        #expect(try network.fingerprints(of: "37111", at: ["37", "371", "3712"]).count == 1)
    }

    /// Neither knows a machine of the other, and there is no line.
    @Test func whoIsAboveBothIntroducesAUnitToItsNewParentBySticks() throws {
        let network = try network()
        try network.accept(at: "37111", number: 1, route: ["3711"])
        try network.move("37111", under: "3712")
        try network.exchange("371")
        for (sender, recipient) in [("37111", "371"), ("371", "3712"), ("3712", "37111"), ("37111", "3712")] {
            try network.carry(from: sender, to: recipient)
        }
        #expect(try network.fingerprints(of: "37111", at: ["3712", "37111"]).count == 1)
        let said = BundleError.unknownRecipient("3712").words
        #expect(said[.english].contains("exports to a unit above both"))
    }

    @Test func aReturnBringsWhatWasMissed() throws {
        let network = try network()
        let first = try network.accept(at: "37111", number: 1, route: ["3711"])
        try network.settle(rounds: 1)
        try network.move("37111", under: "3712")
        try spread(network)
        let second = try network.accept(at: "37111", number: 2, route: ["3712"])
        try spread(network)
        #expect(try network["3711"].replica.read { try $0.serviceCase(receipt: second.receipt) } == nil)
        try network.move("37111", under: "3711")
        try spread(network)
        for receipt in [first.receipt, second.receipt] {
            #expect(try network["3711"].replica.read { try $0.serviceCase(receipt: receipt) } != nil)
        }
        #expect(try network.fingerprints(of: "37111", at: ["37", "371", "3711", "37111"]).count == 1)
    }

    @Test func whatTheNewAncestorsLackTheyGetThoughTheUnitIsGone() throws {
        let network = try network()
        let place = try network.accept(at: "37111", route: ["3711"]).creation
        try network.settle(rounds: 1)
        try network.move("37111", under: "3721")
        // Its machine never calls the new town.
        network.drop("37111")
        try spread(network)
        #expect(try network.fingerprints(of: "37111", at: ["37", "372", "3721"]).count == 1)
        #expect(try network["3721"].replica.read { try $0.record(created: place) } != nil)
    }

    /// The town passed over what is not of its subtree; the village knows that the town has it.
    /// - Parameter hasBeenNextDoor: the new county has got the village before under another town.
    @Test(arguments: [false, true])
    func whoComesBackBringsUpWhatWasPassedOverMeanwhile(hasBeenNextDoor: Bool) throws {
        let network = try network()
        let place = try network.accept(at: "37111").creation
        try network.exchange("37111")
        try network.move("37111", under: "3712")
        try network.move("3711", under: "372")
        for _ in 0..<2 { for name in ["372", "3711"] { try network.exchange(name) } }
        #expect(try network["372"].replica.read { try $0.record(created: place) } == nil)
        if hasBeenNextDoor {
            try network.move("37111", under: "3721")
            for name in ["372", "3711"] { try network.exchange(name) }
        }
        try network.move("37111", under: "3711")
        try spread(network)
        for name in ["3711", "372", "37"] {
            #expect(try network[name].replica.read { try $0.record(created: place) } != nil, "\(name)")
        }
        #expect(try network.fingerprints(of: "37111", at: ["37", "372", "3711", "37111"]).count == 1)
    }

    /// The town had passed over what it was not concerned with, and meanwhile the village came under it.
    @Test func whoComesBackWithAnotherBelowIsToldOfIt() throws {
        let network = try network()
        let place = try network.accept(at: "37112").creation
        try spread(network)
        // Something for the town takes its cursor past that.
        try network.accept(at: "371", number: 2, route: ["3712"])
        try spread(network)
        try network.move("3712", under: "372")
        try network.move("37112", under: "3712")
        try network.exchange("371")
        try network.move("3712", under: "371")
        network.drop("37112")
        for _ in 0..<2 { for name in ["371", "3712"] { try network.exchange(name) } }
        #expect(try network["3712"].replica.read { try $0.record(created: place) } != nil)
        #expect(try network.fingerprints(of: "37112", at: ["37", "371", "3712"]).count == 1)
    }

    /// The county calls when the town's move has brought it the village, and the next one has taken it from the town.
    @Test func whoHasGoneOnWithinTheNewCountyComesAlong() throws {
        let network = try network()
        let place = try network.accept(at: "37111").creation
        try network.settle(rounds: 1)
        // Something for the county takes its cursor past that.
        try network.accept(at: "371", number: 2, route: ["372"])
        try network.settle(rounds: 1)
        try network.move("3711", under: "372")
        try network.move("37111", under: "3721")
        try network.exchange("372")
        #expect(try network["372"].replica.read { try $0.record(created: place) } != nil)
        #expect(try network.fingerprints(of: "37111", at: ["37", "372"]).count == 1)
        try spread(network)
        #expect(try network.fingerprints(of: "37111", at: ["37", "372", "3721", "37111"]).count == 1)
    }

    /// Two cases of a village were closed, which the town has, and which its new county has passed over: the county's
    /// backup is of later.
    private func passOverClosedCases(_ network: SimulatedNetwork) throws -> [Place] {
        let root = network["37"]
        let year = try #require(CivilDate(dayNumber: network.now.day)?.year)
        try root.importCalendar(
            [CalendarYear(year: year, holidays: [], worked: [], source: "test")], now: network.now)
        for tier in 1...3 { try root.setRetention(months: 0, ofTier: tier, now: network.now) }
        try spread(network)
        var places: [Place] = []
        for number in 1...2 {
            let place = try network.accept(at: "37111", number: number).creation
            places.append(place)
            try network.act(.decide, at: "37111", on: place, fields: [CaseField.decision: "granted"])
            try network.act(.deliver, at: "37111", on: place)
            try network.exchange("37111")
        }
        try network.accept(at: "3711", number: 9)
        try network.move("37111", under: "3712")
        try network.move("3711", under: "372")
        for _ in 0..<2 { for name in ["372", "3711"] { try network.exchange(name) } }
        try network.backUpElsewhere("372")
        try network.exchange("3711")
        return places
    }

    @Test func whatIsOwedForAMoveDoesNotLeaveBefore() throws {
        let network = try network()
        let places = try passOverClosedCases(network)
        try network.move("37111", under: "3711")
        // The town hears of it by a courier.
        try network.exchange("372")
        try network.carry(from: "372", to: "3711")
        // What the village is sent takes its cursor along.
        try network.act(.note, at: "3711", on: places[1], fields: [CaseField.note + "1": "x"])
        for _ in 0..<2 { try network.exchange("37111") }
        func retired() throws -> Retirement { try network["3711"].retire(now: network.now) }
        let kept = try retired()
        #expect(kept.retired == 0 && kept.kept[.notBackedUp] == 1, "\(kept)")
        for _ in 0..<2 { try network.exchange("3711") }
        try network.backUpElsewhere("372")
        try network.exchange("3711")
        #expect(try retired().retired == 1)
    }

    /// The village never calls again, and the county has become one of those above it by another town.
    /// - Parameter goesBack: before the town hears of it.
    @Test(arguments: [false, true])
    func whatAFormerParentAloneHasGoesUpBeforeItLeaves(goesBack: Bool) throws {
        let network = try network()
        let places = try passOverClosedCases(network)
        network.drop("37111")
        try network.move("37111", under: "3721")
        if goesBack { try network.move("37111", under: "3712") }
        try network.exchange("372")
        try network.carry(from: "372", to: "3711")
        func retired() throws -> Retirement { try network["3711"].retire(now: network.now) }
        let kept = try retired()
        #expect(kept.retired == 0 && (kept.kept[.notBackedUp] ?? 0) > 0, "\(kept)")
        for _ in 0..<2 { for name in ["3711", "372"] { try network.exchange(name) } }
        for name in ["372", "37"] {
            for place in places { #expect(try network[name].replica.read { try $0.record(created: place) } != nil) }
        }
        try network.backUpElsewhere("372")
        try network.exchange("3711")
        #expect(try retired().retired > 0)
    }

    @Test func aMovedUnitTellsItsNewParentWhatAllAboveHaveLost() throws {
        let network = try network()
        let place = try network.accept(at: "37111", route: ["3711"]).creation
        try network.settle(rounds: 1)
        let backups = try ["37", "371", "3711"].map(network.copyOfDisk)
        try network.act(.note, at: "37", on: place, fields: [CaseField.note + "1": "x"])
        try network.settle(rounds: 1)
        for backup in backups { try network.crash(backup.unit, leaving: backup) }
        try network.move("37111", under: "3712")
        for _ in 0..<2 { for name in ["371", "3712", "37111"] { try network.exchange(name) } }
        for name in ["3712", "371"] { try network.exchange(name) }
        let record = try network["37"].replica.read { transaction in
            try transaction.record(created: place).map { try transaction.caseRecord($0) }
        }
        #expect(record?.state.values[CaseField.note + "1"]?.value == "x")
    }

    /// Its machine was set up to dial the new county while it had not heard of the move.
    @Test func whoDoesNotKnowOfItsMoveFirstLearnsOfIt() throws {
        let network = try network(["37", "371", "372", "3711"])
        let receipt = try network.accept(at: "3711", route: ["371"]).receipt
        try network.move("3711", under: "372")
        try network.exchange("372")
        let first = try SimulatedLine(network, from: "3711", wait: 240)
        try first.run()
        try first.close()
        #expect(first.isFinished && first.wantsAnother, "it waits for nothing, and dials again")
        #expect(first.reports.child.newChangeSets == 1 && first.reports.parent.newChangeSets == 0, "the charter alone")
        try network.exchange("3711")
        #expect(try network["372"].replica.read { try $0.serviceCase(receipt: receipt) } != nil)
    }

    /// The exchange was open when the move came.
    @Test(arguments: [true, false]) func whoIsNoLongerAboveHearsNothingMore(childKnows: Bool) throws {
        let network = try network(["37", "371", "372", "3711"])
        let old = try network.accept(at: "3711", route: ["371"])
        try network.settle(rounds: 1)
        let line = try SimulatedLine(network, from: "3711", wait: 240)
        try line.run()
        try network.move("3711", under: "372")
        try network.exchange("371")
        if childKnows {
            line.news(atChild: false)
            try line.run()
            #expect(line.isFinished, "the child hangs up")
        }
        let new = try network.accept(at: "3711", number: 2, route: ["372"])
        try network.act(.note, at: "3711", on: old.creation, fields: [CaseField.note + "1": "x"])
        let held = try network.journal(of: "371").rows.count
        line.news(atChild: true)
        try line.run()
        #expect((line.reports.parent.refusedBatches > 0) == !childKnows)
        #expect(line.isFinished)
        #expect(try network.journal(of: "371").rows.count == held)
        #expect(throws: LineProblem.refused("trust.notBelow")) {
            try SimulatedLine(network, from: "3711", to: "371")
        }
        try network.exchange("372")
        try network.exchange("3711")
        try network.exchange("3711")
        #expect(try network["372"].replica.read { try $0.serviceCase(receipt: new.receipt) } != nil)
        #expect(try network.fingerprints(of: "3711", at: ["372", "3711"]).count == 1)
    }

    /// A move is written as a topology file could have it, and once.
    @Test func aMoveThatCannotBeIsRefused() throws {
        let network = try network(["37", "371"])
        let root = network["37"]
        func unit(_ text: String) -> UnitCode { UnitCode(text)! }
        for (moved, parent) in [("3711", "37"), ("3711", "37111"), ("371", "372"), ("37111", "371"), ("37", "37")] {
            #expect(throws: NodeError.noPlace(unit(moved), under: unit(parent))) {
                try root.move(unit(moved), under: unit(parent), now: network.now)
            }
        }
        #expect(throws: NodeError.unknownUnit("39")) {
            try root.move(unit("39"), under: unit("371"), now: network.now)
        }
        #expect(throws: NodeError.notRoot) {
            try network["371"].move(unit("3711"), under: unit("372"), now: network.now)
        }
        let before = try root.replica.read { $0.charter.count }
        #expect(try !root.move(unit("3711"), under: unit("371"), now: network.now))
        #expect(try root.replica.read { $0.charter.count } == before)
        #expect(try root.move(unit("3711"), under: unit("372"), now: network.now))
        #expect(try root.replica.read { $0.charter.current.topology.parent(of: unit("37111")) } == unit("3711"))
        #expect(
            try root.replica.read { $0.charter.current.topology.above(unit("37111")) } == [
                unit("3711"), unit("372"), unit("37"),
            ])
    }

    @Test func offersGoBothWaysAlongTheNewPath() throws {
        let network = try network()
        for (unit, code) in [("37", "A"), ("371", "B"), ("372", "C"), ("37111", "D"), ("3721", "E")] {
            try network[unit].publish([CatalogActionTests.item(code)], by: CatalogActionTests.clerk, now: network.now)
        }
        try spread(network)
        #expect(try codes(network, at: "372") == ["A", "C", "E"])
        #expect(try codes(network, at: "37111") == ["A", "B", "D"])
        try network.move("3711", under: "372")
        try network.exchange("372")
        #expect(try codes(network, at: "372") == ["A", "C", "D", "E"])
        try spread(network)
        #expect(try codes(network, at: "37111") == ["A", "B", "C", "D"])
        #expect(try codes(network, at: "37112") == ["A", "B", "C"])
        #expect(try codes(network, at: "371") == ["A", "B", "D"])
    }
}
