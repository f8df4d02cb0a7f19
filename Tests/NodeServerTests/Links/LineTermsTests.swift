import ServiceModel
import Simulator
import SyncNode
import Testing

@testable import NodeServer

/// Rates, hours and batches as a line can bear them, by a clock of the test's own.
@Suite struct LineTermsTests {
    @Test("No span of time carries more than its rate and what was saved up, and a busy line carries all of that")
    func bucket() {
        let seed: UInt64 = 7
        for rate in [100, 1200, 1_000_000] {
            var random = SeededGenerator(state: seed)
            var bucket = TokenBucket(rate: rate, at: 0)
            var now: Int64 = 0
            var passed: [(time: Int64, bytes: Int)] = []
            for _ in 0..<2000 {
                let pause = bucket.wait(at: now)
                #expect(pause >= 0 && pause <= 2_000_000)
                now += pause
                let bytes = Int.random(in: 1...bucket.burst, using: &random)
                bucket.spend(bytes, at: now)
                passed.append((now, bytes))
            }
            let total = passed.reduce(0) { $0 + $1.bytes }
            let most = Int(now) * rate / 1_000_000 + 2 * bucket.burst + 1
            #expect(total <= most, "seed \(seed), rate \(rate): \(total) of \(most)")
            #expect(total >= Int(now) * rate / 1_000_000, "seed \(seed), rate \(rate): \(total) in \(now) us")
        }
    }

    @Test func aLongRestSavesUpAQuarterOfASecond() {
        var bucket = TokenBucket(rate: 1000, at: 0)
        bucket.spend(1000, at: 0)
        #expect(bucket.wait(at: 0) == 750_001)
        #expect(bucket.wait(at: .max / 2) == 0)
        bucket.spend(250, at: .max / 2)
        #expect(bucket.wait(at: .max / 2) > 0)
        // A clock that was set back pays nothing, and takes nothing.
        #expect(bucket.wait(at: 0) > 0)
    }

    static let moments: [(String, String, isOpen: Bool)] = [
        ("22:00-06:00", "21:59", false), ("22:00-06:00", "22:00", true), ("22:00-06:00", "00:00", true),
        ("22:00-06:00", "05:59", true), ("22:00-06:00", "06:00", false), ("08:30-12:00", "08:29", false),
        ("08:30-12:00", "08:30", true), ("08:30-12:00", "11:59", true), ("08:30-12:00", "12:00", false),
        ("20:00-24:00", "23:59", true), ("20:00-24:00", "00:00", false),
    ]

    @Test("Hours begin and end by civil time, over midnight, too", arguments: moments)
    func hours(_ text: String, at time: String, isOpen: Bool) throws {
        let hours = try #require(LineHours(text))
        let parts = time.split(separator: ":").compactMap { Int64($0) }
        for day in [CivilDate("1960-02-29")!, CivilDate("1970-01-01")!, CivilDate("2026-03-02")!] {
            let now = CivilTime.start(of: day) + parts[0] * 3600 + parts[1] * 60
            for second: Int64 in [0, 59] { #expect(hours.isOpen(at: now + second) == isOpen) }
        }
    }

    @Test(
        "What is no hours is refused",
        arguments: [
            "", "22:00", "22:00-", "24:01-06:00", "06:00-06:00", "00:00-24:00", "6:00-7:00", "22:60-23:00", "a-b",
        ])
    func noHours(_ text: String) { #expect(LineHours(text) == nil) }

    @Test("Batches grow where the line is quick, shrink where it is slow, and learn nothing from small ones")
    func budget() {
        var budget = BatchBudget()
        for _ in 0..<9 { budget.took(40, isFull: true) }
        #expect(budget.bytes == BatchBudget.most)
        // A satellite's delay is no slowness.
        var far = BatchBudget()
        for _ in 0..<9 { far.took(4_400, isFull: true) }
        #expect(far.bytes == BatchBudget.most)
        var slow = BatchBudget()
        slow.took(4_400, isFull: true)
        slow.took(20_000, isFull: true)
        #expect(slow.bytes == BatchBudget.first)
        for _ in 0..<20 { slow.took(20_000, isFull: false) }
        #expect(slow.bytes == BatchBudget.least)
        for _ in 0..<20 { slow.took(4_400, isFull: false) }
        #expect(slow.bytes == BatchBudget.least)
        slow.lost()
        #expect(slow.bytes == BatchBudget.least)
    }

    @Test("After a loss the first batch goes alone; an answer opens the window, and tells the line's time")
    func window() {
        var window = UploadWindow(budget: BatchBudget(), isUncertain: true)
        var report = LinkReport()
        #expect(!window.isFull && !window.isUncertain)
        report.sentBatches = 1
        report.fullBatches = 1
        window.note(report, at: 1000)
        #expect(window.isFull && window.isUncertain)
        report.acknowledgements = 1
        window.note(report, at: 1040)
        #expect(!window.isFull && !window.isUncertain && window.budget.bytes == 2 * BatchBudget.first)
        for batch in 2...5 {
            #expect(!window.isFull)
            report.sentBatches = batch
            window.note(report, at: 2000)
        }
        #expect(window.isFull)
        window.lost()
        #expect(window.budget.bytes == BatchBudget.first)
        // The parent's last words may hold an answer that no batch asked for.
        report.acknowledgements = 9
        window.note(report, at: 2040)
        #expect(!window.isFull && !window.isUncertain)
    }
}
