import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// A network whose machines' clocks show 1970 and 2036 and jump back and forth, in the middle of an exchange too. None
/// of it may show in what the cases come to; the frontier may lag by it, and not run ahead.
@Suite struct WrongClockTests {
    private static let line = [Network.city, Network.county, Network.town, Network.village]
    private static let day: Int64 = 86_400
    /// By how much the right clocks of this test differ, and for how long a claim may so run ahead.
    private static let ordinary: Int64 = 200

    private struct Booking {
        let unit: String
        let author: AuthorID
        let sequence: UInt64
        /// By a clock that is right.
        let time: Int64
    }

    /// One network and the script that is played on it. The clocks draw from a generator of their own, so that the
    /// script is the same whatever they show.
    private struct World {
        let network: Network
        let isWrong: Bool
        var script: SeededGenerator
        var clocks: SeededGenerator
        var places: [Place] = []
        var bookings: [Booking] = []
        var receipts: [String] = []
        var jumps = 0
        var claims = 0

        init(seed: UInt64, isWrong: Bool) throws {
            network = try Network(seed: seed, WrongClockTests.line)
            self.isWrong = isWrong
            script = SeededGenerator(state: seed &* 7919)
            clocks = SeededGenerator(state: seed &* 104_729)
        }

        /// Sets the clock of a machine, which notices as it does when it serves.
        mutating func set(_ name: String, off: Int64) throws {
            let before = network.time(at: name).seconds
            network.skew[name] = off
            let jump = ClockJump(before: before, after: network.time(at: name).seconds)
            guard abs(jump.shift) >= ClockPace.least else { return }
            jumps += 1
            _ = try network[name].note(jump, after: nil)
        }

        mutating func setSomeClock(_ names: [String]) throws {
            guard isWrong, clocks.one(in: 3) else { return }
            let day = WrongClockTests.day
            let off = [-network.now.seconds, 3650 * day, -300 * day, 300 * day, 0, 0, 0, 0].map { off in
                off + Int64(clocks.below(Int(WrongClockTests.ordinary)))
            }
            try set(clocks.pick(names), off: clocks.pick(off))
        }

        mutating func book(_ unit: String) throws {
            let author = try network[unit].replica.read { try network[unit].author($0) }
            let next = try network[unit].replica.read { try $0.nextPlace(of: author, in: .casework) }
            bookings.append(
                Booking(unit: unit, author: author, sequence: next.sequence - 1, time: network.now.seconds))
        }

        /// An exchange that was begun while the clocks were right, since certificates are judged then.
        mutating func exchange(_ name: String) throws {
            let clocks = network.skew
            network.skew = [:]
            let line = try SimulatedLine(network, from: name)
            network.skew = clocks
            let ends = [line.child, line.parent]
            while true {
                var moved = false
                while try line.workBelow() { moved = true }
                try setSomeClock(ends)
                if try line.carryUp(1500) { moved = true }
                try setSomeClock(ends)
                while try line.workAbove() { moved = true }
                try setSomeClock(ends)
                if try line.carryDown(1500) { moved = true }
                line.tick()
                if !moved { break }
            }
            try line.close()
        }

        mutating func step(_ number: Int) throws {
            network.pass(seconds: Int64(script.below(7200)))
            try setSomeClock(WrongClockTests.line)
            let unit = script.pick(WrongClockTests.line)
            if places.isEmpty || script.one(in: 4) {
                let reference = try network.accept(
                    at: unit, number: number, route: network.path(above: unit).filter { _ in script.one(in: 2) })
                places.append(reference.creation)
                receipts.append(reference.receipt)
                try book(unit)
            } else {
                try act(at: unit, on: script.pick(places))
            }
            if script.one(in: 12) { try network.restart(unit) }
            if script.one(in: 2) { try exchange(script.pick(Array(WrongClockTests.line.dropFirst()))) }
            if script.one(in: 4) { _ = try network[unit].heartbeat(now: network.time(at: unit)) }
        }

        private mutating func act(at unit: String, on place: Place) throws {
            let action: CaseAction = script.pick([.amend, .note, .forward, .decide, .correct, .supplement, .withdraw])
            let value = "\(script.below(3))"
            var fields: [String: String] = [:]
            switch action {
            case .amend: fields = [CaseField.applicantAddress: "\(unit) \(value)"]
            case .note: fields = [CaseField.note + unit: value]
            case .decide: fields = [CaseField.decision: "granted"]
            default: break
            }
            do {
                try network.act(
                    action, at: unit, on: place,
                    target: action == .forward ? network.parent(of: unit) ?? WrongClockTests.line[1] : nil,
                    fields: fields)
                try book(unit)
            } catch is NodeError {
                // It is not possible here and now, or the case has not come here: in the other network neither.
            }
        }

        /// What the city's frontier says is held against what was booked, when its own clock is right.
        mutating func checkFrontier() throws {
            let city = network[Network.city], now = network.time(at: Network.city)
            let isRight = abs(network.skew[Network.city] ?? 0) <= WrongClockTests.ordinary
            for unit in try city.statistics(now: now).frontier.units where unit.unit != city.name.unit {
                guard let time = unit.time else { continue }
                #expect(time <= now.seconds, "\(unit.unit)")
                guard isRight else { continue }
                claims += 1
                let last = bookings.last {
                    $0.unit == unit.unit.text && $0.time < time - 2 * WrongClockTests.ordinary
                }
                guard let last else { continue }
                let heads = try city.replica.read { try $0.gaplessHeads(of: last.author) }
                #expect(heads[1] >= last.sequence, "\(unit.unit) up to \(time)")
            }
        }

        /// The clocks are set right, and everything flows.
        mutating func heal() throws {
            for name in WrongClockTests.line { try set(name, off: 0) }
            try network.settle()
            network.pass(seconds: Node.heartbeatPause + 2 * WrongClockTests.ordinary)
            try network.settle()
            for name in WrongClockTests.line { _ = try network[name].heartbeat(now: network.now) }
            try network.settle()
        }

        /// What each case comes to at a node, in the order in which they were accepted.
        func summary(at name: String) throws -> [String] {
            try network[name].replica.read { transaction in
                try places.map { place in
                    guard let row = try transaction.record(created: place) else { return "-" }
                    let record = try transaction.caseRecord(row)
                    let state = record.state
                    let acts = record.history.entries.map { entry in
                        let action = CaseAction(kind: entry.changeSet.kind)?.name ?? ""
                        let unit = record.authors[entry.placed.place.author]?.unit.text ?? ""
                        return "\(action) \(unit) \(state.status[entry.placed.leaf.leaf]?.code ?? "")"
                    }
                    let fields = state.values.map { "\($0.key)=\($0.value.value)" }.sorted()
                    return "\(state.phase?.rawValue ?? "") \(state.holder?.text ?? "") \(fields) \(acts.sorted())"
                }
            }
        }
    }

    @Test(arguments: [UInt64](1...4))
    func casesComeToTheSameAndTheFrontierIsNotLedAstray(seed: UInt64) throws {
        var right = try World(seed: seed, isWrong: false)
        var wrong = try World(seed: seed, isWrong: true)
        for number in 1...120 {
            try right.step(number)
            try wrong.step(number)
            try wrong.checkFrontier()
        }
        try right.heal()
        try wrong.heal()
        let network = wrong.network
        for name in Self.line {
            #expect(try wrong.summary(at: name) == right.summary(at: name), "seed \(seed) at \(name)")
            let above = Self.line.filter { $0 == name || network.path(above: name).contains($0) }
            #expect(try network.fingerprints(of: name, at: above).count == 1, "seed \(seed), cases of \(name)")
            #expect(try network[name].replica.rebuild(keeping: false).allSatisfy(\.isSame))
            // What was in doubt is settled by the contact with the parent, and by the next entry.
            #expect(try network[name].clock(now: network.now).needsDay == false || name == Network.city)
        }
        // No number is shown twice.
        #expect(Set(wrong.receipts).count == wrong.receipts.count)
        // Once the clocks are right, nothing of it is left in the frontier.
        let units = try network[Network.city].statistics(now: network.now).frontier.units
        for unit in units where Self.line.contains(unit.unit.text) {
            #expect(try #require(unit.time) == network.now.seconds, "seed \(seed), \(unit.unit)")
        }
        print("seed \(seed): \(wrong.bookings.count) acts, \(wrong.jumps) clocks set, \(wrong.claims) claims checked")
        #expect(wrong.jumps > 50)
        #expect(wrong.claims >= 20)
        #expect(wrong.bookings.count > 60)
    }

    /// The line is refused with words that name the clock, and the counter works on.
    @Test(arguments: [Int64(0), 2_120_000_000])
    func aMachineIn1970OrIn2037WorksOnWithoutItsLine(time: Int64) throws {
        let network = try Network([Network.city, Network.county])
        network.skew[Network.county] = time - network.now.seconds
        let refused = #expect(throws: LineProblem.self) { try network.exchange(Network.county) }
        #expect("\(String(describing: refused))".contains("trust."))
        let county = network[Network.county]
        let verdict = county.judge(
            presented: network[Network.city].chain.der, role: .server(expected: nil),
            now: network.time(at: Network.county))
        guard case .refused(let problem) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(problem.words[.chinese].contains("时钟") && problem.words[.english].contains("clock"))
        #expect(problem.words[.chinese].contains(CivilTime.text(time)))
        let reference = try network.accept(at: Network.county)
        try network.act(.decide, at: Network.county, on: reference.creation, fields: [CaseField.decision: "granted"])
        try network.restart(Network.county)
        network.skew = [:]
        try network.exchange(Network.county)
        let code = try #require(UnitCode(Network.county))
        #expect(try network[Network.city].replica.read { try $0.fingerprint(of: code).cases } == 1)
    }

    /// Legal days that wrong clocks have written, and others that nobody can.
    @Test func anyDayIsShownCountedAndKept() throws {
        let network = try Network([Network.city, Network.county])
        let days: [Int32] = [
            0, 1, CivilDate("2106-02-07")!.dayNumber, CivilDate.latest.dayNumber, CivilDate.earliest.dayNumber,
            CivilDate.latest.dayNumber + 1, CivilDate.earliest.dayNumber - 1, .max, .min, network.now.day,
        ]
        let limits = TimeLimit.Unit.allCases.map { TimeLimit(count: 20, unit: $0) }
        for (number, day) in days.enumerated() {
            let acceptance = Acceptance(
                promise: Promise(
                    item: "1", itemName: "事项", version: 1, department: "局", itemKind: "20",
                    statutory: limits[number % 3], promised: limits[(number + 1) % 3], instant: false),
                route: [UnitCode(Network.county)!], fields: [CaseField.applicantName: "王\(number)"], day: day,
                actor: "c")
            let county = network[Network.county]
            let reference = try county.accept(acceptance, now: network.now)
            for (action, fields) in [
                (CaseAction.correct, [:]), (.supplement, [:]), (.decide, [CaseField.decision: "granted"]),
                (.deliver, [:]), (.evaluate, [CaseField.evaluation: Satisfaction.satisfied.rawValue]),
            ] as [(CaseAction, [String: String])] {
                var step = CaseStep(action, day: days[(number + 3) % days.count], actor: "c")
                step.fields = fields
                try county.act(step, on: reference.record, now: network.now)
            }
        }
        try network.settle()
        for name in [Network.city, Network.county] {
            let node = network[name]
            for time in [network.now, Moment(seconds: 0, day: 0), Moment(seconds: 4_300_000_000, day: 49_768)] {
                for grouping in [nil] + StatisticsGrouping.allCases {
                    let total = try node.statistics(by: grouping, now: time).total
                    #expect(total[.accepted] == days.count && total[.closed] == days.count)
                }
                _ = try node.replica.read { try $0.backlogs(below: node.name.unit, on: time.day) }
                _ = try node.clock(now: time)
            }
            #expect(try node.replica.read { try $0.serviceCases(limit: 100).count } == days.count)
            #expect(try node.replica.rebuild(keeping: false).allSatisfy(\.isSame))
        }
        #expect(try network.fingerprints(of: Network.county, at: [Network.city, Network.county]).count == 1)
    }
}
