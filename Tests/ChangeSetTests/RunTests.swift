import Foundation
import ServiceModel
import Testing

@testable import ChangeSet

@Suite struct RunTests {
    @Test(arguments: [1, 2, 3, 5, 8, 255, 256])
    func wholeRunTravelsWithItsSeed(count: Int) throws {
        let run = try Samples.run(count)
        let wire = run.wire(author: true, previous: true, pin: true)
        #expect(wire.seed.count == 16 && wire.salts.isEmpty && wire.pruned.isEmpty && wire.present.isEmpty)
        #expect(try Samples.read(wire) == run)
    }

    @Test func anyPartClosesTheSameTree() throws {
        var random = SeededGenerator(state: 20_261_123)
        for _ in 0..<200 {
            let count = Int.random(in: 1...40, using: &random)
            let run = try Samples.run(count)
            let kept = Set((1...UInt64(count)).filter { _ in Bool.random(using: &random) })
            let part = run.pruned(to: kept)
            #expect(part.seed == nil || part.isWhole)
            let read = try Samples.read(part.wire(author: true, previous: true, pin: true))
            #expect(read == part)
            #expect(Set(read.present.map(\.place.sequence)) == kept)
        }
    }

    @Test func partsMergeIntoTheWhole() throws {
        var random = SeededGenerator(state: 4)
        for round in 0..<200 {
            let count = Int.random(in: 2...40, using: &random)
            let run = try Samples.run(count)
            let one = Set((1...UInt64(count)).filter { _ in Bool.random(using: &random) })
            let two = Set((1...UInt64(count)).filter { _ in Bool.random(using: &random) })
            let merged = run.pruned(to: one).merged(with: run.pruned(to: two))
            #expect(merged.present == run.pruned(to: one.union(two)).present, "round \(round)")
            #expect(merged.pruned == run.pruned(to: one.union(two)).pruned, "round \(round)")
            let again = try Samples.read(merged.wire(author: true, previous: true, pin: true))
            #expect(again.seal == run.seal)
        }
    }

    @Test func aRelayedPartNeverCarriesTheSeed() throws {
        let part = try Samples.run(3).pruned(to: [1, 3])
        var wire = part.wire(author: true, previous: true, pin: true)
        #expect(wire.seed.isEmpty)
        wire.seed = Samples.seed.data
        #expect(throws: WireError.malformed("run seed")) { try Samples.read(wire) }
    }

    typealias Tamper = (name: String, change: @Sendable (inout WireRun) -> Void, error: WireError)

    static let tampers: [Tamper] = [
        ("content", { $0.changeSets[1][0] ^= 1 }, .seal),
        ("signature", { $0.signature[5] ^= 1 }, .seal),
        ("seal body", { $0.seal.append(0) }, .seal),
        ("seed", { $0.seed[0] ^= 1 }, .seal),
        ("previous", { $0.previous[0] ^= 1 }, .seal),
        ("pin", { $0.pinDigest[0] ^= 1 }, .seal),
        ("moved on", { $0.from += 1 }, .seal),
        ("one left out", { $0.changeSets.removeLast() }, .malformed("run bitmap")),
        (
            "shorter",
            {
                $0.changeSets.removeLast(); $0.count -= 1
            }, .seal
        ),
        (
            "empty",
            {
                $0.count = 0; $0.changeSets = []
            }, .malformed("run bounds")
        ),
        ("from zero", { $0.from = 0 }, .malformed("run bounds")),
        ("far away", { $0.from = .max }, .malformed("run bounds")),
        ("too many", { $0.count = 257 }, .tooLarge("run")),
        ("hashes left over", { $0.pruned = Data(count: 32) }, .tree),
        ("no context", { $0.previous = Data() }, .malformed("run context")),
        ("short context", { $0.previous = Data(count: 31) }, .malformed("run context")),
        ("no seed", { $0.seed = Data() }, .malformed("run salts")),
        ("large", { $0.changeSets[0] = Data(count: Limits.bytesPerRun + 1) }, .tooLarge("run")),
        (
            "bits past the end",
            {
                $0.present = Data([0xff]); $0.seed = Data()
            }, .malformed("run bitmap")
        ),
    ]

    @Test(arguments: tampers.indices)
    func tamperedRunIsRefused(index: Int) throws {
        let (name, change, error) = Self.tampers[index]
        var wire = try Samples.run(3).wire(author: true, previous: true, pin: true)
        change(&wire)
        #expect(throws: error, "\(name)") { try Samples.read(wire) }
    }

    @Test func contextIsTakenFromTheRunBefore() throws {
        let run = try Samples.run(2)
        let wire = run.wire(author: false, previous: false, pin: false)
        let read = try SealedRun(
            wire: wire, author: Samples.author, feed: .casework, before: (Samples.previous, Samples.pin),
            network: Samples.network, key: Samples.sealKey.publicKey)
        #expect(read == run)
    }
}
