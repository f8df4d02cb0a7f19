import ChangeSet
import Foundation
import ServiceModel
import Testing

@testable import Simulator

/// No number is given twice, but by those who cannot know of each other.
@Suite struct NumberJudgeTests {
    typealias Scene = JudgesTests

    /// Two machines under one name may give a number twice; that somebody else's name was forked is no reason.
    @Test func onlyOneForkedNameMayGiveANumberTwice() throws {
        let made = try Scene.made()
        let places = try #require(made.places)
        let acceptance = places.acceptance, receipt = try #require(acceptance.receipt)
        func found(by author: AuthorID, _ leaf: Digest32, isForked: Bool) throws -> Bool {
            var judges = Judges(), ledger = made.ledger, world = try Scene.world(made)
            if isForked {
                for name in world.replicas.keys { world.replicas[name]?.forked = [acceptance.place.author] }
            }
            ledger.note(
                Simulator.Confirmation(
                    unit: Scene.village, action: .accept,
                    place: Place(author: author, feed: .casework, sequence: 700), leaf: leaf,
                    record: acceptance.record, receipt: receipt))
            return try judges.judge(world, ledger).violations.contains { $0.law == .oneDigest && $0.node == nil }
        }
        let another = Digest32(hashing: Data([7]))
        #expect(try found(by: acceptance.place.author, another, isForked: false))
        #expect(try !found(by: acceptance.place.author, another, isForked: true))
        #expect(try found(by: places.decision.place.author, another, isForked: true))
    }

    /// A fork that is noted at once is none of two machines where there has only been one.
    @Test func onlyWhoWasDoubledForks() throws {
        let made = try Scene.made()
        let decision = try #require(made.places).decision
        func found(isDoubled: Bool) throws -> Bool {
            var judges = Judges(), ledger = made.ledger, world = try Scene.world(made)
            for name in world.replicas.keys { world.replicas[name]?.forked = [decision.place.author] }
            world.copy(decision.leaf, from: Scene.town, to: Scene.town) { $0 + Data([0]) }
            if isDoubled { ledger.noteCloned(decision.place.author, incarnation: 1, common: []) }
            return try judges.judge(world, ledger).violations.contains { $0.law == .oneDigest }
        }
        #expect(try found(isDoubled: false))
        #expect(try !found(isDoubled: true))
    }

    /// A number that is given again bears other characters that were drawn, and is the same number.
    @Test func aRunningNumberThatRestartsIsFound() throws {
        let made = try Scene.made()
        let acceptance = try #require(made.places).acceptance
        let first = try ReceiptNumber(typed: try #require(acceptance.receipt))
        func receipt(_ running: UInt64, ordinal: UInt32) throws -> String {
            let random = first.random == "222" ? "333" : "222"
            let number = ReceiptNumber(unit: first.unit, ordinal: ordinal, running: running, random: random)
            return try #require(number).description
        }
        func found(
            _ receipt: String, _ lives: MachineLife?..., by author: AuthorID? = nil, isForked: Bool = false
        ) throws -> Bool {
            var judges = Judges(), ledger = made.ledger, world = try Scene.world(made)
            if isForked {
                for name in world.replicas.keys { world.replicas[name]?.forked = [acceptance.place.author] }
            }
            for (at, life) in lives.enumerated() {
                ledger.note(
                    Simulator.Confirmation(
                        unit: Scene.village, action: .accept,
                        place: Place(
                            author: author ?? acceptance.place.author, feed: .casework, sequence: 700 + UInt64(at)),
                        leaf: Digest32(hashing: Data([7, UInt8(at)])), record: acceptance.record, receipt: receipt,
                        life: life))
            }
            return try judges.judge(world, ledger).violations.contains { $0.law == .oneDigest && $0.node == nil }
        }
        let again = try receipt(first.running, ordinal: first.ordinal), life = made.network.life(of: Scene.village)
        #expect(try !found(receipt(first.running + 500, ordinal: first.ordinal), life))
        #expect(try !found(receipt(first.running, ordinal: first.ordinal + 1), life))
        #expect(try found(again, nil))
        #expect(try !found(again, nil, isForked: true))
        // One machine that gives a number twice is not the other one of its name.
        #expect(try found(again, life, isForked: true))
        let copy = MachineLife(machine: life.machine + "-1", number: 0)
        #expect(try !found(again, copy, isForked: true))
        #expect(try found(again, copy))
        // Who has lost its anchor passes over so many that it cannot come to this one again, but that it was set back.
        let later = MachineLife(machine: life.machine, number: life.number + 1)
        let setBack = MachineLife(machine: life.machine, number: life.number + 2, setBacks: 1)
        #expect(try found(again, later) && found(again, later, isForked: true))
        #expect(try !found(again, setBack))
        #expect(try found(again, setBack, later))
        // What it gives then it may give again when it has lost its anchor once more, and nobody has heard of it.
        let last = try receipt(100_000, ordinal: first.ordinal), beyond = try receipt(100_001, ordinal: first.ordinal)
        #expect(try found(last, life, later) && !found(beyond, life, later))
        #expect(try found(beyond, later, later))
        // Not even who it was then, as it was set back before it had told.
        let unheard = AuthorID(Bytes16(high: 9, low: 9))
        #expect(try found(last, life, later, by: unheard) && !found(beyond, life, later, by: unheard))
    }

    /// A machine that only starts again knows what it has given.
    @Test func aLifeEndsWithTheAnchor() throws {
        let network = try Scene.made().network, name = Scene.village
        let first = network.life(of: name), snapshot = try network.snapshot(name)
        try network.kill(name)
        try network.crash(name, leaving: try network.copyOfDisk(name))
        #expect(network.life(of: name) == first)
        var met = [first]
        func isAnother() -> Bool {
            met.append(network.life(of: name))
            return Set(met).count == met.count
        }
        try network.loseAnchor(of: name)
        #expect(isAnother())
        try network.restart(name)
        #expect(isAnother() && met.allSatisfy { $0.setBacks == 0 })
        try network.rollBack(to: snapshot)
        #expect(isAnother() && met.last?.setBacks == 1)
        let copy = try network.clone(name)
        try network.sit(name, at: copy)
        #expect(isAnother())
    }
}
