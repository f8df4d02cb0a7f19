import Testing

@testable import ServiceModel

/// What random histories meet too rarely, or what is an attack and breaks no other property: the stories of the
/// reference model, one for each of its repairs.
@Suite struct FoldStoryTests {
    @Test func aStalePinRescuesNoThief() {
        var story = FoldStory()
        story.cut("V1", upTo: story.birth, heir: "T1")
        let thief = story.write("V1", "hand_over", after: [story.birth], target: "V4")
        let note = story.write("T1", "amend", after: [thief], pin: 1, writes: [("phone", "1")])
        let accomplice = story.write("V4", "amend", after: [note], pin: 0, writes: [("phone", "2")])
        #expect(story.status(thief) == .proposal(.cut))
        #expect(story.status(accomplice) == .void(.pinBehind))
    }

    @Test func closingTheRescuerKeepsWhatItRescued() {
        var story = FoldStory()
        story.cut("V1", upTo: story.birth, heir: "T1")
        let passed = story.write("V1", "hand_over", after: [story.birth], target: "K1")
        let decided = story.write("K1", "decide", after: [passed])
        story.cut("K1", upTo: decided, heir: "C")
        #expect(story.status(decided) == .effective)
        #expect(story.status(passed) == .effective)
    }

    @Test func raisingACutTakesNoCustody() {
        var story = FoldStory()
        let late = story.write("V1", "amend", writes: [("phone", "1")])
        story.cut("V1", upTo: story.birth, heir: "T1")
        story.write("T1", "hand_over", after: [story.birth], pin: 1, target: "V1")
        #expect(story.state().holder == Town.code("V1"))
        #expect(story.status(late) == .proposal(.cut))
        story.cut("V1", upTo: late, heir: "T1")
        #expect(story.state().holder == Town.code("V1"))
        #expect(story.status(late) == .merged)
    }

    @Test func conflictsOfAForkAreTwo() {
        var story = FoldStory()
        story.write("T1", "amend", after: [story.birth], writes: [("phone", "1")])
        let one = story.write("V1", "amend", after: [story.birth], sequence: 2, writes: [("phone", "2")])
        let two = story.write("V1", "amend", after: [story.birth], sequence: 2, writes: [("phone", "3")])
        let first = story.state(without: [two]).conflicts["phone"],
            second = story.state(without: [one]).conflicts["phone"]
        #expect(first?.count == 2)
        #expect(second?.count == 2)
        #expect(first != second)
    }

    @Test func aStaleTakeoverFromBelowDoesNotUndoACountysDecision() {
        var story = FoldStory()
        let passed = story.write("V1", "hand_over", after: [story.birth], target: "K1")
        let decided = story.write("K1", "decide", after: [passed])
        let takeover = story.write("T1", "takeover", after: [story.birth], evidence: true)
        #expect(story.status(decided) == .effective)
        #expect(story.status(takeover) == .proposal(.outrun))
    }

    @Test func aLateActOfALostIncarnationDoesNotUndoACountysDecision() {
        var story = FoldStory()
        let lost = story.write("V1", "correct", after: [story.birth])
        story.replace("V1", depth: 1)
        let again = story.write("V1", "hand_over", after: [story.birth], target: "K1")
        let decided = story.write("K1", "decide", after: [again])
        #expect(story.status(decided) == .effective)
        #expect(story.status(lost) == .proposal(.outrun))
    }

    @Test func anHeirIsNotUndoneByALateRescue() {
        var story = FoldStory()
        story.cut("V1", upTo: story.birth, heir: "V2")
        let late = story.write("V1", "correct", after: [story.birth])
        let decided = story.write("V2", "terminate", after: [story.birth], pin: 1)
        #expect(story.status(decided) == .effective)
        story.replace("V1", enrollment: 1, depth: 1)
        story.write("V1", "amend", after: [late], writes: [("phone", "1")])
        #expect(story.status(decided) == .effective)
        #expect(story.status(late) == .proposal(.outrun))
    }

    @Test func theAudienceShrinksByAnEntryOnly() {
        var story = FoldStory()
        #expect(story.state().audience.contains(Town.code("T1")))
        story.enter(.move(unit: Town.code("V1"), parent: Town.code("T2")))
        #expect(!story.state().audience.contains(Town.code("T1")))
        #expect(story.state().audience.contains(Town.code("T2")))
    }

    @Test(arguments: ["cut", "kept branch", "takeover"])
    func aFreezeEnds(by end: String) {
        var story = FoldStory()
        let one = story.write("V1", "hand_over", after: [story.birth], sequence: 2, target: "T1")
        let two = story.write("V1", "hand_over", after: [story.birth], sequence: 2, target: "T2")
        let frozen = story.state()
        #expect([one, two].allSatisfy { frozen.status[$0.leaf] == .proposal(.frozen) })
        #expect(frozen.frozen == [one.leaf, two.leaf].sorted())
        switch end {
        case "cut": story.cut("V1", upTo: one, heir: "V1")
        case "kept branch": story.cut("V1", upTo: two, fork: .init(from: 2, kept: [two.leaf]), heir: "V1")
        default: story.write("K1", "takeover", evidence: true)
        }
        let after = story.state()
        #expect(after.holder?.text == ["cut": "T1", "kept branch": "T2", "takeover": "K1"][end])
        #expect(after.frozen.isEmpty)
    }

    @Test func anHeirAdmitsACreationThatWasCut() {
        var story = FoldStory()
        story.cut("V1", upTo: nil, heir: "T1")
        #expect(story.state().holder == Town.code("T1"))
        #expect(story.state().phase == nil)
        story.write("T1", "answer", pin: 1, admits: [story.birth])
        #expect(story.state().phase == .accepted)
        #expect(story.state().values["phone"]?.value == "0")
        #expect(story.state().values["phone"]?.writer == story.birth.leaf)
    }

    @Test func aRequestWaitsUntilItIsAnsweredAndActsOnce() {
        var story = FoldStory()
        let ask = story.write("T1", "withdraw", after: [story.birth])
        #expect(story.status(ask) == .request)
        #expect(story.state().requests == [ask.leaf])
        let yes = story.write("V1", "answer", admits: [ask])
        let again = story.write("V1", "answer", admits: [ask])
        #expect([ask, yes, again].map(story.status) == [.admitted, .effective, .void(.unanswerable)])
        #expect(story.state().phase == .withdrawn)
        #expect(story.state().requests.isEmpty)
    }

    @Test func aWriteFallsWithTheSettlingItFollowed() {
        var story = FoldStory()
        let one = story.write("V1", "amend", after: [story.birth], writes: [("phone", "1")])
        let two = story.write("T1", "amend", after: [story.birth], writes: [("phone", "2")])
        let settled = story.write("V1", "settle", after: [one, two], writes: [("phone", "1")])
        let follower = story.write("V1", "amend", after: [settled], writes: [("phone", "3")])
        #expect(story.state().values["phone"]?.value == "3")
        story.write("K1", "takeover", after: [one, two], evidence: true)
        #expect(story.state().conflicts["phone"] == [one.leaf, two.leaf].sorted())
        #expect(story.status(follower) == .proposal(.outrun))
    }

    @Test func aThiefOpensNoNewIncarnation() {
        var story = FoldStory()
        story.cut("V1", upTo: story.birth, heir: "T1")
        story.replace("V1", depth: 1)
        let act = story.write("V1", "hand_over", after: [story.birth], target: "V4")
        #expect(story.status(act) == .proposal(.cut))
        story.replace("V1", enrollment: 1, depth: 2)
        let enrolled = story.write("V1", "amend", after: [story.birth], writes: [("phone", "7")])
        #expect(story.status(enrolled) == .merged)
    }

    @Test func aPasserByDoesNotSettle() {
        var story = FoldStory()
        let one = story.write("V1", "amend", after: [story.birth], writes: [("phone", "1")])
        let two = story.write("T1", "amend", after: [story.birth], writes: [("phone", "2")])
        let passer = story.write("K1", "amend", after: [one, two], writes: [("phone", "0")])
        #expect(story.status(passer) == .request)
        #expect(story.state().conflicts["phone"] == [one.leaf, two.leaf].sorted())
    }
}
