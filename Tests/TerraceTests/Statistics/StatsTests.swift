import Foundation
import NodeServer
import Replica
import ServiceModel
import Testing

@testable import terrace

struct StatsTests {
    private func unit(_ code: String, _ name: String, _ time: Int64?, asked: Int64) throws -> UnitFrontier {
        UnitFrontier(unit: try #require(UnitCode(code)), name: name, time: time, asked: asked)
    }

    private func report(
        _ grouping: StatisticsGrouping?, rows: [StatisticsRow], behind: Int = 1
    ) throws -> StatisticsReport {
        let asked = CivilTime.end(of: try #require(CivilDate("2026-09-30")))
        var units = [try unit("3799", "滨湖市", asked, asked: asked)]
        for number in 0..<behind {
            units.append(try unit("3799\(10 + number)", "湖\u{1B}东村", number == 0 ? nil : asked - 60, asked: asked))
        }
        let frontier = Frontier(asked: asked, units: units)
        return StatisticsReport(
            query: StatisticsQuery(unit: try #require(UnitCode("3799")), grouping: grouping), unitName: "滨湖市",
            groups: rows.map { StatisticsReport.Group(row: $0, frontier: frontier.of { $0.text == "3799" }) },
            frontier: frontier)
    }

    private let rows = [
        StatisticsRow(
            key: "a,b", label: "临时救助",
            tally: CaseTally([.accepted: 12, .closed: 3, .instant: 1, .decided: 3, .usedDays: 5])),
        StatisticsRow(key: "b", label: "证\"明", tally: CaseTally([.accepted: 1])),
    ]

    @Test func oneTableGivesEachRateByItsTwoNumbers() throws {
        let text = StatsTable(try report(nil, rows: [rows[0]]), month: "2026-09").text
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "3799 滨湖市 and all below, 2026-09")
        #expect(lines.contains("accepted   12"))
        #expect(lines.contains { $0.split(separator: " ") == ["instant", "rate", "33.3%", "1", "3"] })
        #expect(lines.contains { $0.split(separator: " ") == ["days", "per", "case", "1.67", "5", "3"] })
        #expect(lines.contains { $0.split(separator: " ") == ["satisfaction", "-", "0", "0"] })
        #expect(
            lines.contains {
                $0
                    == "frontier: 1 of 2 expected units complete up to 2026-10-01 00:00; 1 behind, what they did"
                    + " later is not in the figures"
            })
        #expect(lines.last == "379910  湖\u{FFFD}东村  ever: nothing was heard of it")
    }

    @Test func groupsStandInColumnsWhereAChineseCharacterTakesTwoPlaces() throws {
        let lines = StatsTable(try report(.item, rows: rows), month: nil).text.split(separator: "\n")
        let table = lines.dropFirst().prefix(4)
        #expect(table.map { $0.prefix(3) } == ["ite", "a,b", "b  ", "all"])
        #expect(Set(table.map { TextTable.width(of: String($0)) }).count == 1)
        #expect(table.last?.contains("1/3 33.3%") == true)
        #expect(table.last?.contains("13") == true)
    }

    @Test func manyUnitsBehindAreCountedAndTheFirstListed() throws {
        let lines = StatsTable(try report(nil, rows: [rows[0]], behind: 30), month: nil).text.split(separator: "\n")
        #expect(lines.last == "and 10 more")
        #expect(lines.contains("379911  湖\u{FFFD}东村  2026-09-30 23:59"))
        #expect(StatsTable.lines(of: Frontier(asked: 0, units: [])).count == 1)
    }

    @Test func theCSVHasALineForEachGroupWithItsFrontier() throws {
        let text = StatsCSV(try report(.item, rows: rows)).text
        try ProjectFiles.with("stats.csv", text.utf8) { path in
            var cells: [[String]] = []
            try CSVReader.read(path: path) { cells.append($0.cells) }
            #expect(cells.count == 3)
            #expect(Set(cells.map(\.count)).count == 1)
            let head = cells[0]
            func cell(_ row: Int, _ name: String) throws -> String {
                cells[row][try #require(head.firstIndex(of: name))]
            }
            #expect(cells[1].prefix(2) == ["a,b", "临时救助"])
            #expect(cells[2].prefix(2) == ["b", "证\"明"])
            #expect(try cell(1, "accepted") == "12")
            #expect(try cell(1, "instant.numerator") == "1")
            #expect(try cell(1, "instant.denominator") == "3")
            #expect(try cell(1, "units_complete") == "1")
            #expect(try cell(1, "complete_up_to") == "2026-10-01 00:00")
        }
    }

    @Test func theJSONHasIntegersAlone() throws {
        let output = StatsOutput(try report(.unit, rows: rows), month: "2026-09")
        let data = try JSONEncoder().encode(output)
        let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let total = try #require(json["total"] as? [String: Any])
        #expect((total["counts"] as? [String: Int])?["accepted"] == 13)
        #expect((total["rates"] as? [String: [String: Int]])?["instant"] == ["numerator": 1, "denominator": 3])
        #expect((json["groups"] as? [Any])?.count == 2)
        let frontier = try #require(json["frontier"] as? [String: Any])
        #expect(frontier["expected"] as? Int == 2 && frontier["complete"] as? Int == 1)
        #expect((frontier["behind"] as? [[String: Any]])?.first?["unit"] as? String == "379910")
        #expect(!String(decoding: data, as: UTF8.self).contains("."))
    }

    @Test(arguments: [("王", 2), ("a", 1), ("１", 2), ("e\u{301}", 1), ("“", 1), ("，", 2), ("한", 2), ("", 0)])
    func widths(text: String, places: Int) { #expect(TextTable.width(of: text) == places) }

    @Test(arguments: [
        (Int64(0), "1970-01-01 08:00"), (-28_801, "1969-12-31 23:59"), (1_790_000_000, "2026-09-21 22:13"),
        (.max, "\(Int64.max)"),
    ])
    func civilTime(seconds: Int64, text: String) { #expect(CivilTime.text(seconds) == text) }

    @Test(arguments: [
        ("2026-02", "2026-02-01", "2026-02-28"), ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026-12", "2026-12-01", "2026-12-31"),
    ])
    func months(text: String, first: String, last: String) throws {
        let month = try #require(CivilMonth(text))
        #expect(month.days.lowerBound.description == first && month.days.upperBound.description == last)
        #expect(month.description == text)
    }

    @Test(arguments: ["", "2026", "2026-13", "2026-1", "2026-01-01", "0000-01", "２０２６-01"])
    func noMonths(text: String) { #expect(CivilMonth(text) == nil) }
}
