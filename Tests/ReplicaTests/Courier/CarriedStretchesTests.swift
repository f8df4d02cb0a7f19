import Replica
import Testing

/// Whatever order volumes come in, the cursor goes where all is held, and never further.
@Suite struct CarriedStretchesTests {
    private func cursor(_ position: Int64, offset: Int64 = 0) -> JournalCursor {
        JournalCursor(position: position, offset: offset, rolling: UInt64(position) &* 31 &+ UInt64(offset))
    }

    private func stretch(_ start: Int64, _ end: Int64) -> CarriedStretches.Stretch {
        .init(start: start == 0 ? .start : cursor(start), end: cursor(end))
    }

    @Test func theCursorGoesOverWhatFilledTheGap() {
        let table: [(held: Int64, come: [(Int64, Int64)], reached: Int64, waiting: Int)] = [
            (0, [(0, 5)], 5, 0),
            (0, [(5, 9)], 0, 1),
            (0, [(5, 9), (0, 5)], 9, 0),
            (0, [(9, 12), (5, 9)], 0, 1),
            (0, [(9, 12), (0, 5)], 5, 1),
            (7, [(0, 5)], 7, 0),
            (7, [(5, 9)], 9, 0),
            (7, [(0, 9), (9, 11)], 11, 0),
            (3, [(8, 9), (5, 6), (4, 12)], 3, 1),
            (5, [(5, 6), (6, 7), (8, 9)], 7, 1),
        ]
        for (held, come, reached, waiting) in table {
            var carried = CarriedStretches()
            for (start, end) in come { carried.add(stretch(start, end)) }
            let from = held == 0 ? JournalCursor.start : cursor(held)
            #expect(carried.reach(from: from) == (reached == 0 ? .start : cursor(reached)), "\(come) from \(held)")
            #expect(carried.stretches.count == waiting, "\(come) from \(held)")
        }
    }

    /// Inside a widening the offset counts, and a journal that was rolled back is another one.
    @Test func pointsAreComparedWhole() {
        var carried = CarriedStretches()
        carried.add(.init(start: cursor(4, offset: 2), end: cursor(9)))
        #expect(carried.reach(from: cursor(4)) == cursor(4))
        #expect(carried.reach(from: cursor(4, offset: 2)) == cursor(9))
        carried.add(stretch(12, 15))
        #expect(carried.reach(from: JournalCursor(position: 12, offset: 0, rolling: 1)).position == 12)
    }

    @Test(arguments: 1...40) func everyOrderComesToTheSame(seed: UInt64) {
        var random = SplitMix(state: seed)
        var points: [Int64] = [0]
        for _ in 0..<12 { points.append(points[points.count - 1] + Int64.random(in: 1...9, using: &random)) }
        var pieces = zip(points, points.dropFirst()).map { stretch($0, $1) }
        pieces += (0..<4).map { _ in pieces.randomElement(using: &random)! }
        pieces.shuffle(using: &random)
        let lost = Bool.random(using: &random) ? points.randomElement(using: &random)! : -1
        var held = JournalCursor.start
        var carried = CarriedStretches()
        var came: Set<CarriedStretches.Stretch> = []
        for piece in pieces where piece.start.position != lost {
            carried.add(piece)
            came.insert(piece)
            held = carried.reach(from: held)
            var expected = JournalCursor.start
            while let next = came.first(where: { $0.start == expected }) { expected = next.end }
            #expect(held == expected, "seed \(seed)")
        }
        #expect(carried.stretches.isEmpty == (held.position == came.map(\.end.position).max()), "seed \(seed)")
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
