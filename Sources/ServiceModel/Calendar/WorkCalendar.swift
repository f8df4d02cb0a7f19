/// Which days are worked: Monday to Friday, but for the holidays and the worked weekend days of the State Council's
/// yearly arrangement. A calendar is a published version; a later version recomputes open deadlines.
package struct WorkCalendar: Hashable, Sendable {
    /// What the arrangement says of one day, with the name of the festival that caused it.
    package enum Exception: Hashable, Sendable {
        case holiday(String)
        case worked(String)
    }

    /// What a day is.
    package enum DayKind: Hashable, Sendable {
        case workday
        /// A weekend day that is worked in place of a holiday.
        case workedWeekend(String)
        case weekend
        case holiday(String)

        package var isWorked: Bool {
            switch self {
            case .workday, .workedWeekend: true
            case .weekend, .holiday: false
            }
        }
    }

    /// Most days with a special rule in one calendar; a year has about 40.
    package static let mostExceptions = 8192
    /// Longest version name and festival name, in UTF-8 bytes.
    package static let longestName = 96

    /// The name of this version, for example `cn-2025-2026`.
    package let version: String
    /// The days that the arrangement speaks of. Outside it only weekends are known, and a deadline is provisional.
    package let covers: ClosedRange<CivilDate>
    private let exceptions: [CivilDate: Exception]

    /// - Throws: `WorkCalendarError` for a day listed twice or outside `covers`, or a bound that is passed.
    package init(
        version: String, covers: ClosedRange<CivilDate>, exceptions: [(date: CivilDate, Exception)]
    ) throws(WorkCalendarError) {
        guard !version.isEmpty, version.utf8.count <= Self.longestName else { throw .badName(version) }
        guard exceptions.count <= Self.mostExceptions else { throw .tooManyDays(exceptions.count) }
        var days: [CivilDate: Exception] = [:]
        days.reserveCapacity(exceptions.count)
        for (date, exception) in exceptions {
            guard covers.contains(date) else { throw .outside(date) }
            guard exception.name.utf8.count <= Self.longestName else { throw .badName(exception.name) }
            guard days.updateValue(exception, forKey: date) == nil else { throw .duplicate(date) }
        }
        self.version = version
        self.covers = covers
        self.exceptions = days
    }

    /// The days with a special rule, in order.
    package var listed: [(date: CivilDate, Exception)] {
        exceptions.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    package func kind(of date: CivilDate) -> DayKind {
        let weekend = date.weekday.isWeekend
        return switch exceptions[date] {
        case .holiday(let name): .holiday(name)
        case .worked(let name): weekend ? .workedWeekend(name) : .workday
        case nil: weekend ? .weekend : .workday
        }
    }

    package func isWorked(_ date: CivilDate) -> Bool { kind(of: date).isWorked }

    /// The worked days of a range, both ends included.
    package func workedDays(in range: ClosedRange<CivilDate>) -> Int {
        var count = 0
        var date = range.lowerBound
        while true {
            if isWorked(date) { count += 1 }
            guard date < range.upperBound, let next = date.adding(days: 1) else { return count }
            date = next
        }
    }

    /// The `steps`-th worked day after `date`, or before it when negative; `date` itself for 0, worked or not.
    /// Card thresholds such as "two working days before the limit" are counted so.
    /// nil when `steps` passes `WorkingDays.longestLimit` or the search runs out of the calendar's years.
    package func workday(_ steps: Int, from date: CivilDate) -> CivilDate? {
        guard steps.magnitude <= WorkingDays.longestLimit else { return nil }
        let stride = steps < 0 ? -1 : 1
        var left = abs(steps), current = date, scanned = 0
        while left > 0 {
            guard scanned < WorkingDays.longestSpan, let next = current.adding(days: stride) else { return nil }
            current = next
            scanned += 1
            if isWorked(current) { left -= 1 }
        }
        return current
    }
}

extension WorkCalendar.Exception {
    /// The festival.
    package var name: String {
        switch self {
        case .holiday(let name), .worked(let name): name
        }
    }
}

/// Why a list of days is not a calendar.
package enum WorkCalendarError: CodedError, Hashable, Sendable {
    case badName(String)
    case tooManyDays(Int)
    case outside(CivilDate)
    case duplicate(CivilDate)
    /// The charter takes whole years.
    case partOfYear(CivilDate)

    /// Stable across versions.
    package var code: String {
        switch self {
        case .badName: "calendar.badName"
        case .tooManyDays: "calendar.tooManyDays"
        case .outside: "calendar.outside"
        case .duplicate: "calendar.duplicate"
        case .partOfYear: "calendar.partOfYear"
        }
    }

    package var words: Words {
        switch self {
        case .badName(let name):
            Words(
                "a name must have 1 to \(WorkCalendar.longestName) bytes: “\(name.prefix(80))”",
                "名称应为1到\(WorkCalendar.longestName)字节：“\(name.prefix(80))”")
        case .tooManyDays(let count):
            Words(
                "\(count) special days; at most \(WorkCalendar.mostExceptions), split the calendar by years",
                "有\(count)个特殊日，至多\(WorkCalendar.mostExceptions)个：请按年份拆分")
        case .outside(let date):
            Words("\(date) is outside the days that the calendar covers; widen them", "\(date)不在日历所含的日期内：请扩大范围")
        case .duplicate(let date):
            Words("\(date) is listed twice; keep one line for the day", "\(date)列了两次：每日只留一行")
        case .partOfYear(let date):
            Words(
                "the calendar ends at \(date), inside a year; only whole years are published",
                "日历在年中\(date)结束：只能按整年发布")
        }
    }
}
