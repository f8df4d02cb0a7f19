import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// The figures of real nodes against a plain ledger of what was done, and the frontier against what has arrived.
@Suite struct StatisticsTruthTests {
    static let line = [Network.city, Network.county, Network.town, Network.village]

    private struct Booking {
        let unit: String
        let author: AuthorID
        let sequence: UInt64
        let time: Int64
    }

    private struct World {
        let network: Network
        var random: SeededGenerator
        var ledger: CaseLedger
        var places: [Place] = []
        var holders: [String] = []
        var bookings: [Booking] = []
        var tried = 0

        mutating func chance(_ one: Int, in many: Int) -> Bool { Int.random(in: 0..<many, using: &random) < one }

        mutating func book(_ unit: String) throws {
            let author = try network[unit].replica.read { try network[unit].author($0) }
            let next = try network[unit].replica.read { try $0.nextPlace(of: author, in: .casework) }
            bookings.append(
                Booking(unit: unit, author: author, sequence: next.sequence - 1, time: network.now.seconds))
        }
    }

    @Test(arguments: [UInt64](1...4))
    func figuresEqualTheTruth(seed: UInt64) throws {
        let network = try Network(seed: seed, Self.line)
        let holidays = try (1...7).map { try #require(CivilDate(year: 2026, month: 10, day: $0)) }
        let worked = try ["2026-09-20", "2026-10-10"].map { try #require(CivilDate($0)) }
        let year = try CalendarYear(year: 2026, holidays: holidays, worked: worked, source: "test")
        try network[Network.city].importCalendar([year], now: network.now)
        try network.settle(rounds: 1)
        var world = World(
            network: network, random: SeededGenerator(state: seed &* 7919),
            ledger: CaseLedger(
                freeDays: Set(holidays.map(\.dayNumber)), workedDays: Set(worked.map(\.dayNumber))))
        var frontiers = 0
        for _ in 0..<160 {
            network.pass(seconds: Int64.random(in: 0...30_000, using: &world.random))
            if world.places.isEmpty || world.chance(1, in: 4) {
                try accept(&world)
            } else {
                try act(&world)
            }
            if world.chance(1, in: 3), let name = Self.line.dropFirst().randomElement(using: &world.random) {
                try network.exchange(name)
            }
            if world.chance(1, in: 8), let name = Self.line.randomElement(using: &world.random) {
                _ = try network[name].heartbeat(now: network.now)
            }
            frontiers += try checkFrontier(world)
        }
        try network.settle()
        try check(world)
        print("seed \(seed): \(world.places.count) cases, \(world.bookings.count) acts, \(frontiers) frontiers checked")
        #expect(world.places.count > 20 && world.bookings.count > 100 && frontiers > 100)
        let total = try network[Network.city].statistics(now: network.now).total
        for measure in Measure.allCases where measure != .overdue { #expect(total[measure] > 0, "\(measure)") }
    }

    private func accept(_ world: inout World) throws {
        let unit = Self.line.randomElement(using: &world.random) ?? Network.city
        let isInstant = world.chance(1, in: 4)
        let promised = isInstant ? nil : Int.random(in: 1...4, using: &world.random)
        let statutory = world.chance(1, in: 3) ? nil : 10
        let channel: Channel = world.chance(1, in: 3) ? .online : .counter
        let network = world.network
        func limit(_ days: Int?) -> TimeLimit? { days.map { TimeLimit(count: UInt32($0), unit: .workingDays) } }
        let item = isInstant ? "1" : "2"
        var acceptance = Acceptance(
            promise: Promise(
                item: item, itemName: "事项\(item)", version: 1, department: "局", itemKind: "20",
                statutory: limit(statutory), promised: limit(promised), instant: isInstant),
            route: [UnitCode(unit)!], fields: [CaseField.applicantName: "王"], day: network.now.day, actor: "c")
        acceptance.channel = channel
        let reference = try network[unit].accept(acceptance, now: network.now)
        world.places.append(reference.creation)
        world.holders.append(unit)
        world.ledger.entries.append(
            CaseLedger.Entry(
                unit: unit, item: item, channel: channel.name, isInstant: isInstant, promised: promised,
                statutory: statutory, accepted: network.now.day))
        try world.book(unit)
    }

    /// The holder does something that is legal, once the case has come to it.
    private func act(_ world: inout World) throws {
        let network = world.network
        let index = Int.random(in: 0..<world.places.count, using: &world.random)
        let place = world.places[index]
        let unit = world.holders[index]
        let phase = try network[unit].replica.read { transaction in
            try transaction.record(created: place).map { try transaction.caseRecord($0).state }
                .flatMap { $0.holder?.text == unit ? $0.phase : nil }
        }
        guard let phase else { return }
        let day = network.now.day
        func does(_ action: CaseAction, _ fields: [String: String] = [:], target: String? = nil) throws {
            try network.act(action, at: unit, on: place, target: target, fields: fields)
            try world.book(unit)
        }
        switch phase {
        case .accepted:
            switch Int.random(in: 0..<12, using: &world.random) {
            case 0...4:
                let outcome: Outcome = world.chance(1, in: 4) ? .refused : .granted
                try does(.decide, [CaseField.decision: outcome.rawValue])
                world.ledger.entries[index].decided = (day, outcome)
            case 5, 6, 7:
                try does(.correct)
                world.ledger.entries[index].corrections.append((day, nil))
            case 8:
                try does(.withdraw)
                world.ledger.entries[index].ended = (day, .withdrawn)
            case 9 where unit == world.ledger.entries[index].unit:
                try does(.cancel)
                world.ledger.entries[index].ended = (day, .cancelled)
            default:
                guard let above = network.parent(of: unit) else { return }
                try does(.forward, target: above)
                world.holders[index] = above
            }
        case .correcting:
            try does(.supplement)
            let last = world.ledger.entries[index].corrections.count - 1
            world.ledger.entries[index].corrections[last].to = day
        case .decided, .delivered:
            if phase == .decided, world.chance(1, in: 2) {
                try does(.deliver)
                world.ledger.entries[index].delivered = day
            } else if world.ledger.entries[index].evaluated == nil {
                let level = Satisfaction.allCases.randomElement(using: &world.random) ?? .satisfied
                try does(.evaluate, [CaseField.evaluation: level.rawValue])
                world.ledger.entries[index].evaluated = (day, level)
            }
        default: return
        }
    }

    private func check(_ world: World) throws {
        let network = world.network
        for root in Self.line {
            let node = network[root]
            func below(_ unit: String) -> Bool {
                unit == root || network.parent(of: unit).map(below) ?? false
            }
            func expect(_ grouping: StatisticsGrouping, _ key: (CaseLedger.Entry, Int32) -> String) throws {
                let truth = world.ledger.tallies { below($0.unit) ? key($0, $1) : nil }
                let rows = try node.statistics(by: grouping, now: network.now).groups
                let found = Dictionary(rows.map { ($0.row.key, $0.row.tally) }, uniquingKeysWith: { $1 })
                #expect(found == truth, "\(root) by \(grouping)")
            }
            func date(_ day: Int32) -> String { CivilDate(dayNumber: day)?.description ?? "" }
            try expect(.day) { date($1) }
            try expect(.month) { String(date($1).prefix(7)) }
            try expect(.item) { entry, _ in entry.item }
            try expect(.channel) { entry, _ in entry.channel }
            try expect(.unit) { entry, _ in
                var at = entry.unit
                while at != root, let above = network.parent(of: at), above != root { at = above }
                return at
            }
            let month = try #require(CivilMonth("2026-10"))
            let october = world.ledger.tallies { below($0.unit) && date($1).hasPrefix("2026-10") ? "" : nil }[""]
            #expect(try node.statistics(days: month.days, now: network.now).total == october ?? CaseTally(), "\(root)")
        }
    }

    /// What a unit had booked before the time that the city's frontier says of it is at the city.
    private func checkFrontier(_ world: World) throws -> Int {
        let network = world.network
        let city = network[Network.city]
        var checked = 0
        for unit in try city.statistics(now: network.now).frontier.units where unit.unit != city.name.unit {
            guard let time = unit.time else { continue }
            checked += 1
            let last = world.bookings.last { $0.unit == unit.unit.text && $0.time < time }
            guard let last else { continue }
            let heads = try city.replica.read { try $0.gaplessHeads(of: last.author) }
            #expect(heads[1] >= last.sequence, "\(unit.unit) up to \(time)")
        }
        return checked
    }
}
