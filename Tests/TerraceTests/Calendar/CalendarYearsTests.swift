import ServiceModel
import Testing

@testable import terrace

struct CalendarYearsTests {
    @Test func theFixtureIsPublishedAsTwoYears() throws {
        let path = ProjectFiles.path("fixtures/calendars/cn-2025-2026.yaml")
        let calendar = try CalendarYAML.read(BoundedFile.bytes(path: path, limit: 1 << 16))
        let published = PublishedCalendar(try calendar.years())
        #expect(published.years.keys.sorted() == [2025, 2026])
        #expect(published.days.version == "cn-2025-2026")
        var date = try #require(CivilDate("2025-01-01"))
        while date.year < 2027 {
            #expect(published.days.isWorked(date) == calendar.isWorked(date), "\(date)")
            date = try #require(date.adding(days: 1))
        }
    }
}
