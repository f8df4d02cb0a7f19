import Testing

@testable import ServiceModel

/// Rules that the reference model does not know: writes of several fields, policies, losses, kinds of other versions.
@Suite struct FoldRuleTests {
    @Test func severalFieldsOfOneWriteWaitTogether() {
        var story = FoldStory()
        let one = story.write("V1", "amend", after: [story.birth], writes: [("phone", "1")])
        let two = story.write("T1", "amend", after: [story.birth], writes: [("phone", "2")])
        let both = story.write("K1", "amend", after: [one, two], writes: [("phone", "3"), ("address", "a")])
        #expect(story.status(both) == .request)
        #expect(story.state().values["address"] == nil)
        story.write("V1", "answer", after: [both], admits: [both])
        #expect(story.state().conflicts.isEmpty)
        #expect(story.state().values.mapValues(\.value) == ["phone": "3", "address": "a"])
        #expect(story.state().values["phone"]?.writer == both.leaf)
    }

    @Test func severalFieldsOfOneWriteFallTogether() {
        var story = FoldStory()
        let one = story.write("V1", "amend", after: [story.birth], writes: [("phone", "1")])
        let two = story.write("T1", "amend", after: [story.birth], writes: [("phone", "2")])
        let settled = story.write("V1", "settle", after: [one, two], writes: [("phone", "1")])
        let both = story.write("V2", "amend", after: [settled], writes: [("address", "a"), ("phone", "3")])
        #expect(story.status(both) == .merged)
        story.write("K1", "takeover", after: [one, two], evidence: true)
        #expect(story.status(both) == .proposal(.outrun))
        #expect(story.state().values["address"] == nil)
    }

    @Test func aChainActThatWritesEndsADisagreementAndCarriesItsFollowers() {
        var story = FoldStory()
        let one = story.write("V1", "amend", after: [story.birth], writes: [("phone", "1")])
        let two = story.write("T1", "amend", after: [story.birth], writes: [("phone", "2")])
        let correct = story.write("V1", "correct", after: [one, two], writes: [("phone", "5"), ("address", "a")])
        let follower = story.write("V2", "amend", after: [correct], writes: [("phone", "6")])
        let other = story.write("V3", "amend", after: [correct], writes: [("address", "b")])
        #expect(story.state().values["phone"]?.value == "6")
        story.write("K1", "takeover", after: [one, two], evidence: true)
        #expect(story.status(follower) == .proposal(.outrun))
        #expect(story.status(other) == .merged)
        #expect(story.state().conflicts["phone"] == [one.leaf, two.leaf].sorted())
    }

    @Test(arguments: [("phone", "high"), ("address", "low"), ("material.form", "low"), ("remark", "high")])
    func thePolicyOfAFieldPicksTheWinner(field: String, winner: String) {
        var story = FoldStory(fields: [])
        let low = story.write("V1", "amend", after: [story.birth], writes: [(field, "low")])
        let high = story.write("K1", "amend", after: [story.birth], writes: [(field, "high")])
        #expect(story.state().values[field]?.value == winner)
        #expect(story.state().conflicts[field] == [low.leaf, high.leaf].sorted())
    }

    @Test func elementsOfASetAreFieldsOfTheirOwn() {
        var story = FoldStory(fields: [])
        story.write("V1", "amend", after: [story.birth], writes: [("material.form", "x")])
        story.write("K1", "amend", after: [story.birth], writes: [("material.photo", "y")])
        #expect(story.state().conflicts.isEmpty)
        #expect(story.state().values.count == 2)
    }

    @Test func equalValuesAreNoConflict() {
        var story = FoldStory(fields: [])
        let low = story.write("V1", "amend", after: [story.birth], writes: [("phone", "1")])
        let high = story.write("K1", "amend", after: [story.birth], writes: [("phone", "1")])
        #expect(story.state().conflicts.isEmpty)
        #expect([low, high].map(story.status) == [.merged, .merged])
    }

    @Test func whatIsWrittenOnceIsNotWrittenAgain() {
        var story = FoldStory()
        let first = story.write("V1", "evaluate", writes: [("grade", "5")])
        let second = story.write("V2", "evaluate", writes: [("grade", "1")])
        #expect([first, second].map(story.status) == [.merged, .void(.alreadyWritten)])
    }

    @Test func onlyTheCreatorMay() {
        var story = FoldStory()
        let other = story.write("K1", "deliver_copy")
        story.write("V1", "hand_over", target: "K1")
        let holder = story.write("K1", "deliver_copy")
        let creator = story.write("V1", "deliver_copy")
        #expect([other, holder, creator].map(story.status) == [.void(.notCreator), .void(.notCreator), .request])
        story.write("K1", "answer", admits: [creator])
        #expect(story.status(creator) == .admitted)
    }

    @Test func aKindOfAnotherVersionIsKeptWithoutEffect() {
        var story = FoldStory()
        let new = story.write("V1", "something new", writes: [("phone", "9")])
        let later = story.write("V1", "amend", writes: [("address", "a")])
        #expect([new, later].map(story.status) == [.void(.unknownKind), .merged])
        #expect(story.state().values["phone"]?.value == "0")
        #expect(!story.state().hasPendingMust)
    }

    @Test func whatMustBeUnderstoodHoldsUpWhatFollows() {
        var story = FoldStory()
        let must = story.write("V1", "something new", understood: false)
        let later = story.write("V1", "amend", after: [must], writes: [("phone", "1")])
        #expect([must, later].map(story.status) == [.pending(.notUnderstood), .pending(.parentPending)])
        #expect(story.state().hasPendingMust)
        #expect(story.state().heads == [story.birth.leaf])
    }

    @Test func anActWaitsForItsAuthorsOpening() {
        var story = FoldStory()
        let act = story.write("T1", "amend", writes: [("phone", "1")])
        var fold = story.fold()
        var known = story.authors
        known[act.author] = nil
        #expect(fold.state(charter: story.charter, authors: known).status[act.leaf] == .pending(.authorUnknown))
        #expect(fold.state(charter: story.charter, authors: story.authors).status[act.leaf] == .merged)
        #expect(fold.state(charter: story.charter, authors: known).status[act.leaf] == .pending(.authorUnknown))
    }

    @Test func anActWaitsForItsPin() {
        var story = FoldStory()
        let early = story.charter
        story.enter(.grant(unit: Town.code("V1"), kind: Town.kind("decide")))
        let act = story.write("V1", "decide", pin: 1)
        var fold = story.fold()
        #expect(fold.state(charter: early, authors: story.authors).status[act.leaf] == .pending(.entryUnknown))
        #expect(fold.state(charter: story.charter, authors: story.authors).status[act.leaf] == .effective)
        #expect(fold.state(charter: early, authors: story.authors).status[act.leaf] == .pending(.entryUnknown))
    }

    @Test func powerIsJudgedByThePin() {
        var story = FoldStory()
        story.enter(.grant(unit: Town.code("V1"), kind: Town.kind("decide")))
        let stale = story.write("V1", "decide", pin: 0)
        let granted = story.write("V1", "decide", pin: 1)
        #expect([stale, granted].map(story.status) == [.void(.noPower), .effective])
    }

    @Test func aCutWithAScopeTakesAwayOnlyThat() {
        var story = FoldStory()
        story.cut("V1", upTo: story.birth, heir: "T1", scope: [Town.kind("amend")])
        let write = story.write("V1", "amend", after: [story.birth], writes: [("phone", "1")])
        let correct = story.write("V1", "correct", after: [story.birth])
        #expect([write, correct].map(story.status) == [.proposal(.cut), .effective])
        #expect(story.state().holder == Town.code("V1"))
    }

    @Test func ofAForkWhatIsBelowItStands() {
        var story = FoldStory()
        let common = story.write("V1", "amend", writes: [("phone", "1")])
        let one = story.write("V1", "amend", after: [common], sequence: 3, writes: [("phone", "2")])
        let two = story.write("V1", "amend", after: [common], sequence: 3, writes: [("phone", "3")])
        let last = story.write("V1", "amend", after: [two], sequence: 4, writes: [("address", "a")])
        story.cut("V1", upTo: last, fork: .init(from: 3, kept: [two.leaf, last.leaf]), heir: "T1")
        #expect([common, one, two, last].map(story.status) == [.merged, .proposal(.cut), .merged, .merged])
        #expect(story.state().values["phone"]?.value == "3")
    }

    @Test func whatIsLostIsPresentAndEmpty() {
        var story = FoldStory()
        let lost = story.write("V1", "amend", writes: [("phone", "1")])
        let child = story.write("T1", "amend", after: [story.birth, lost], writes: [("address", "a")])
        #expect(story.state(without: [lost]).status[child.leaf] == .pending(.parentMissing))
        var asked = story.fold()
        #expect(asked.state(charter: story.charter, authors: story.authors).values["phone"]?.value == "1")
        story.cut("V1", upTo: story.birth, heir: "V1", scope: [], lost: [2...2])
        let without = story.state(without: [lost])
        #expect(without.status[child.leaf] == .merged)
        #expect(without.heads == [child.leaf])
        var held = asked.state(charter: story.charter, authors: story.authors)
        #expect(held == story.state())
        #expect(held.status.removeValue(forKey: lost.leaf) == .lostByCut)
        #expect(held == without)
    }

    /// Who knows no more of a case than its number comes into it neither by beginning it again nor by asking for it.
    @Test func aStrangerDoesNotComeIn() {
        var story = FoldStory()
        let second = story.write("T2", "create", after: [], isCreation: false, route: ["V3"])
        let empty = story.write("V3", "amend", after: [], writes: [("phone", "1")])
        let asks = story.write("V3", "hand_over", after: [empty], target: "V3", route: ["T2"])
        let behind = story.write("T2", "hand_over", after: [second], target: "T2")
        #expect(story.status(behind) == .request)
        #expect([second, empty].map(story.status) == Array(repeating: .void(.creationOutOfPlace), count: 2))
        #expect(story.status(asks) == .request)
        #expect(story.state().holder == Town.code("V1"))
        #expect(story.state().units == [Town.code("V1")])
    }

    @Test func theRouteIsInTheAudience() {
        var story = FoldStory()
        story.write("V1", "hand_over", target: "T1", route: ["T1", "K2"])
        #expect(story.state().units == Set(["V1", "T1", "K2"].map(Town.code)))
        #expect(story.state().audience == Set(["C", "K1", "K2", "T1", "V1"].map(Town.code)))
    }

    @Test func aRerouteIsACommonAncestors() {
        var story = FoldStory()
        let town = story.write("T1", "reroute", target: "V3")
        let county = story.write("K1", "reroute", target: "V3", route: ["V2"])
        #expect([town, county].map(story.status) == [.void(.notAboveBoth), .merged])
        #expect(story.state().units == Set(["V1", "V2", "V3"].map(Town.code)))
    }

    @Test func decidingInDoubtNeedsEvidence() {
        var story = FoldStory()
        story.write("K1", "takeover")
        #expect(story.state().custodyInDoubt)
        let blind = story.write("K1", "decide")
        let sure = story.write("K1", "decide", evidence: true)
        #expect([blind, sure].map(story.status) == [.void(.inDoubt), .effective])
        #expect(!story.state().custodyInDoubt)
    }

    @Test func askingChangesNothing() {
        var story = FoldStory()
        let ask = story.write("T1", "withdraw", after: [story.birth])
        var fold = story.fold()
        let before = fold.state(charter: story.charter, authors: story.authors)
        let drafts: [(Act, Verdict)] = [
            (story.draft("V1", "correct"), .chain(holder: Town.code("V1"), phase: .correcting, inDoubt: false)),
            (
                story.draft("V1", "hand_over", target: "K1", admits: []),
                .chain(holder: Town.code("K1"), phase: .accepted, inDoubt: false)
            ),
            (story.draft("K1", "correct"), .request),
            (story.draft("V2", "amend", writes: [("phone", "1")]), .write),
            (story.draft("V1", "receive"), .void(.wrongPhase)),
            (story.draft("V1", "hand_over", target: "V1"), .void(.badTarget)),
            (story.draft("V1", "correct", admits: [ask]), .void(.wrongPhase)),
            (story.draft("K1", "answer", declines: [ask]), .void(.answersWithoutCustody)),
            (story.draft("V1", "create"), .void(.creationOutOfPlace)),
            (story.draft("V2", "takeover"), .void(.noPower)),
            (story.draft("T2", "takeover"), .void(.notAboveHolder)),
            (story.draft("V1", "something new", understood: false), .pending(.notUnderstood)),
        ]
        for (draft, verdict) in drafts {
            #expect(fold.wouldBe(draft, charter: story.charter, authors: story.authors) == verdict)
        }
        #expect(fold.count == 2)
        #expect(fold.state(charter: story.charter, authors: story.authors) == before)
    }

    @Test func aWriteWithAnAnswerIsTheHoldersAlone() {
        var story = FoldStory()
        let ask = story.write("T1", "correct", after: [story.birth])
        let other = story.write("K1", "amend", after: [ask], writes: [("phone", "1")], admits: [ask])
        let holder = story.write("V1", "amend", after: [ask], writes: [("phone", "2")], admits: [ask])
        #expect([other, holder].map(story.status) == [.void(.answersWithoutCustody), .effective])
        #expect(story.state().phase == .correcting)
    }

    @Test func codesAreDistinct() {
        let codes =
            PendingReason.allCases.map(\.rawValue) + VoidReason.allCases.map(\.rawValue)
            + ProposalReason.allCases.map(\.rawValue)
        #expect(Set(codes).count == codes.count)
        #expect(codes.allSatisfy { $0.contains(".") })
    }
}
