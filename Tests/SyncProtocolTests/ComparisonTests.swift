import ChangeSet
import Foundation
import ServiceModel
import Testing

@testable import SyncProtocol

/// Two ends learn exactly what each lacks, however they differ, and say little where they are alike.
@Suite struct ComparisonTests {
    @Test(arguments: 1...40) func bothEndsFindTheWholeDifference(seed: Int) throws {
        var random = Random(state: UInt64(seed))
        let all = Self.holdings(random.below(3000), &random)
        // A few, a share or nearly everything is missing on either side.
        let share = [3, 50, 400, 997][seed % 4]
        let one = all.compactMap { random.less($0, share) }
        let two = all.compactMap { random.less($0, share) }
        let found = try Self.compare(one, two)
        Self.expect(found, between: one, two, "seed \(seed)")
        let isSame = one == two
        #expect(found.first.isEqual == isSame && found.second.isEqual == isSame, "seed \(seed)")
    }

    @Test(arguments: [(0, 0), (0, 1), (1, 0), (0, 700), (700, 0), (1, 1)])
    func emptyEnds(_ one: Int, _ two: Int) throws {
        var random = Random(state: 7)
        let first = Self.holdings(one, &random)
        let second = Self.holdings(two, &random)
        let found = try Self.compare(first, second)
        #expect(found.first.lacking.count == one && found.second.lacking.count == two)
    }

    @Test func equalEndsSayOneWord() throws {
        var random = Random(state: 1)
        let all = Self.holdings(10_000, &random)
        let found = try Self.compare(all, all.shuffled(using: &random))
        #expect(found.messages == 2 && found.bytes < 40)
        #expect(found.first.isEqual && found.second.isEqual)
    }

    /// What the issue asks for: rounds grow as the logarithm, bytes with the difference.
    @Test(arguments: [1, 10, 1000]) func bytesGrowWithTheDifference(differences: Int) throws {
        var random = Random(state: UInt64(differences))
        let all = Self.holdings(100_000, &random)
        let gone = Set((0..<all.count).shuffled(using: &random).prefix(differences))
        let some = all.enumerated().filter { !gone.contains($0.offset) }.map(\.element)
        let found = try Self.compare(all, some)
        #expect((found.first.lacking.count, found.second.lacking.count) == (differences, 0))
        #expect(found.messages <= 12)
        print("\(differences) of 100000 runs: \(found.messages) messages, \(found.deflated) bytes")
    }

    private static func holding(_ present: [Int], seal: UInt64 = 9) -> Holding {
        var presence = Presence()
        for offset in present { presence.insert(offset) }
        return Holding(
            author: AuthorID(Bytes16(Data(count: 16))!), feed: .casework, from: 1, seal: seal, present: presence)
    }

    /// Who knows a run by one change set of it may not ask for the others.
    @Test func nothingIsGivenThatIsNotHeldInCommon() throws {
        let asked: [(present: [Int]?, isGiven: Bool)] = [([5], true), ([4], false), ([5, 6], false), (nil, false)]
        for (present, isGiven) in asked {
            var comparison = Comparison([Self.holding([5])])
            let wanted = present.map { Self.holding($0) } ?? Self.holding([]).with(.whole)
            let message = WireComparison.with {
                $0.ranges = [
                    .with {
                        $0.mode = 3
                        $0.holdings = [wanted.wire(after: nil)]
                    }
                ]
            }
            if isGiven {
                _ = try comparison.answer(message)
                #expect(comparison.lacking == [Self.holding([5])])
            } else {
                #expect(throws: WireError.malformed("wanted")) { _ = try comparison.answer(message) }
                #expect(comparison.lacking.isEmpty)
            }
        }
    }

    /// Two seals of one author may begin alike where it has searched for that.
    @Test func sealsThatBeginAlikeAreOne() throws {
        let one = [Self.holding([1]), Self.holding([2]), Self.holding([3], seal: 10)]
        let found = try Self.compare(one, [])
        #expect(found.second.lacking.isEmpty && found.first.lacking == [Self.holding([1, 2]), one[2]])
        #expect(try Self.compare(one, [Self.holding([1, 2]), one[2]]).first.isEqual)
    }

    /// More differs than one message may say.
    @Test func aLargeDifferenceTakesSeveralMessages() throws {
        var random = Random(state: 3)
        let all = Self.holdings(60_000, &random)
        let one = all.compactMap { random.less($0, 300) }
        let two = all.compactMap { random.less($0, 300) }
        let found = try Self.compare(one, two)
        Self.expect(found, between: one, two, "most differ")
        #expect(found.largest < Limits.frameBytes)
    }

    @Test func whatIsOutOfOrderIsRefused() throws {
        var random = Random(state: 5)
        let all = Self.holdings(40, &random)
        func refused(_ ranges: [WireRange]) {
            var comparison = Comparison(all)
            #expect(throws: WireError.self) { try comparison.answer(.with { $0.ranges = ranges }) }
        }
        let key = all.map(\.key).sorted { $0.lexicographicallyPrecedes($1) }
        refused([.with { $0.upto = key[20] }, .with { $0.upto = key[3] }, WireRange()])
        refused([.with { $0.upto = key[20] }])
        refused([WireRange(), WireRange()])
        refused([.with { $0.mode = 9 }])
        refused([.with { $0.upto = Data(count: 40) }, WireRange()])
        refused([
            .with {
                $0.mode = 2; $0.holdings = [all[3].wire(after: nil), all[3].wire(after: nil)]
            }
        ])
        var endless = Comparison(all)
        #expect(throws: WireError.self) {
            for _ in 0...Limits.comparisonRounds { _ = try endless.answer(endless.opening) }
        }
    }

    // MARK: - Two ends

    private struct Found {
        var first: Comparison
        var second: Comparison
        var messages = 1
        var bytes = 0
        /// As on the wire: one stream each way.
        var deflated = 0
        var largest = 0
    }

    private static func compare(_ one: [Holding], _ two: [Holding]) throws -> Found {
        var found = Found(first: Comparison(one), second: Comparison(two))
        var message: WireComparison? = found.first.opening
        var isFirst = false
        let streams = [Deflater(dictionary: PresetDictionary.bytes), Deflater(dictionary: PresetDictionary.bytes)]
        while let said = message {
            let bytes: Data = try said.serializedBytes()
            found.bytes += bytes.count
            found.deflated += streams[isFirst ? 1 : 0].flush(bytes).count
            found.largest = max(found.largest, bytes.count)
            let heard = try WireComparison(serializedBytes: bytes)
            message = isFirst ? try found.first.answer(heard) : try found.second.answer(heard)
            if message != nil { found.messages += 1 }
            isFirst.toggle()
        }
        #expect(found.first.isOver && found.second.isOver)
        return found
    }

    private static func expect(_ found: Found, between one: [Holding], _ two: [Holding], _ what: String) {
        let isRight = (
            Set(found.first.lacking) == lacked(one, by: two), Set(found.second.lacking) == lacked(two, by: one)
        )
        #expect(isRight == (true, true), "\(what)")
    }

    /// What `one` holds and `two` does not.
    private static func lacked(_ one: [Holding], by two: [Holding]) -> Set<Holding> {
        let held = Dictionary(uniqueKeysWithValues: two.map { ($0.key, $0.present) })
        return Set(
            one.compactMap { holding in
                let lacked = holding.present.subtracting(held[holding.key] ?? Presence())
                return lacked.isEmpty ? nil : holding.with(lacked)
            })
    }

    private static func holdings(_ count: Int, _ random: inout Random) -> [Holding] {
        let authors = (0..<max(1, count / 300)).map { _ in
            AuthorID(Bytes16(high: random.next(), low: random.next()))
        }
        return (0..<count).map { index in
            Holding(
                author: authors[index % authors.count], feed: index % 5 == 0 ? .published : .casework,
                from: UInt64(index / authors.count * 3 + 1), seal: random.next(), present: .whole)
        }
    }
}

private struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    /// The holding whole, in part, or not at all.
    mutating func less(_ holding: Holding, _ share: Int) -> Holding? {
        guard below(1000) < share else { return holding }
        guard below(2) == 0 else { return nil }
        var present = Presence()
        for _ in 0..<3 { present.insert(below(256)) }
        return holding.with(present)
    }
}
