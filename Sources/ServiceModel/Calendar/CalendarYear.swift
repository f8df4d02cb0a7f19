/// The State Council's arrangement of one year, as the charter publishes it. A later entry for the same year takes its
/// place.
package struct CalendarYear: Hashable, Sendable {
    /// Most days with a special rule in one year; there are about 40.
    package static let mostDays = 80

    package let year: Int
    /// Days that are not worked beside the weekends, in order.
    package let holidays: [CivilDate]
    /// Weekend days that are worked, in order.
    package let worked: [CivilDate]
    /// What it was published as.
    package let source: String

    /// - Throws: `WorkCalendarError` for a day of another year, a day listed twice, or a bound that is passed.
    package init(
        year: Int, holidays: [CivilDate], worked: [CivilDate], source: String
    ) throws(WorkCalendarError) {
        let days = holidays + worked
        guard days.count <= Self.mostDays else { throw .tooManyDays(days.count) }
        guard source.utf8.count <= WorkCalendar.longestName else { throw .badName(source) }
        var seen: Set<CivilDate> = []
        for day in days {
            guard day.year == year else { throw .outside(day) }
            guard seen.insert(day).inserted else { throw .duplicate(day) }
        }
        self.year = year
        self.holidays = holidays.sorted()
        self.worked = worked.sorted()
        self.source = source
    }
}

extension WorkCalendar {
    /// Its years, one by one, as the charter takes them.
    /// - Throws: `WorkCalendarError.partOfYear` when it does not cover whole years, `.tooManyDays`.
    package func years() throws(WorkCalendarError) -> [CalendarYear] {
        guard covers.lowerBound.isFirstOfYear else { throw .partOfYear(covers.lowerBound) }
        if let next = covers.upperBound.adding(days: 1), !next.isFirstOfYear { throw .partOfYear(covers.upperBound) }
        let days = Dictionary(grouping: listed) { $0.date.year }
        var out: [CalendarYear] = []
        for year in covers.lowerBound.year...covers.upperBound.year {
            var holidays: [CivilDate] = []
            var worked: [CivilDate] = []
            for (date, exception) in days[year] ?? [] {
                switch exception {
                case .holiday: holidays.append(date)
                case .worked: worked.append(date)
                }
            }
            out.append(try CalendarYear(year: year, holidays: holidays, worked: worked, source: version))
        }
        return out
    }
}

extension CivilDate {
    fileprivate var isFirstOfYear: Bool { month == 1 && day == 1 }
}
