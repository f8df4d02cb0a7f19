import ChangeSet
import Foundation
import ServiceModel
import Testing

@testable import Simulator

/// Judges are worth what they find: each is shown a sound network, and then the same one with something wrong in it.
@Suite struct JudgesTests {
    static let city = "37", county = "371", town = "3711", village = "37111", other = "37112"

    /// A wrong that is done to a network, and who must find it.
    private struct Wrong: Sendable {
        let law: Law
        let name: String
        let node: String?
        let doctor: @Sendable (inout World, inout ConfirmationLedger, Places) -> Void
    }

    /// What the tests speak of.
    struct Places {
        /// Accepted in the village, forwarded to the county, decided there; the city had asked to decide it.
        let acceptance: Simulator.Confirmation
        let decision: Simulator.Confirmation
        let request: Simulator.Confirmation
        /// Of another case, in which town and village disagree about the address.
        let conflict: Place
    }

    struct Made {
        let network: SimulatedNetwork
        var ledger = ConfirmationLedger()
        var places: Places?

        mutating func note(_ action: CaseAction, at name: String, _ record: Place, receipt: String? = nil) throws
            -> Simulator.Confirmation
        {
            let last = try #require(try network.journal(of: name).rows.last)
            let one = Simulator.Confirmation(
                unit: name, action: action, place: last.place, leaf: last.leaf, record: record, receipt: receipt,
                shown: network.latestShown(above: name), life: network.life(of: name))
            ledger.note(one)
            return one
        }

        mutating func accept(at name: String) throws -> (Place, Simulator.Confirmation) {
            let reference = try network.accept(
                at: name, number: ledger.confirmed.count, route: [JudgesTests.town, JudgesTests.county])
            let creation = reference.creation
            return (creation, try note(.accept, at: name, creation, receipt: reference.receipt))
        }

        mutating func act(
            _ action: CaseAction, at name: String, _ record: Place, _ fields: [String: String] = [:],
            target: String? = nil
        ) throws -> Simulator.Confirmation {
            try network.act(action, at: name, on: record, target: target, fields: fields)
            return try note(action, at: name, record)
        }
    }

    static func made() throws -> Made {
        let places = [(city, nil, 0), (county, city, 1), (town, county, 2), (village, town, 3), (other, town, 3)]
        let units = places.map { code, parent, tier in
            UnitEntry(code: UnitCode(code)!, name: code, tier: tier, parent: parent.flatMap { UnitCode($0) })
        }
        var made = Made(
            network: try SimulatedNetwork(
                units: units, tiers: ["city", "county", "town", "village"], nodes: units.map(\.code.text), seed: 11))
        let (first, acceptance) = try made.accept(at: village)
        _ = try made.act(.forward, at: village, first, target: county)
        try made.network.settle(rounds: 1)
        let request = try made.act(.decide, at: city, first, [CaseField.decision: "refused"])
        let decision = try made.act(.decide, at: county, first, [CaseField.decision: "granted"])
        let (second, _) = try made.accept(at: village)
        try made.network.settle(rounds: 1)
        for name in [town, village] {
            _ = try made.act(.amend, at: name, second, [CaseField.applicantAddress: "\(name)巷"])
        }
        made.network.pass(seconds: 4000)
        try made.network.settle()
        made.places = Places(acceptance: acceptance, decision: decision, request: request, conflict: second)
        return made
    }

    static func world(_ made: Made) throws -> World {
        var world = try World(made.network, FileMemory())
        try world.askHealed(made.network)
        return world
    }

    private static let wrongs = [
        Wrong(law: .confirmedStands, name: "a confirmed change set is missing", node: county) { world, _, places in
            world.drop(places.acceptance.leaf, at: [county])
        },
        Wrong(law: .confirmedStands, name: "it is nowhere", node: nil) { world, _, places in
            world.drop(places.decision.leaf, at: Array(world.replicas.keys))
        },
        Wrong(law: .confirmedStands, name: "it stands twice", node: town) { world, _, places in
            world.copy(places.acceptance.leaf, from: town, to: town)
        },
        Wrong(law: .oneDigest, name: "a place has two digests", node: town) { world, _, places in
            world.copy(places.acceptance.leaf, from: town, to: town) { bytes in bytes + [0x98, 0x06, 0x01] }
        },
        Wrong(law: .oneDigest, name: "a number is given twice", node: nil) { _, ledger, places in
            let one = places.decision
            ledger.note(
                Simulator.Confirmation(
                    unit: one.unit, action: .accept, place: one.place, leaf: one.leaf, record: one.record,
                    receipt: places.acceptance.receipt))
        },
        Wrong(law: .equalState, name: "another holder is shown", node: village) { world, _, places in
            world.show(places.acceptance.record, at: village) { $0.holder = village }
        },
        Wrong(law: .equalState, name: "another phase is shown", node: county) { world, _, places in
            world.show(places.acceptance.record, at: county) { $0.phase = "accepted" }
        },
        Wrong(law: .equalState, name: "another value is shown", node: town) { world, _, places in
            world.show(places.acceptance.record, at: town) { $0.fields[CaseField.applicantName] = "李" }
        },
        Wrong(law: .equalState, name: "a conflict has another id", node: town) { world, _, places in
            world.show(places.conflict, at: town) { shown in
                shown.conflicts = shown.conflicts.mapValues {
                    .init(id: Data([1]), chosen: $0.chosen, others: $0.others)
                }
            }
        },
        Wrong(law: .equalState, name: "a conflict vanishes", node: town) { world, _, places in
            world.show(places.conflict, at: town) { $0.conflicts = [:] }
        },
        Wrong(law: .equalState, name: "a status is another", node: city) { world, _, places in
            world.show(places.acceptance.record, at: city) { $0.status[places.request.leaf.leaf] = "admitted" }
        },
        Wrong(law: .equalState, name: "the audience is another", node: county) { world, _, places in
            world.show(places.acceptance.record, at: county) { $0.units.insert(other) }
        },
        Wrong(law: .equalState, name: "fingerprints differ", node: nil) { world, _, _ in
            world.fingerprints[village]?[county] = [:]
        },
        Wrong(law: .oneChain, name: "two decisions are shown in effect", node: county) { world, _, places in
            world.show(places.acceptance.record, at: county) { $0.status[places.request.leaf.leaf] = "effective" }
        },
        Wrong(law: .effectLasts, name: "something waits for good", node: nil) { world, _, places in
            world.drop(places.acceptance.leaf, at: Array(world.replicas.keys))
        },
        Wrong(law: .allGranted, name: "a parent lacks what its cursor is past", node: county) { world, _, places in
            world.drop(places.acceptance.leaf, at: [county])
        },
        Wrong(law: .allGranted, name: "a child lacks what its cursor is past", node: village) { world, _, places in
            world.drop(places.decision.leaf, at: [village])
        },
        Wrong(law: .ancestorsHeld, name: "an ancestor is missing", node: town) { world, _, places in
            world.drop(places.acceptance.leaf, at: [town])
        },
        Wrong(law: .noBodyAstray, name: "a body came to another village", node: other) { world, _, places in
            world.copy(places.acceptance.leaf, from: village, to: other)
        },
        Wrong(law: .noBodyAstray, name: "a body lies beside the journal", node: other) { world, _, _ in
            world.replicas[other]?.journal.strays = ["run 7, offset 3"]
        },
        Wrong(law: .frontierIsTrue, name: "a figure is counted twice", node: city) { world, _, _ in
            world.figures[0].counts["accepted", default: 0] += 1
        },
        Wrong(law: .workGoesOn, name: "a counter is shut", node: town) { world, _, _ in
            world.refused[town] = ["it is cut"]
        },
        Wrong(law: .tablesRebuilt, name: "a table is rebuilt otherwise", node: town) { world, _, _ in
            world.tables[town] = ["audience"]
        },
        Wrong(law: .filesWhole, name: "a page is damaged", node: town) { world, _, _ in
            world.damage[town] = ["row 3 missing from index"]
        },
        Wrong(law: .filesWhole, name: "damage is noted that nobody has done", node: town) { world, _, _ in
            world.replicas[town]?.isImpaired = true
        },
        Wrong(law: .equalState, name: "who notes damage that nobody has done shows another holder", node: village) {
            world, _, places in
            world.replicas[village]?.isImpaired = true
            world.show(places.acceptance.record, at: village) { $0.holder = village }
        },
    ]

    @Test func eachLawIsFoundBroken() throws {
        let made = try Self.made()
        let sound = try Self.world(made)
        let places = try #require(made.places)
        var judges = Judges()
        #expect(try judges.judge(sound, made.ledger).violations == [])
        for wrong in Self.wrongs {
            var world = sound, ledger = made.ledger, judges = Judges()
            wrong.doctor(&world, &ledger, places)
            let found = try judges.judge(world, ledger).violations.filter { $0.law == wrong.law }
            #expect(!found.isEmpty, "\(wrong.name)")
            if let node = wrong.node { #expect(found.contains { $0.node == node }, "\(wrong.name): \(found)") }
        }
    }

    /// The report of a failed run is the same twice.
    @Test func findingsComeInOneOrder() throws {
        let made = try Self.made()
        var judges = Judges(), world = try Self.world(made)
        for one in made.ledger.confirmed { world.drop(one.leaf, at: [Self.county, Self.town, Self.village]) }
        let found = try judges.judge(world, made.ledger).violations
        for law in [Law.confirmedStands, .equalState, .allGranted] {
            let texts = found.filter { $0.law == law }.map(\.description)
            #expect(texts.count > 4 && texts == texts.sorted(), "\(law)")
        }
    }

    @Test func effectThatIsLostForNoReasonIsFound() throws {
        let made = try Self.made()
        let places = try #require(made.places)
        let sound = try World(made.network, FileMemory())
        for status in ["proposal.outrun", "pending.parentMissing", "void.frozen"] {
            var judges = Judges(), world = sound
            #expect(try judges.judge(sound, made.ledger).violations == [])
            world.show(places.decision.record, at: Self.town) { $0.status[places.decision.leaf.leaf] = status }
            let found = try judges.judge(world, made.ledger).violations
            #expect(found.contains { $0.law == .effectLasts && $0.node == Self.town }, "\(status)")
        }
    }

    /// A takeover in another branch is a reason that the rules name.
    @Test func effectThatIsTakenOverIsNotFound() throws {
        var made = try Self.made()
        let (record, _) = try made.accept(at: Self.village)
        try made.network.settle()
        var judges = Judges()
        _ = try made.act(.withdraw, at: Self.village, record)
        try made.network.act(.takeOver, at: Self.county, on: record) { $0.presumedLost = true }
        _ = try made.note(.takeOver, at: Self.county, record)
        #expect(try judges.observe(made.network, made.ledger) == [])
        try made.network.settle()
        let status = try World(made.network, FileMemory()).replicas[Self.village]?.shown.values.flatMap(\.status.values)
        #expect(status?.contains("proposal.outrun") == true)
        #expect(try judges.check(made.network, made.ledger).violations == [])
    }

    @Test func aCopyThatIsDroppedIsFoundUnlessItIsKeptAbove() throws {
        let made = try Self.made()
        let places = try #require(made.places)
        let sound = try World(made.network, FileMemory())
        func found(_ doctor: (inout World, inout ConfirmationLedger) -> Void) throws -> Bool {
            var judges = Judges(), world = sound, ledger = made.ledger
            _ = try judges.judge(sound, ledger)
            world.drop(places.acceptance.leaf, at: [Self.village])
            doctor(&world, &ledger)
            return try judges.judge(world, ledger).violations.contains {
                $0.law == .noCopyDropped && $0.node == Self.village
            }
        }
        let leaf = places.acceptance.leaf
        #expect(try found { _, _ in })
        #expect(try found { _, ledger in ledger.noteTaken([leaf], from: Self.village, heldElsewhere: []) })
        #expect(try found { _, ledger in ledger.noteBackedUp([places.decision.leaf], of: Self.town) })
        #expect(try found { _, ledger in ledger.noteBackedUp([leaf], of: Self.other) })
        #expect(try !found { _, ledger in ledger.noteBackedUp([leaf], of: Self.town) })
        // Nor is it an excuse that another unit's disk has lost it.
        #expect(
            try found { world, ledger in
                ledger.noteTaken([leaf], from: Self.town, heldElsewhere: [])
                world.replicas[Self.village]?.incarnation += 1
            })
        // A disk that was taken back to an older day is another database.
        #expect(
            try !found { world, ledger in
                ledger.noteTaken([leaf], from: Self.village, heldElsewhere: [leaf])
                world.replicas[Self.village]?.incarnation += 1
            })
    }

    @Test func aFrontierThatIsAheadIsFound() throws {
        var made = try Self.made()
        var judges = Judges()
        #expect(try judges.observe(made.network, made.ledger) == [])
        made.network.pass(seconds: 100)
        _ = try made.accept(at: Self.village)
        #expect(try judges.observe(made.network, made.ledger) == [])
        made.network.pass(seconds: 100)
        var world = try World(made.network, FileMemory())
        let now = try #require(world.clocks[Self.town])
        // What was booked in the very second may be meant or not.
        world.frontier[Self.village] = now - 100
        #expect(try judges.judge(world, made.ledger).violations == [])
        world.frontier[Self.village] = now - 99
        let found = try judges.judge(world, made.ledger).violations
        #expect(found.map(\.law) == [.frontierIsTrue])
        try made.network.settle()
        #expect(try judges.check(made.network, made.ledger).violations == [])
    }
}

extension World {
    mutating func drop(_ leaf: Digest32, at names: [String]) {
        for name in names { replicas[name]?.journal.rows.removeAll { $0.leaf == leaf } }
    }

    /// Puts a row behind the last one of another journal, or of the same, with its bytes or others.
    mutating func copy(
        _ leaf: Digest32, from name: String, to other: String, changing change: ((Data) -> Data)? = nil
    ) {
        guard let row = replicas[name]?.journal.rows.first(where: { $0.leaf == leaf }) else { return }
        let bytes = change?(row.bytes) ?? row.bytes
        let position = (replicas[other]?.journal.rows.last?.position ?? 0) + 1
        replicas[other]?.journal.rows.append(
            row.changed(position: position, leaf: change == nil ? leaf : Digest32(hashing: bytes), bytes: bytes))
    }

    mutating func show(_ creation: Place, at name: String, _ change: (inout HeldReplica.Shown) -> Void) {
        for (row, shown) in replicas[name]?.shown ?? [:] where shown.creation == creation {
            var other = shown
            change(&other)
            replicas[name]?.shown[row] = other
        }
    }
}

extension HeldJournal.Row {
    func changed(
        position: Int64? = nil, seal: Data? = nil, leaf: Digest32? = nil, bytes: Data? = nil
    ) -> HeldJournal.Row {
        HeldJournal.Row(
            position: position ?? self.position, place: place, leaf: leaf ?? self.leaf, record: record,
            isSealed: isSealed, counts: counts, bytes: bytes ?? self.bytes, pin: pin, seal: seal ?? self.seal,
            previousSeal: previousSeal, recordRow: recordRow, source: source)
    }
}
