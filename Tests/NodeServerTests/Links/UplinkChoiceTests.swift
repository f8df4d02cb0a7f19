import SyncNode
import Testing

@testable import NodeServer

/// When a node gives its parent up, and when it comes back to it, by a clock of the test's own.
@Suite struct UplinkChoiceTests {
    private static let patience = UplinkChoice.Patience(
        failures: 3, time: 1000, look: 100, longestLook: 400)

    private func choice(_ count: Int = 3) -> UplinkChoice { UplinkChoice(count: count, patience: Self.patience) }

    /// A parent that has failed for long enough.
    private func orphaned(_ count: Int = 3) -> UplinkChoice {
        var choice = choice(count)
        for time: Int64 in [0, 500, 1000] { choice.failed(at: time) }
        return choice
    }

    @Test("Neither many failures in a moment nor few in a long time make a parent dead")
    func patience() {
        var choice = choice()
        for time: Int64 in [0, 10, 20, 30, 999] {
            choice.failed(at: time)
            #expect(choice.round(at: time) == [0], "at \(time)")
        }
        #expect(choice.round(at: 1000) == [0, 1, 2])
        var slow = self.choice()
        slow.failed(at: 0)
        slow.failed(at: 5000)
        #expect(slow.round(at: 100_000) == [0])
        slow.answered(0, at: 100_000, random: 0)
        slow.failed(at: 100_001)
        slow.failed(at: 200_000)
        #expect(slow.round(at: 200_000) == [0], "an answer begins the count anew")
    }

    @Test func aNodeWithOneUplinkHasNoChoice() {
        #expect(orphaned(1).round(at: 1_000_000) == [0])
    }

    @Test("A stand-in is kept while it serves, and left at its first failure for whoever answers")
    func standIn() {
        var choice = orphaned()
        choice.answered(2, at: 1000, random: 0)
        #expect(choice.current == 2 && choice.round(at: 9999) == [2])
        choice.failed(at: 2000)
        #expect(choice.round(at: 2000) == [0, 1, 2])
        choice.answered(1, at: 2100, random: 0)
        #expect(choice.round(at: 2100) == [1])
    }

    @Test("Looks grow apart up to a bound, half of each pause by chance; who is back is tried first")
    func looks() {
        var choice = orphaned()
        #expect(choice.lookDue == nil)
        choice.answered(1, at: 1000, random: 999)
        #expect(choice.lookDue == 1099)
        var pauses: [Int64] = []
        for _ in 0..<4 {
            choice.looked(found: nil, at: 0, random: 0)
            pauses.append(choice.lookDue ?? -1)
        }
        #expect(pauses == [100, 200, 200, 200])
        choice.looked(found: 0, at: 3000, random: 0)
        #expect(choice.round(at: 3000) == [0, 1, 2])
        choice.answered(0, at: 3001, random: 0)
        #expect(choice.current == 0 && choice.lookDue == nil && choice.round(at: 3001) == [0])
    }

    @Test("A parent that is there and serves nobody is looked after less and less often")
    func inVain() {
        var choice = orphaned()
        choice.answered(1, at: 0, random: 0)
        var pauses: [Int64] = [choice.lookDue ?? -1]
        for _ in 0..<3 {
            choice.looked(found: 0, at: 0, random: 0)
            choice.answered(1, at: 0, random: 0)
            pauses.append(choice.lookDue ?? -1)
        }
        #expect(pauses == [50, 100, 200, 200])
        choice.looked(found: 0, at: 0, random: 0)
        choice.answered(0, at: 0, random: 0)
        for time: Int64 in [0, 500, 1000] { choice.failed(at: time) }
        choice.answered(1, at: 1000, random: 0)
        #expect(choice.lookDue == 1050, "a parent that has served since is looked after as at first")
    }

    @Test("One of the middle that is back is taken without asking the first, which is still away")
    func middle() {
        var choice = orphaned()
        choice.answered(2, at: 1000, random: 0)
        choice.looked(found: 1, at: 1100, random: 0)
        #expect(choice.round(at: 1100) == [1, 0, 2])
        choice.answered(1, at: 1100, random: 0)
        #expect(choice.current == 1 && choice.lookDue != nil)
    }

    @Test("A line that carries something each time is dialled again at once, another one ever later")
    func backoff() {
        let failure = UplinkFailure(NodeError.noUplink)
        var backoff = Backoff()
        let pauses = (0..<9).map { _ in backoff.pause(after: UplinkEnd.failed(failure).attempt, random: 0) }
        #expect(pauses == [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
        #expect(backoff.pause(after: UplinkEnd.lost(failure, hasMoved: true).attempt, random: 999) == 499)
        #expect(backoff.pause(after: UplinkEnd.lost(failure, hasMoved: true).attempt, random: 0) == 250)
        #expect(backoff.pause(after: UplinkEnd.lost(failure, hasMoved: false).attempt, random: 0) == 500)
        #expect(backoff.pause(after: UplinkEnd.paused(.busy(7)).attempt, random: 500) == 7500)
        #expect(backoff.pause(after: UplinkEnd.lost(failure, hasMoved: false).attempt, random: 0) == 250)
        #expect(backoff.pause(after: UplinkEnd.good.attempt, random: 500) == 0)
        #expect(backoff.pause(after: UplinkEnd.ownTrouble(failure).attempt, random: 0) == 250)
    }

    @Test("What the next exchange has to mend is tried again at once, and then ever later")
    func backoffOfWhatIsNotMended() {
        var backoff = Backoff()
        func pauses(_ count: Int) -> [Int64] {
            (0..<count).map { _ in backoff.pause(after: UplinkEnd.again.attempt, random: 0) }
        }
        #expect(pauses(4) == [0, 250, 500, 1000])
        #expect(backoff.pause(after: UplinkEnd.good.attempt, random: 0) == 0)
        #expect(pauses(2) == [0, 250])
        // Whoever comes back after an outage has failed often.
        for _ in 0..<8 {
            _ = backoff.pause(after: UplinkEnd.failed(UplinkFailure(NodeError.noUplink)).attempt, random: 0)
        }
        #expect(pauses(2) == [0, 250])
    }
}
