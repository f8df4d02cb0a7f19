import ServiceModel
import Simulator
import SyncNode
import Testing
import Trust

@testable import NodeServer

/// Who is served in a storm, and in which order, by a clock of the test's own.
@Suite struct AdmissionTests {
    private static let bounds = Admission.Bounds(working: 2, quiet: 1000, pause: 1...60, grace: 5000)

    private func child(_ number: Int) -> NodeName {
        NodeName(unit: UnitCode("37\(1000 + number)")!, tier: 1, ordinal: 1)!
    }

    private func seconds(_ verdict: Admission.Verdict) -> Int64? {
        if case .busy(let seconds) = verdict { seconds } else { nil }
    }

    private func isAdmitted(_ verdict: Admission.Verdict) -> Bool { seconds(verdict) == nil }

    @Test("Those who wait for news take no place, however many; those who work do")
    func idle() {
        var admission = Admission(Self.bounds)
        var now: Int64 = 0
        for number in 0..<100 {
            #expect(isAdmitted(admission.arrive(child(number), at: now, random: 0)))
            now += 500
        }
        #expect(admission.refused == 0)
        var busy = Admission(Self.bounds)
        for number in 0..<2 {
            guard case .admitted(let place) = busy.arrive(child(number), at: 0, random: 0) else { return }
            for time: Int64 in stride(from: 0, through: 5000, by: 900) { busy.moved(place, at: time) }
        }
        #expect(!isAdmitted(busy.arrive(child(3), at: 5000, random: 0)))
        #expect(isAdmitted(busy.arrive(child(3), at: 5600, random: 0)))
    }

    @Test("One that has something to do counts until it is done, however long its turn takes to come")
    func busy() {
        var admission = Admission(Admission.Bounds(working: 1))
        guard case .admitted(let place) = admission.arrive(child(1), at: 0, random: 0) else { return }
        admission.began(place, at: 100)
        #expect(!isAdmitted(admission.arrive(child(2), at: 60_000, random: 0)))
        admission.moved(place, at: 60_000)
        #expect(!isAdmitted(admission.arrive(child(2), at: 60_499, random: 0)))
        #expect(isAdmitted(admission.arrive(child(2), at: 60_500, random: 0)))
        // A place that is left says nothing any more.
        admission.left(place, at: 60_500)
        admission.began(place, at: 60_600)
        #expect(isAdmitted(admission.arrive(child(3), at: 61_000, random: 0)))
    }

    @Test("One that waits for a slow line takes no place, whatever comes in on it meanwhile")
    func slow() {
        var admission = Admission(Admission.Bounds(working: 1))
        guard case .admitted(let place) = admission.arrive(child(1), at: 0, random: 0) else { return }
        admission.heard(place, at: 100)
        #expect(!isAdmitted(admission.arrive(child(2), at: 1000, random: 0)))
        admission.sends(place, at: 1000)
        admission.heard(place, at: 1100)
        #expect(isAdmitted(admission.arrive(child(2), at: 1500, random: 0)))
        // What came is looked at once the line has taken what was said.
        admission.began(place, at: 60_000)
        #expect(!isAdmitted(admission.arrive(child(3), at: 61_000, random: 0)))
        admission.moved(place, at: 62_000)
        admission.heard(place, at: 62_100)
        #expect(!isAdmitted(admission.arrive(child(3), at: 70_000, random: 0)))
    }

    @Test("A child has one place, so that a faulty one with many exchanges keeps nobody out")
    func again() {
        var admission = Admission(Self.bounds)
        var last: Int?
        for time: Int64 in 0..<16 {
            #expect(admission.comesAgain(child(1), at: time) == last)
            guard case .admitted(let place) = admission.arrive(child(1), at: time, random: 0) else {
                Issue.record("exchange \(time)")
                return
            }
            admission.began(place, at: time)
            last = place
        }
        #expect(admission.comesAgain(child(2), at: 20) == nil)
        #expect(isAdmitted(admission.arrive(child(2), at: 20, random: 0)))
        #expect(!isAdmitted(admission.arrive(child(3), at: 20, random: 0)))
    }

    @Test("Who was refused goes before who comes a second time, and before whoever was refused later")
    func order() {
        var admission = Admission(Self.bounds)
        guard case .admitted(let first) = admission.arrive(child(1), at: 0, random: 0),
            case .admitted = admission.arrive(child(2), at: 0, random: 0)
        else {
            Issue.record("two places")
            return
        }
        #expect(!isAdmitted(admission.arrive(child(3), at: 10, random: 0)))
        #expect(!isAdmitted(admission.arrive(child(4), at: 20, random: 0)))
        admission.left(first, at: 100)
        // The one that was served comes again at once, while a place is free.
        #expect(!isAdmitted(admission.arrive(child(1), at: 110, random: 0)))
        #expect(!isAdmitted(admission.arrive(child(4), at: 120, random: 0)))
        #expect(isAdmitted(admission.arrive(child(3), at: 130, random: 0)))
        #expect(!isAdmitted(admission.arrive(child(1), at: 1050, random: 0)))
        #expect(isAdmitted(admission.arrive(child(4), at: 1060, random: 0)))
    }

    @Test("The place of one that never comes back is kept for a while only")
    func gone() {
        var admission = Admission(Self.bounds)
        for number in 1...2 { _ = admission.arrive(child(number), at: 0, random: 0) }
        guard let pause = seconds(admission.arrive(child(3), at: 0, random: 0)) else {
            Issue.record("a third place")
            return
        }
        for number in 4...5 { _ = admission.arrive(child(number), at: 0, random: 0) }
        let gone = pause * 1000 + 5000
        #expect(!isAdmitted(admission.arrive(child(6), at: 2000, random: 0)))
        #expect(isAdmitted(admission.arrive(child(5), at: gone + 60_001, random: 0)))
    }

    @Test("Whoever comes when told is served, in any storm, and nobody is told to come more than a few times")
    func storm() {
        for seed: UInt64 in 1...5 {
            var random = SeededGenerator(state: seed)
            var admission = Admission(Admission.Bounds(working: 8))
            var due = Dictionary(
                uniqueKeysWithValues: (0..<500).map { ($0, Int64.random(in: 0..<2000, using: &random)) })
            var ends: [(time: Int64, place: Int)] = []
            var (tries, served) = ([Int: Int](), 0)
            var now: Int64 = 0
            while let (number, time) = due.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }), served < 500 {
                now = max(now, time)
                for end in ends where end.time <= now { admission.left(end.place, at: end.time) }
                ends.removeAll { $0.time <= now }
                for end in ends { admission.moved(end.place, at: now) }
                tries[number, default: 0] += 1
                switch admission.arrive(child(number), at: now, random: Int64.random(in: 0..<1000, using: &random)) {
                case .admitted(let place):
                    served += 1
                    due[number] = nil
                    ends.append((now + Int64.random(in: 50..<800, using: &random), place))
                    #expect(ends.count <= 8)
                case .busy(let pause): due[number] = now + pause * 1000
                }
            }
            let worst = tries.values.max() ?? 0
            print("admission: seed \(seed), 500 served in \(now / 1000) s, at most \(worst) tries")
            #expect(served == 500 && worst <= 40, "seed \(seed)")
        }
    }
}
