/// The years that the charter has published, read as one calendar. In a year that it has not published Monday to Friday
/// are worked, and what is counted there rests on no calendar.
package struct PublishedCalendar: Hashable, Sendable {
    /// Most years that are read; of more, the latest.
    package static let mostYears = 100
    /// Version of the calendar where nothing is published.
    package static let unpublished = "-"

    package let years: [Int: CalendarYear]
    package let days: WorkCalendar

    package init(_ published: [CalendarYear] = []) {
        let kept = published.sorted { $0.year < $1.year }.suffix(Self.mostYears)
        years = Dictionary(kept.map { ($0.year, $0) }, uniquingKeysWith: { $1 })
        let exceptions = years.values.flatMap { year in
            year.holidays.map { ($0, WorkCalendar.Exception.holiday("")) }
                + year.worked.map { ($0, WorkCalendar.Exception.worked("")) }
        }
        let first = kept.first.flatMap { CivilDate(year: $0.year, month: 1, day: 1) } ?? .earliest
        let last = kept.last.flatMap { CivilDate(year: $0.year, month: 12, day: 31) } ?? .earliest
        guard
            let days = try? WorkCalendar(
                version: Self.version(Array(kept)), covers: first...last,
                exceptions: exceptions.map { (date: $0.0, $0.1) })
        else { preconditionFailure("years that were checked one by one make a calendar") }
        self.days = days
    }

    private static func version(_ years: [CalendarYear]) -> String {
        var names: [String] = []
        for year in years where !names.contains(year.source) && !year.source.isEmpty { names.append(year.source) }
        let all = names.joined(separator: " ")
        return all.utf8.count <= WorkCalendar.longestName && !all.isEmpty ? all : names.last ?? unpublished
    }

    /// Whether every day of the range lies in a published year.
    package func covers(_ range: ClosedRange<CivilDate>) -> Bool {
        (range.lowerBound.year...range.upperBound.year).allSatisfy { years[$0] != nil }
    }
}
