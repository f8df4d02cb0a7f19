import ChangeSet

/// Working days, counted a second time: Monday to Friday but for what the charter's calendars say.
struct OracleCalendar {
    private var free: Set<Int32> = []
    private var worked: Set<Int32> = []
    private var countsFirstDay = false

    init(_ sight: OracleCharter.Sight) {
        var years: [Int: ([Int32], [Int32])] = [:]
        for entry in sight.ordered {
            switch entry.change {
            case .calendar(let year, let holidays, let worked): years[year] = (holidays, worked)
            case .policy("deadline.firstDay", let value):
                countsFirstDay = ["counted": true, "notCounted": false][value] ?? false
            default: break
            }
        }
        for (holidays, worked) in years.values {
            free.formUnion(holidays)
            self.worked.formUnion(worked)
        }
    }

    /// 1 January 1970 was a Thursday.
    private func isWorked(_ day: Int32) -> Bool {
        if free.contains(day) { return false }
        let weekday = (Int(day) % 7 + 7 + 3) % 7
        return weekday < 5 || worked.contains(day)
    }

    /// `yyyy-mm-dd`.
    static func text(of day: Int32) -> String {
        let (year, month, day) = date(day)
        func padded(_ number: Int, _ width: Int) -> String {
            String(repeating: "0", count: max(0, width - "\(number)".count)) + "\(number)"
        }
        return [padded(year, 4), padded(month, 2), padded(day, 2)].joined(separator: "-")
    }

    /// Walks the years and months one by one.
    private static func date(_ day: Int32) -> (year: Int, month: Int, day: Int) {
        var year = 1970, left = Int(day)
        while left < 0 {
            year -= 1
            left += length(ofYear: year)
        }
        while left >= length(ofYear: year) {
            left -= length(ofYear: year)
            year += 1
        }
        var month = 1
        while left >= length(ofMonth: month, year) {
            left -= length(ofMonth: month, year)
            month += 1
        }
        return (year, month, left + 1)
    }

    private static func length(ofYear year: Int) -> Int { (1...12).reduce(0) { $0 + length(ofMonth: $1, year) } }

    private static func length(ofMonth month: Int, _ year: Int) -> Int {
        let isLeap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    /// The clock of one case.
    struct Clock {
        private static let longest: Int32 = 20_000

        let start: Int32
        /// Days on which it stands still, both ends included.
        let still: [(first: Int32, last: Int32)]
        let calendar: OracleCalendar

        private func stands(on day: Int32) -> Bool {
            (day != start || calendar.countsFirstDay) && still.contains { $0.first <= day && day <= $0.last }
        }

        private func counts(_ day: Int32) -> Bool {
            (day != start || calendar.countsFirstDay) && !stands(on: day) && calendar.isWorked(day)
        }

        /// Working days used by the end of a day.
        func used(through end: Int32) -> Int { end < start ? 0 : (start...end).count(where: counts) }

        /// The last day of a limit, and the working days that it allows; nil while the clock stands still.
        func due(_ limit: WireLimit) -> (day: Int32, workingDays: Int)? {
            guard limit.unit > 0 else {
                var used = 0
                for day in start..<start + Self.longest {
                    used += counts(day) ? 1 : 0
                    if used >= Int(limit.count) { return (day, Int(limit.count)) }
                    if still.contains(where: { $0.last == .max && $0.first <= day + 1 }) { return nil }
                }
                return nil
            }
            var due = limit.unit == 1 ? start + Int32(limit.count) : corresponding(months: Int(limit.count))
            if calendar.countsFirstDay, limit.count > 0 { due -= 1 }
            var day = start
            while day <= due, !still.isEmpty {
                guard day < start + Self.longest else { return nil }
                if stands(on: day) { due += 1 }
                day += 1
            }
            while !calendar.isWorked(due) { due += 1 }
            return (due, used(through: due))
        }

        /// The same day so many months later, or that month's last.
        private func corresponding(months: Int) -> Int32 {
            var (year, month, day) = OracleCalendar.date(start)
            var at = start - Int32(day - 1)
            for _ in 0..<months {
                at += Int32(OracleCalendar.length(ofMonth: month, year))
                month = month == 12 ? 1 : month + 1
                if month == 1 { year += 1 }
            }
            return at + Int32(min(day, OracleCalendar.length(ofMonth: month, year)) - 1)
        }
    }
}
