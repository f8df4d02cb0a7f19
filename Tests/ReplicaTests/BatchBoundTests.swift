import ChangeSet
import Foundation
import ServiceModel
import Testing

@testable import Replica

/// A sender stays within what its receiver takes.
@Suite struct BatchBoundTests {
    @Test func aThousandTinyRunsGoInSeveralBatches() throws {
        let town = try Town(["C", "K"])
        let node = town["K"]
        try node.replica.write { transaction in
            for number in 1...1100 {
                try node.accept("陈\(number)", number: number, in: transaction)
                try transaction.seal(node.author, key: node.key, quoted: .none, time: node.time)
            }
        }
        #expect(try town.send("K", "C", isBelow: false, budget: 1 << 20) == 1100)
        #expect(try town["C"].fingerprint("K") == town["K"].fingerprint("K"))
    }

    @Test func aBatchOfLargeRunsFitsIntoAFrame() throws {
        let town = try Town(["C", "K"])
        let node = town["K"]
        let text = String(repeating: "写", count: 2700)
        try node.replica.write { transaction in
            for number in 1...160 { try node.accept(text, number: number, in: transaction) }
        }
        try node.seal()
        let peer = try node.replica.write { try $0.meet(unit: UnitCode("C")!, node: 1, incarnation: 1) }
        var cursor = JournalCursor.start
        var batches = 0, runs = 0
        while let batch = try node.replica.read({
            try $0.outgoing(
                .casework, to: Addressee(peer: peer, isBelow: false, confirmed: [:]), from: cursor, budget: 4 << 20)
        }) {
            #expect(try batch.batch.serializedData().count < Limits.frameBytes)
            cursor = batch.end
            batches += 1
            runs += batch.batch.runs.count
        }
        #expect(batches == 2 && runs > 16)
        #expect(try town.send("K", "C", isBelow: false, budget: 4 << 20) == 160)
    }

    /// Whoever has lost many databases, or says so, blocks nobody who passes that on.
    @Test func manyLongOpeningsFitIntoAFrame() throws {
        let town = try Town(["C", "K"])
        let node = town["K"]
        var last = node.author
        for number in 1...Limits.openingsPerBatch {
            let opening = try SignedOpening(
                Opening(
                    unit: node.unit, node: 1, random: Data(repeating: UInt8(number), count: 8),
                    certificates: Array(repeating: Data(count: 4000), count: 7),
                    sealKey: node.key.publicKey.rawRepresentation, earlier: last, earlierHeads: [],
                    depth: UInt32(number)), sign: { _ in Data(count: 64) })
            last = opening.author.id
            try node.replica.write { transaction in
                try transaction.introduce(opening)
                try transaction.write(as: last)
            }
        }
        town.replace("K", author: last)
        try town["K"].replica.write { try town["K"].accept("陈", number: 1, in: $0) }
        try town["K"].seal()
        let peer = try node.replica.write { try $0.meet(unit: UnitCode("C")!, node: 1, incarnation: 1) }
        let batch = try #require(
            try node.replica.read {
                try $0.outgoing(
                    .casework, to: Addressee(peer: peer, isBelow: false, confirmed: [:]), from: .start, budget: 1 << 18)
            })
        #expect(try batch.batch.serializedData().count < Limits.frameBytes)
        #expect(try town.send("K", "C", isBelow: false) == 1)
        #expect(try town["C"].fingerprint("K") == town["K"].fingerprint("K"))
    }

    @Test func aLongCharterGoesInSeveralBatches() throws {
        let town = try Town(["C", "K"])
        let node = town["C"]
        let grant = WireGrant.with {
            $0.unit = "K"
            $0.kind = CaseAction.decide.rawValue
        }
        try node.replica.write { transaction in
            for _ in 1...1100 {
                try node.enter(.grant(grant), in: transaction)
                try transaction.seal(node.author, key: node.key, quoted: .none, time: node.time)
            }
        }
        for _ in 1...3 { try town.send("C", "K", isBelow: true, budget: 4 << 20) }
        let cursors = try ["C", "K"].map { try town[$0].replica.read { $0.charterCursor() } }
        #expect(cursors[0] == cursors[1])
    }
}
