import ChangeSet
import Foundation
import ServiceModel
import SyncNode
import Testing

@testable import Simulator

/// What judges forgive is where a bug may hide: each excuse holds for what it was made for, and for nothing beside it.
@Suite struct ExcusesTests {
    typealias Scene = JudgesTests

    // MARK: - Refusals

    /// A node that does nothing any more does nothing wrong by any other law.
    @Test func whoRefusesAllWorkIsFound() throws {
        let made = try Scene.made()
        let open = try #require(made.places).conflict
        var judges = Judges()
        #expect(try judges.check(made.network, made.ledger).violations == [])
        func asked() throws -> [String: [String]] {
            var world = try World(made.network, FileMemory())
            #expect(world.replicas[Scene.village]?.shown.values.contains { $0.creation == open } == true)
            try world.askWork(made.network)
            return world.refused
        }
        #expect(try asked().values.allSatisfy(\.isEmpty))
        made.network.disk(Scene.village).isReadOnly = true
        // To accept somebody, and to write on what it holds.
        #expect(try asked().mapValues(\.count).filter { $0.value > 0 }.keys.sorted() == [Scene.village])
        #expect(try asked()[Scene.village]?.count ?? 0 > 1)
    }

    // MARK: - Damage

    /// Whoever calls itself damaged is believed only where the simulation has damaged it.
    @Test func damageIsAnExcuseOnlyWhereItWasDone() throws {
        let made = try Scene.made()
        let places = try #require(made.places)
        func laws(_ doctor: (inout World) -> Void) throws -> Set<Law> {
            var judges = Judges(), world = try Scene.world(made)
            world.show(places.acceptance.record, at: Scene.town) { $0.holder = Scene.other }
            doctor(&world)
            return Set(try judges.judge(world, made.ledger).violations.map(\.law))
        }
        #expect(try laws { $0.replicas[Scene.town]?.isImpaired = true } == [.filesWhole, .equalState])
        #expect(try laws { $0.impairedOnPurpose = [Scene.town] } == [.equalState])
        #expect(
            try laws {
                $0.replicas[Scene.town]?.isImpaired = true
                $0.impairedOnPurpose = [Scene.town]
            } == [])
    }

    /// A disk that took one change set is no reason to drop another.
    @Test func damageIsAnExcuseForWhatItTook() throws {
        let made = try Scene.made()
        let places = try #require(made.places), taken = places.acceptance, other = places.decision
        var judges = Judges(), ledger = made.ledger, world = try World(made.network, FileMemory())
        _ = try judges.judge(world, ledger)
        world.drop(taken.leaf, at: [Scene.village])
        world.drop(other.leaf, at: [Scene.village])
        world.replicas[Scene.village]?.isImpaired = true
        world.impairedOnPurpose = [Scene.village]
        ledger.noteTaken([taken.leaf], from: Scene.village, heldElsewhere: [taken.leaf])
        let found = try judges.judge(world, ledger).violations.filter { $0.law == .noCopyDropped }
        #expect(found.map(\.place) == [other.place])
    }

    /// The backup of a unit that stood above before a move counts if the move came since the last look, or if somebody
    /// above has let the case go on its word.
    @Test func aFormerParentsBackupCountsByWhatItsChildrenDid() throws {
        let places = [("37", nil, 0), ("371", "37", 1), ("372", "37", 1), ("3711", "371", 2), ("37111", "3711", 3)]
        let units = places.map { code, parent, tier in
            UnitEntry(code: UnitCode(code)!, name: code, tier: tier, parent: parent.flatMap { UnitCode($0) })
        }
        let network = try SimulatedNetwork(
            units: units, tiers: ["city", "county", "town", "village"], nodes: units.map(\.code.text), seed: 3)
        _ = try network.accept(at: "37111", number: 0, route: ["3711", "371"])
        try network.settle()
        let earlier = try World(network, FileMemory())
        try network.move("3711", under: "372")
        for name in ["372", "3711", "37111"] { try network.exchange(name) }
        let rows = try network.journal(of: "37111").rows.filter { $0.place.feed == .casework }
        let leaves = Set(rows.map(\.leaf))
        func found(backedUpAt unit: String, leftAt: String? = nil, sinceTheMove: Bool = true) throws -> Bool {
            var judges = Judges(), ledger = ConfirmationLedger(), world = try World(network, FileMemory())
            ledger.noteBackedUp(leaves, of: unit)
            for row in rows {
                let seal = try #require(row.seal)
                let seat = HeldReplica.Seat(author: row.place.author, sequence: row.place.sequence, seal: seal)
                if let leftAt { world.replicas[leftAt]?.left[seat] = false }
            }
            _ = try judges.judge(sinceTheMove ? world : earlier, ledger)
            for leaf in leaves { world.drop(leaf, at: ["37111"]) }
            return try judges.judge(world, ledger).violations.contains { $0.law == .noCopyDropped }
        }
        #expect(try !found(backedUpAt: "372"))
        #expect(try found(backedUpAt: "371"))
        #expect(try !found(backedUpAt: "371", sinceTheMove: false))
        #expect(try !found(backedUpAt: "371", leftAt: "3711"))
        #expect(try found(backedUpAt: "371", leftAt: "371"))
        #expect(try found(backedUpAt: "37111", leftAt: "3711"))
        // Another machine of the unit has not even heard who is above it.
        func foundOfANewMachine(backedUpAt unit: String) throws -> Bool {
            var judges = Judges(), ledger = ConfirmationLedger(), world = earlier
            ledger.noteBackedUp(Set(try #require(world.replicas["37111"]).journal.rows.map(\.leaf)), of: unit)
            _ = try judges.judge(world, ledger)
            world.replicas["37111"]?.journal.rows.removeAll()
            return try judges.judge(world, ledger).violations.contains { $0.law == .noCopyDropped }
        }
        #expect(try !foundOfANewMachine(backedUpAt: "371"))
        #expect(try foundOfANewMachine(backedUpAt: "372"))
    }

    // MARK: - What is shown alike

    /// The unit at the side that decides a case must know it like everybody else.
    @Test func whoDecidesAtTheSideIsAskedToo() throws {
        var made = try Scene.made()
        let (record, _) = try made.accept(at: Scene.village)
        _ = try made.act(.forward, at: Scene.village, record, target: Scene.other)
        try made.network.settle()
        let sound = try Scene.world(made)
        #expect(sound.fingerprints[Scene.village]?[Scene.other]?[record] != nil)
        func found(_ doctor: (inout World) -> Void) throws -> [Place?] {
            var judges = Judges(), world = sound
            doctor(&world)
            return try judges.judge(world, made.ledger).violations.filter { $0.law == .equalState }.map(\.record)
        }
        #expect(try found { _ in } == [])
        #expect(
            try found { $0.fingerprints[Scene.village]?[Scene.other]?[record] = Digest32(hashing: Data()) } == [record])
        #expect(try found { $0.fingerprints[Scene.village]?[Scene.other] = nil } == [record])
    }

    /// One case in which something waits says nothing of the others.
    @Test func aCaseThatWaitsExcusesNoOther() throws {
        let made = try Scene.made()
        let places = try #require(made.places)
        var judges = Judges(), world = try Scene.world(made)
        for name in world.replicas.keys {
            world.replicas[name]?.journal.rows.removeAll { $0.leaf == places.acceptance.leaf }
        }
        for place in [places.conflict, places.acceptance.record] {
            world.fingerprints[Scene.village]?[Scene.county]?[place] = Digest32(hashing: Data())
        }
        let found = try judges.judge(world, made.ledger).violations.filter { $0.law == .equalState && $0.node == nil }
        #expect(found.map(\.record) == [places.conflict])
    }

    @Test func aCaseOfWhichNothingIsHeldIsNotShown() throws {
        let made = try Scene.made()
        let places = try #require(made.places)
        let sound = try Scene.world(made)
        func found(_ change: (inout HeldReplica.Shown) -> Void) throws -> Bool {
            var judges = Judges(), world = sound
            var shown = HeldReplica.Shown(
                creation: Place(author: places.conflict.author, feed: .casework, sequence: 900), status: [:],
                fields: [:], conflicts: [:], units: [], told: [], hasRow: false)
            change(&shown)
            world.replicas[Scene.town]?.shown[900] = shown
            return try judges.judge(world, made.ledger).violations.contains {
                $0.law == .equalState && $0.node == Scene.town
            }
        }
        #expect(try !found { _ in })
        #expect(try !found { ($0.units, $0.told) = ([Scene.town], [Scene.town]) })
        #expect(try found { $0.hasRow = true })
        #expect(try found { $0.status = [places.acceptance.leaf.leaf: "effective"] })
        #expect(try found { $0.units = [Scene.town] })
        // Nobody was cut, so that nobody is anybody's heir.
        #expect(try found { ($0.units, $0.told) = ([Scene.town, Scene.other], [Scene.town]) })
    }

    // MARK: - Cuts

    /// A cut explains what is lost of cases that its machine's unit wrote in or held, and of no others.
    @Test(arguments: [(Scene.other, true), (Scene.village, false), (Scene.county, false)])
    func aCutOfSomebodyElseIsNoReason(cut: String, isFound: Bool) throws {
        var made = try Scene.made()
        let network = made.network, places = try #require(made.places)
        // Who has never written is not known as somebody who could be cut.
        _ = try made.accept(at: Scene.other)
        try network.settle()
        var judges = Judges()
        #expect(try judges.observe(network, made.ledger) == [])
        let name = network[cut].name
        _ = try network[Scene.city].cut(CutWish(unit: name.unit, ordinal: name.ordinal), now: network.now)
        // Whoever is cut, the town hears of it from the city itself.
        try SimulatedLine(network, from: Scene.town, to: Scene.city).run()
        var world = try World(network, FileMemory())
        world.show(places.decision.record, at: Scene.town) {
            $0.status[places.decision.leaf.leaf] = "proposal.outrun"
        }
        let found = try judges.judge(world, made.ledger).violations
        #expect(found.contains { $0.law == .effectLasts && $0.node == Scene.town } == isFound)
    }

    // MARK: - What has left

    /// The root lets nothing go.
    @Test(arguments: [(Scene.city, true), (Scene.county, false)])
    func aStubIsNoExcuseForTheRoot(name: String, isFound: Bool) throws {
        let made = try Scene.made()
        let places = try #require(made.places)
        var judges = Judges(), world = try Scene.world(made)
        let row = try #require(world.replicas[name]?.journal.rows.first { $0.leaf == places.acceptance.leaf })
        world.drop(row.leaf, at: [name])
        let seat = HeldReplica.Seat(
            author: row.place.author, sequence: row.place.sequence, seal: try #require(row.seal))
        world.replicas[name]?.left = [seat: false]
        let found = try judges.judge(world, made.ledger).violations
        #expect(found.contains { $0.law == .confirmedStands && $0.node == name } == isFound)
    }

    // MARK: - Behind a cut

    /// A cut says how much of a journal stands: that much is at the root.
    @Test func whatACutLeavesIsAwaited() throws {
        var made = try Scene.made()
        var judges = Judges()
        let (_, before) = try made.accept(at: Scene.village)
        try made.network.settle()
        let name = made.network[Scene.village].name
        _ = try made.network[Scene.city].cut(CutWish(unit: name.unit, ordinal: name.ordinal), now: made.network.now)
        // It has not heard of that.
        let (_, behind) = try made.accept(at: Scene.village)
        #expect(try judges.observe(made.network, made.ledger) == [])
        made.network.pass(seconds: 100)
        var world = try World(made.network, FileMemory())
        world.frontier[Scene.village] = made.network.now.seconds
        func found() throws -> [Place?] {
            try judges.judge(world, made.ledger).violations.filter { $0.law == .frontierIsTrue && $0.place != nil }
                .map(\.place)
        }
        #expect(try found() == [])
        world.drop(before.leaf, at: [Scene.city])
        #expect(try found() == [before.place])
        made.ledger.noteTaken([before.leaf, behind.leaf], from: Scene.village, heldElsewhere: [])
        #expect(try found() == [before.place])
    }

    // MARK: - When something was booked

    /// Between the moment at which a person was told and the next look a frontier may already be ahead.
    @Test func aBookingIsDatedWhenThePersonIsTold() throws {
        var made = try Scene.made()
        var judges = Judges()
        #expect(try judges.observe(made.network, made.ledger) == [])
        _ = try made.accept(at: Scene.village)
        made.network.pass(seconds: 1000)
        var world = try World(made.network, FileMemory())
        let now = try #require(world.clocks[Scene.town])
        world.frontier[Scene.village] = now - 1000
        #expect(try judges.judge(world, made.ledger).violations == [])
        world.frontier[Scene.village] = now - 500
        #expect(try judges.judge(world, made.ledger).violations.map(\.law) == [.frontierIsTrue])
    }

    /// Between two looks a machine may have booked something and begun to write as another.
    @Test func whatAnEarlierIncarnationBookedIsAwaited() throws {
        var made = try Scene.made()
        let network = made.network
        let (_, one) = try made.accept(at: Scene.village)
        try network.settle()
        network.pass(seconds: 100)
        try network.loseAnchor(of: Scene.village)
        try network.restart(Scene.village)
        var judges = Judges(), world = try World(network, FileMemory())
        #expect(world.replicas[Scene.village]?.author != one.place.author)
        world.frontier[Scene.village] = network.now.seconds
        func found() throws -> [Place?] {
            try judges.judge(world, made.ledger).violations.filter { $0.law == .frontierIsTrue && $0.place != nil }
                .map(\.place)
        }
        #expect(try found() == [])
        world.drop(one.leaf, at: [Scene.city])
        #expect(try found() == [one.place])
    }

    /// What it was told by an earlier parent, and before a clock was set back, it may still quote.
    @Test func aUnitMayQuoteWhoeverHasEverStoodAboveIt() throws {
        let places = [("37", nil, 0), ("371", "37", 1), ("372", "37", 1), ("3711", "371", 2)]
        let units = places.map { code, parent, tier in
            UnitEntry(code: UnitCode(code)!, name: code, tier: tier, parent: parent.flatMap { UnitCode($0) })
        }
        let network = try SimulatedNetwork(
            units: units, tiers: ["city", "county", "town"], nodes: units.map(\.code.text), seed: 2)
        #expect(network.latestShown(above: "37") == nil)
        network.skew["372"] = 5000
        #expect(network.latestShown(above: "3711") == network.now.seconds)
        network.skew["371"] = 900
        try network.move("3711", under: "372")
        #expect(network.latestShown(above: "3711") == network.now.seconds + 5000)
        network.skew = ["371": 7000]
        #expect(network.latestShown(above: "3711") == network.now.seconds + 7000)
        network.skew = [:]
        network.pass(seconds: 10)
        #expect(network.latestShown(above: "3711") == network.now.seconds - 10 + 7000)
        #expect(network.latestShown(above: "371") == network.now.seconds)
    }
}
