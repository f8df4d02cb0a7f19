import ChangeSet
import Foundation
import ServiceModel

/// One end of a comparison of what two nodes hold (RULES, "Links"): ranges of keys by their digest, halved or better
/// until what differs is listed; only that is ever sent. Both ends run the same rules, and neither has to trust a
/// cursor.
package struct Comparison: Sendable {
    /// Into how many ranges one that differs is cut.
    private static let branches = 16
    /// So many holdings are listed rather than cut further.
    private static let listed = 16

    private enum Mode: UInt32 {
        case same = 0
        case digest = 1
        case held = 2
        case wanted = 3
    }

    /// In the order of their keys.
    private let own: [Holding]
    /// Their contents, one after the other, and where each begins; the last of `starts` is the end.
    private let contents: Data
    private let starts: [Int]
    private var rounds = 0
    /// By place in `own`: what the other end turned out to lack.
    private var missing: [Int: Presence] = [:]
    /// Runs of which the other end holds what this one does not.
    package private(set) var wanted = 0
    /// Nothing is left to say.
    package private(set) var isOver = false

    /// - Parameter own: in any order. Two seals that begin with the same 8 bytes are one: who has searched for such can
    ///   keep a difference from being found or an equality from being proven, and nothing more.
    package init(_ own: [Holding]) {
        self.own = own.sorted().reduce(into: []) { runs, one in
            if let last = runs.last, last.with(one.present) == one {
                runs[runs.count - 1].present = last.present.union(one.present)
            } else {
                runs.append(one)
            }
        }
        var contents = Data()
        var starts = [0]
        for one in self.own {
            contents += one.content
            starts.append(contents.count)
        }
        self.contents = contents
        self.starts = starts
    }

    /// Over all that this end holds.
    package var digest: Digest32 { digest(of: 0..<own.count) }

    private func digest(of mine: Swift.Range<Int>) -> Digest32 {
        Holding.digest(ofContents: contents[starts[mine.lowerBound]..<starts[mine.upperBound]])
    }

    private func key(at place: Int) -> Data { contents[starts[place]..<starts[place] + Holding.keyBytes] }

    package var runs: Int { own.count }

    /// What the other end lacks, as far as is known.
    package var lacking: [Holding] {
        missing.sorted { $0.key < $1.key }.map { at, present in own[at].with(present) }
    }

    /// Both ends hold the same.
    package var isEqual: Bool { isOver && missing.isEmpty && wanted == 0 }

    /// The first words: a digest of everything.
    package var opening: WireComparison { .with { $0.ranges = [digest(of: 0..<own.count, upto: Data())] } }

    /// - Returns: nil when the other end expects no answer.
    /// - Throws: `WireError`.
    package mutating func answer(_ message: WireComparison) throws(WireError) -> WireComparison? {
        rounds += 1
        guard rounds <= Limits.comparisonRounds else { throw .tooLarge("comparison") }
        var reply = WireComparison()
        var size = 0
        var lower = 0
        var isOpen = false
        var isFull = false
        for (index, range) in message.ranges.enumerated() {
            guard let mode = Mode(rawValue: range.mode), range.upto.count <= Holding.keyBytes else {
                throw .malformed("range")
            }
            let isLast = index == message.ranges.count - 1
            guard range.upto.isEmpty == isLast else { throw .malformed("range") }
            let upper = isLast ? own.count : place(of: range.upto)
            guard upper >= lower else { throw .malformed("range") }
            let mine = lower..<upper
            lower = upper
            isOpen = isOpen || mode == .digest || mode == .held
            if mode == .wanted {
                try take(wanted: range.holdings, in: mine)
                self.wanted += Int(range.sends)
            }
            guard !isFull else { continue }
            let answers = try answer(range, mode, mine)
            size += answers.reduce(0) { $0 + Self.size(of: $1) }
            for answer in answers { reply.append(answer) }
            guard size > Limits.comparisonBytes, !isLast else { continue }
            // What is left is gone through again, in the next round.
            isFull = true
            reply.append(digest(of: upper..<own.count, upto: Data()))
        }
        guard isOpen else {
            isOver = true
            return nil
        }
        isOver = reply.ranges.allSatisfy { $0.mode == Mode.same.rawValue || $0.mode == Mode.wanted.rawValue }
        return reply
    }

    private mutating func answer(
        _ range: WireRange, _ mode: Mode, _ mine: Swift.Range<Int>
    ) throws(WireError) -> [WireRange] {
        switch mode {
        case .same, .wanted: return [same(upto: range.upto)]
        case .digest:
            guard digest(of: mine).prefix8 != range.digest else { return [same(upto: range.upto)] }
            return mine.count <= Self.listed ? [list(own[mine], .held, upto: range.upto)] : cut(mine, upto: range.upto)
        case .held:
            let theirs = try read(range.holdings)
            var wanted: [Holding] = []
            var held: [Data: Presence] = [:]
            for (key, holding) in theirs { held[key] = holding.present }
            var sends = 0
            for at in mine {
                let lacking = own[at].present.subtracting(held[key(at: at)] ?? Presence())
                guard !lacking.isEmpty else { continue }
                missing[at] = lacking
                sends += 1
            }
            let places = Dictionary(uniqueKeysWithValues: mine.map { (key(at: $0), $0) })
            for (key, holding) in theirs {
                let lacked = holding.present.subtracting(places[key].map { own[$0].present } ?? Presence())
                if !lacked.isEmpty { wanted.append(holding.with(lacked)) }
            }
            self.wanted += wanted.count
            guard !wanted.isEmpty || sends > 0 else { return [same(upto: range.upto)] }
            var answer = list(wanted, .wanted, upto: range.upto)
            answer.sends = UInt32(sends)
            return [answer]
        }
    }

    /// What of the own holdings the other end has asked for.
    private mutating func take(wanted: [WireHolding], in mine: Swift.Range<Int>) throws(WireError) {
        let places = Dictionary(uniqueKeysWithValues: mine.map { (key(at: $0), $0) })
        for (key, holding) in try read(wanted) {
            // Nothing goes but what both ends should hold: the rest of a run may concern others alone.
            guard let at = places[key], holding.present.subtracting(own[at].present).isEmpty else {
                throw .malformed("wanted")
            }
            missing[at] = holding.present
        }
    }

    private func read(_ list: [WireHolding]) throws(WireError) -> [(key: Data, holding: Holding)] {
        var out: [(key: Data, holding: Holding)] = []
        for wire in list {
            let holding: Holding
            do {
                holding = try Holding(wire: wire, after: out.last?.holding)
            } catch {
                throw .malformed("holding")
            }
            let key = holding.key
            if let last = out.last?.key, !last.lexicographicallyPrecedes(key) { throw .malformed("holding") }
            out.append((key, holding))
        }
        return out
    }

    // MARK: - Ranges

    /// How many of the own keys lie before `bound`.
    private func place(of bound: Data) -> Int {
        var low = 0
        var high = own.count
        while low < high {
            let middle = (low + high) / 2
            if key(at: middle).lexicographicallyPrecedes(bound) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func cut(_ mine: Swift.Range<Int>, upto: Data) -> [WireRange] {
        (0..<Self.branches).map { branch in
            let start = mine.lowerBound + mine.count * branch / Self.branches
            let end = mine.lowerBound + mine.count * (branch + 1) / Self.branches
            return digest(of: start..<end, upto: branch == Self.branches - 1 ? upto : bound(before: end))
        }
    }

    /// The shortest beginning of a key that the key before does not reach.
    private func bound(before at: Int) -> Data {
        let shared = zip(key(at: at - 1), key(at: at)).prefix { $0 == $1 }.count
        return key(at: at).prefix(shared + 1)
    }

    private func same(upto: Data) -> WireRange { .with { $0.upto = upto } }

    private func digest(of mine: Swift.Range<Int>, upto: Data) -> WireRange {
        .with {
            $0.upto = upto
            $0.mode = Mode.digest.rawValue
            $0.digest = digest(of: mine).prefix8
        }
    }

    private func list(_ holdings: some Sequence<Holding>, _ mode: Mode, upto: Data) -> WireRange {
        .with { range in
            range.upto = upto
            range.mode = mode.rawValue
            var before: Holding?
            for one in holdings {
                range.holdings.append(one.wire(after: before))
                before = one
            }
        }
    }

    /// About how many bytes a range comes to.
    private static func size(of range: WireRange) -> Int {
        range.mode == Mode.same.rawValue ? 0 : 16 + range.upto.count + range.holdings.count * 32
    }
}

extension WireComparison {
    /// Of neighbours about which nothing is left to say the last one stands for all.
    fileprivate mutating func append(_ range: WireRange) {
        if range.mode == 0, ranges.last?.mode == 0 { ranges.removeLast() }
        ranges.append(range)
    }
}
