import Testing

@testable import ServiceModel

@Suite struct CutTests {
    private static func author(_ id: UInt64, enrollment: UInt32 = 1, depth: UInt32 = 0, unit: String = "V1") -> Author {
        Author(id: AuthorID(Bytes16(high: id, low: 0)), unit: Town.code(unit), enrollment: enrollment, depth: depth)
    }

    private static func leaf(_ name: UInt64) -> Leaf { Leaf(Bytes16(high: name, low: 0)) }

    private static func cut(
        _ through: UInt64,
        of id: UInt64 = 1,
        digest: UInt64? = nil,
        from: UInt64? = nil,
        kept: [UInt64] = []
    ) -> Cut {
        Cut(
            author: author(id),
            through: through,
            digest: digest.map(leaf),
            fork: from.map { .init(from: $0, kept: Set(kept.map(leaf))) },
            heir: nil
        )
    }

    @Test(arguments: [
        (author(1), true), (author(2, depth: 1), true), (author(2), false), (author(2, enrollment: 2, depth: 1), false),
        (author(2, depth: 1, unit: "V2"), false),
    ])
    func covers(other: Author, expected: Bool) {
        #expect(Self.cut(3).covers(other) == expected)
    }

    @Test(
        arguments: [
            (cut(3), 3, 30, true), (cut(3), 4, 40, false), (cut(0), 1, 10, false), (cut(3, digest: 30), 3, 30, true),
            (cut(3, digest: 30), 3, 31, false), (cut(3, digest: 30), 2, 21, true),
            (cut(3, from: 2, kept: [21, 31]), 1, 10, true),
            (cut(3, from: 2, kept: [21, 31]), 2, 21, true), (cut(3, from: 2, kept: [21, 31]), 2, 20, false),
            (cut(3, of: 2), 1, 10, false),
        ] as [(Cut, UInt64, UInt64, Bool)]
    )
    func leavesStanding(cut: Cut, sequence: UInt64, leaf: UInt64, expected: Bool) {
        #expect(cut.leavesStanding(Self.leaf(leaf), of: Self.author(1).id, at: sequence) == expected)
    }

    @Test(arguments: [
        (cut(3), cut(3), true), (cut(4), cut(3), true), (cut(2), cut(3), false),
        (cut(3, digest: 31), cut(3, digest: 30), false), (cut(4, digest: 41), cut(3, digest: 30), true),
        (cut(4, from: 2, kept: [20, 30, 40]), cut(3, from: 2, kept: [20, 30]), true),
        (cut(4, from: 2, kept: [21, 31, 41]), cut(3, from: 2, kept: [20, 30]), false),
        (cut(3, from: 2, kept: [20]), cut(3), true), (cut(3, of: 2), cut(3), false), (cut(3, of: 2), cut(0), true),
    ])
    func raises(later: Cut, earlier: Cut, expected: Bool) {
        #expect(later.raises(earlier) == expected)
    }

    @Test(arguments: [
        (cut(3), cut(3), true), (cut(4), cut(3), false), (cut(3, from: 2, kept: [20]), cut(3), false),
        (cut(3, from: 4), cut(3), true), (cut(3, from: 2, kept: [20, 30]), cut(3, from: 2, kept: [20]), false),
        (cut(3, from: 2, kept: [20]), cut(3, from: 2, kept: [20]), true),
    ])
    func isNoMore(later: Cut, earlier: Cut, expected: Bool) {
        #expect(later.isNoMore(than: earlier) == expected)
    }

    @Test func theFirstCutDatesAndTheLastThatRaisesStands() {
        var story = FoldStory()
        story.cut("V1", upTo: story.birth, heir: "T1")
        let late = story.write("V1", "amend", writes: [("phone", "1")])
        story.cut("V1", upTo: late, heir: "T2")
        story.cut("V1", upTo: story.birth, heir: "T3")
        let cut = story.charter.current.cut(of: story.author("V1"), for: Town.kind("amend"))
        #expect(cut?.part.through == 2)
        #expect(story.charter.current.fullCut(of: story.author("V1")) == cut?.part)
        #expect(story.charter.current.firstFullCut(naming: story.author("V1"))?.heir == Town.code("T1"))
        #expect(story.state().holder == Town.code("T1"))
    }

    @Test func custodyPassesFromHeirToHeir() {
        var story = FoldStory()
        story.cut("V1", upTo: story.birth, heir: "T1")
        story.cut("T1", upTo: nil, heir: "K2")
        #expect(story.state().holder == Town.code("K2"))
        #expect(story.state().units == Set(["V1", "T1", "K2"].map(Town.code)))
    }

    @Test func anHeirOfAnEarlierCutIsNoHeirOfAnotherBefore() {
        var story = FoldStory()
        story.cut("T1", upTo: nil, heir: "K2")
        story.cut("V1", upTo: story.birth, heir: "T1")
        #expect(story.state().holder == Town.code("T1"))
        #expect(story.state().units == Set(["V1", "T1"].map(Town.code)))
    }

    @Test func aCutIsSeenByTheAuthorsItCovers() {
        var story = FoldStory()
        story.cut("V1", upTo: story.birth, heir: "T1")
        let view = story.charter.current
        #expect(view.isCut(story.author("V1")))
        #expect(!view.isCut(story.author("V2")))
        #expect(story.charter.view(at: story.pins[0])?.isCut(story.author("V1")) == false)
    }
}
