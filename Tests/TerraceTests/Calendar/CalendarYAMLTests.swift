import Foundation
import ServiceModel
import Testing

@testable import terrace

struct CalendarYAMLTests {
    private func fixture() throws -> WorkCalendar {
        let path = ProjectFiles.path("fixtures/calendars/cn-2025-2026.yaml")
        return try CalendarYAML.read(BoundedFile.bytes(path: path, limit: 1 << 16))
    }

    private func day(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }

    @Test(arguments: [(2025, 248), (2026, 248)])
    func workingDaysOfTheFixture(year: Int, total: Int) throws {
        let calendar = try fixture()
        #expect(calendar.version == "cn-2025-2026")
        #expect(try calendar.workedDays(in: day("\(year)-01-01")...day("\(year)-12-31")) == total)
        #expect(try calendar.covers == day("2025-01-01")...day("2026-12-31"))
    }

    @Test(
        .enabled(
            if: ProjectFiles.exists(ProjectFiles.reference("holidays-cn.csv")), Comment(rawValue: ProjectFiles.absent)))
    func fixtureAgreesWithTheReferenceTable() throws {
        var listed: [CivilDate: Bool] = [:]
        try CSVReader.read(path: ProjectFiles.reference("holidays-cn.csv")) { row in
            if let date = CivilDate(row.cells[0]) { listed[date] = row.cells[1] == "workday" }
        }
        let calendar = try fixture()
        var date = try day("2025-01-01")
        while date.year < 2027 {
            #expect(calendar.isWorked(date) == listed[date] ?? !date.weekday.isWeekend, "\(date)")
            date = try #require(date.adding(days: 1))
        }
    }

    static let frame = "version: v\ncovers: {first: 2025-01-01, last: 2025-12-31}\n"

    static let mistakes: [(String, String)] = [
        (frame, "yaml.missingKey"), (frame + "holidays: []\nworked: []\nextra: 1\n", "yaml.unknownKey"),
        (frame + "holidays: a\nworked: []\n", "yaml.shape"),
        (frame + "holidays: [{name: a, first: 2025-02-30, last: 2025-03-01}]\nworked: []\n", "calendar.date"),
        (frame + "holidays: [{name: a, first: 2025-03-02, last: 2025-03-01}]\nworked: []\n", "calendar.order"),
        (frame + "holidays: [{name: a, first: 2025-03-01, last: 2025-04-01}]\nworked: []\n", "calendar.holidayTooLong"),
        (frame + "holidays: []\nworked: [{name: a, day: 2025-03-03}]\n", "calendar.notWeekend"),
        (frame + "holidays: [{name: a, first: 2026-01-01, last: 2026-01-01}]\nworked: []\n", "calendar.outside"),
        (
            frame + "holidays: [{name: a, first: 2025-03-01, last: 2025-03-02}]\n"
                + "worked: [{name: a, day: 2025-03-02}]\n",
            "calendar.duplicate"
        ),
    ]

    @Test(arguments: mistakes)
    func refused(text: String, code: String) {
        #expect { try CalendarYAML.read(Array(text.utf8)) } throws: { error in
            let found =
                (error as? YAMLFileError)?.code ?? (error as? CalendarFileError)?.code
                ?? (error as? WorkCalendarError)?.code
            return found == code
        }
    }
}
