import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Testing

@testable import Replica

/// A few cases of October and November 2024; day 20000 is Friday 2024-10-04.
@Suite struct StatisticsTests {
    private static let limited = Promise(
        item: "370100", itemName: "临时救助", version: 1, department: "民政局", itemKind: "05",
        statutory: TimeLimit(count: 20, unit: .workingDays), promised: TimeLimit(count: 5, unit: .workingDays),
        instant: false)
    private static let instant = Promise(
        item: "370200", itemName: "证明", version: 1, department: "公安局", itemKind: "20", statutory: nil, promised: nil,
        instant: true)

    private func town() throws -> Town {
        let town = try Town(["C", "K", "T"])
        let decision = { (outcome: String) in [CaseField.decision: outcome] }
        let evaluation = { (level: String) in [CaseField.evaluation: level] }
        let county = town["K"], city = town["C"]
        func accept(
            _ node: Town.Node, _ number: Int, _ day: Int32, _ promise: Promise, _ channel: Channel = .counter
        ) throws -> Place {
            try node.accept("孙\(number)", number: number, day: day, promise: promise, channel: channel)
        }
        // Due on Friday 11: three working days used, early.
        let one = try accept(county, 1, 20_000, Self.limited, .online)
        try county.act(.decide, on: one, day: 20_005, writes: decision("granted"))
        try county.act(.deliver, on: one, day: 20_006)
        try county.act(.evaluate, on: one, day: 20_006, writes: evaluation("满意"))
        // Decided on the last day.
        let two = try accept(county, 2, 20_000, Self.limited)
        try county.act(.decide, on: two, day: 20_007, writes: decision("refused"))
        try county.act(.evaluate, on: two, day: 20_040, writes: evaluation("不满意"))
        // On the Monday after it: six days used.
        let three = try accept(county, 3, 20_000, Self.limited)
        try county.act(.decide, on: three, day: 20_010, writes: decision("granted"))
        let four = try accept(county, 4, 20_000, Self.limited)
        try county.act(.withdraw, on: four, day: 20_003)
        let five = try accept(county, 5, 20_000, Self.limited)
        try county.act(.cancel, on: five, day: 20_000)
        let six = try accept(city, 6, 20_003, Self.instant)
        try city.act(.decide, on: six, day: 20_003, writes: decision("granted"))
        _ = try accept(city, 7, 20_004, Self.limited, .online)
        // Stood still from Tuesday to Thursday, so that three of the days until Tuesday 15 are used.
        let eight = try accept(town["T"], 8, 20_003, Self.limited)
        try town["T"].act(.correct, on: eight, day: 20_004)
        try town["T"].act(.supplement, on: eight, day: 20_006)
        try town["T"].act(.decide, on: eight, day: 20_011, writes: decision("granted"))
        _ = try accept(county, 9, 20_040, Self.limited)
        try town.settle()
        return town
    }

    private func rows(
        _ node: Town.Node, _ grouping: StatisticsGrouping? = nil, unit: String = "C", month: String? = nil
    ) throws -> [StatisticsRow] {
        let query = StatisticsQuery(
            unit: try #require(UnitCode(unit)), days: try month.map { try #require(CivilMonth($0)).days },
            grouping: grouping)
        return try node.replica.read { try $0.statistics(query) }
    }

    @Test func everyNumberOfASmallSet() throws {
        let row = try #require(try rows(town()["C"]).first)
        let expected: [Measure: Int] = [
            .accepted: 9, .online: 2, .closed: 7, .instant: 1, .granted: 4, .refused: 1, .withdrawn: 1, .cancelled: 1,
            .decided: 5, .usedDays: 17, .limited: 4, .early: 2, .onTime: 3, .overdue: 1, .limitDays: 20,
            .limitUsedDays: 17, .statutoryDays: 80, .statutoryUsedDays: 17, .delivered: 1, .evaluated: 2, .satisfied: 1,
        ]
        for measure in Measure.allCases { #expect(row.tally[measure] == expected[measure], "\(measure)") }
        let rates: [Rate: Ratio] = [
            .handlingDays: Ratio(17, of: 5), .instant: Ratio(1, of: 7), .early: Ratio(2, of: 4),
            .onTime: Ratio(3, of: 4), .closing: Ratio(7, of: 9), .promisedSpeedUp: Ratio(3, of: 20),
            .statutorySpeedUp: Ratio(63, of: 80),
            .online: Ratio(2, of: 9), .satisfaction: Ratio(1, of: 2), .evaluation: Ratio(2, of: 7),
        ]
        for rate in Rate.allCases { #expect(row.tally[rate] == rates[rate], "\(rate)") }
    }

    @Test func eachActIsBookedOnItsOwnDay() throws {
        let city = try town()["C"]
        let months = try rows(city, .month)
        #expect(months.map(\.key) == ["2024-10", "2024-11"])
        #expect(months.map { $0.tally[.accepted] } == [8, 1])
        #expect(months.map { $0.tally[.closed] } == [7, 0])
        #expect(months.map { $0.tally[.evaluated] } == [1, 1])
        #expect(months.map { $0.tally[.satisfied] } == [1, 0])
        #expect(try rows(city, month: "2024-11").map(\.tally) == [months[1].tally])
        #expect(try rows(city, month: "2024-12").map(\.tally) == [CaseTally()])
        #expect(try rows(city, .item, month: "2024-12").isEmpty)
        let days = try rows(city, .day, month: "2024-10")
        #expect(
            days.map(\.key) == [
                "2024-10-04", "2024-10-07", "2024-10-08", "2024-10-09", "2024-10-10", "2024-10-11", "2024-10-14",
                "2024-10-15",
            ])
        #expect(days.map { $0.tally[.accepted] } == [5, 2, 1, 0, 0, 0, 0, 0])
        #expect(days.map { $0.tally[.closed] } == [1, 2, 0, 1, 0, 1, 1, 1])
        #expect(days.map { $0.tally[.delivered] } == [0, 0, 0, 0, 1, 0, 0, 0])
        #expect(days.reduce(CaseTally()) { $0 + $1.tally } == months[0].tally)
    }

    @Test(arguments: [
        (StatisticsGrouping.unit, "C", ["C", "K"], [2, 7]), (.unit, "K", ["K", "T"], [6, 1]), (.unit, "T", ["T"], [1]),
        (.item, "C", ["370100", "370200"], [8, 1]), (.kind, "C", ["05", "20"], [8, 1]),
        (.department, "C", ["公安局", "民政局"], [1, 8]), (.channel, "C", ["counter", "online"], [7, 2]),
        (.channel, "K", ["counter", "online"], [6, 1]), (.unit, "B", [], []),
    ])
    func groups(by grouping: StatisticsGrouping, of unit: String, keys: [String], accepted: [Int]) throws {
        let found = try rows(town()["C"], grouping, unit: unit)
        #expect(found.map(\.key) == keys)
        #expect(found.map { $0.tally[.accepted] } == accepted)
        if grouping == .item { #expect(found.map(\.label) == ["临时救助", "证明"]) }
    }

    @Test func everyNodeCountsTheSame() throws {
        let town = try town()
        for grouping in StatisticsGrouping.allCases {
            #expect(try rows(town["K"], grouping, unit: "K") == rows(town["C"], grouping, unit: "K"), "\(grouping)")
        }
    }

    @Test func whatWaitsOrIsCutIsNotCounted() throws {
        let town = try town()
        let author = Author(id: town["T"].author, unit: UnitCode("T")!, enrollment: 1, depth: 0)
        try town["C"].enter(.cut(WireCut(Cut(author: author, through: 0, heir: nil))))
        #expect(try rows(town["C"]).first?.tally[.accepted] == 8)
        #expect(try rows(town["C"]).first?.tally[.closed] == 6)
    }

    @Test func aCalendarThatArrivesMovesOpenDeadlines() throws {
        let town = try Town(["C", "K"])
        let place = try town["K"].accept("周一", day: 20_000)
        func due(_ name: String) throws -> [Int?] {
            let row = try town[name].replica.read { transaction in
                try transaction.serviceCases(limit: 1).first?.times
            }
            return [(row?.promised?.due?.dayNumber).map(Int.init), row?.lacksCalendar == true ? 1 : 0]
        }
        #expect(try due("K") == [20_007, 1])
        let holidays = try (20_003...20_004).map { try #require(CivilDate(dayNumber: $0)) }
        let worked = try #require(CivilDate(dayNumber: 20_008))
        let year = try CalendarYear(year: 2024, holidays: holidays, worked: [worked], source: "2024")
        try town["C"].enter(.calendar(WireCalendarYear(year)))
        try town.exchange("C", "K", times: 2)
        // Two days of the week are free, the Saturday after it is worked.
        for name in ["K", "C"] { #expect(try due(name) == [20_010, 0], "\(name)") }
        try town["C"].enter(
            .policy(
                .with {
                    $0.name = DeadlineRules.firstDayPolicy
                    $0.value = "counted"
                }))
        try town.exchange("C", "K", times: 2)
        for name in ["K", "C"] { #expect(try due(name) == [20_008, 0], "\(name)") }
        try town["K"].act(.decide, on: place, day: 20_008, writes: [CaseField.decision: "granted"])
        try town.exchange("C", "K", times: 2)
        #expect(try rows(town["C"]).first?.tally[.usedDays] == 5)
        for name in ["K", "C"] {
            #expect(try town[name].replica.rebuild(keeping: false).allSatisfy(\.isSame), "\(name)")
        }
    }

    @Test func anUnreadableCalendarIsPassedOver() throws {
        let town = try Town(["C", "K"])
        try town["C"].enter(
            .calendar(
                .with {
                    $0.year = 2024
                    $0.holidays = [1]
                }))
        try town["C"].enter(.policy(.init()))
        try town["C"].enter(
            .move(
                .with {
                    $0.unit = "W"
                    $0.parent = "K"
                }))
        let charter = try town["C"].replica.read { $0.charter }
        #expect(charter.waitingCount == 0 && charter.current.calendar.years.isEmpty)
        #expect(charter.current.topology.parent(of: UnitCode("W")!) == UnitCode("K"))
    }

    @Test(
        arguments: [
            (Ratio(1, of: 3), 1000, 333), (Ratio(2, of: 3), 1000, 667), (Ratio(-1, of: 8), 100, -13),
            (Ratio(1, of: 8), 100, 13), (Ratio(0, of: 5), 1000, 0), (Ratio(9, of: 4), 1000, 2250),
            (Ratio(1, of: 0), 1000, nil),
            (Ratio(.max, of: 1), 1000, nil),
        ] as [(Ratio, Int, Int?)])
    func rounding(ratio: Ratio, parts: Int, scaled: Int?) {
        #expect(ratio.scaled(to: parts) == scaled)
    }
}
