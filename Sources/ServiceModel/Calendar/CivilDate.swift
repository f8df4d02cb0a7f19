/// A day of the Gregorian calendar without hour or zone, kept as the number of days since 1970-01-01.
///
/// Legal dates are civil dates: what a counter stamps, not an instant.
package struct CivilDate: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Days since 1970-01-01; negative before it.
    package let dayNumber: Int32

    /// 0001-01-01.
    package static let earliest = CivilDate(unchecked: -719_162)
    /// 9999-12-31.
    package static let latest = CivilDate(unchecked: 2_932_896)

    private init(unchecked dayNumber: Int32) { self.dayNumber = dayNumber }

    /// nil outside the years 1 to 9999.
    package init?(dayNumber: Int32) {
        guard dayNumber >= Self.earliest.dayNumber, dayNumber <= Self.latest.dayNumber else { return nil }
        self.dayNumber = dayNumber
    }

    /// nil when there is no such day, or the year is not 1 to 9999.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= Self.days(inMonth: month, of: year)
        else { return nil }
        // Years that begin in March put the leap day last, so month lengths follow one formula.
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear
        self.dayNumber = Int32(days - 719_468)
    }

    /// Exactly `yyyy-mm-dd`; nil for any other form or a day that does not exist.
    package init?(_ iso: some StringProtocol) {
        let bytes = Array(iso.utf8.prefix(11))
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = Self.number(bytes[0..<4]), let month = Self.number(bytes[5..<7]),
            let day = Self.number(bytes[8..<10])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }

    /// The last day's number of `month` (1 to 12) in `year`.
    package static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    package static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// Year, month 1 to 12 and day 1 to 31.
    package var parts: (year: Int, month: Int, day: Int) {
        let days = Int(dayNumber) + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    package var year: Int { parts.year }
    package var month: Int { parts.month }
    package var day: Int { parts.day }

    package var weekday: Weekday {
        // 1970-01-01 was a Thursday; day 4 of a week that starts on Monday.
        let index = (Int(dayNumber) % 7 + 10) % 7
        return Weekday.allCases[index]
    }

    /// The day `days` later, or earlier when negative; nil outside the years 1 to 9999.
    package func adding(days: Int) -> CivilDate? {
        let (sum, overflow) = Int(dayNumber).addingReportingOverflow(days)
        guard !overflow, let number = Int32(exactly: sum) else { return nil }
        return CivilDate(dayNumber: number)
    }

    /// The same day of the month `months` later, or earlier when negative; where that month is too short, its last
    /// day (01-31 + 1 month is 02-28 or 02-29). nil outside the years 1 to 9999.
    package func adding(months: Int) -> CivilDate? {
        let (year, month, day) = parts
        let (index, overflow) = (year * 12 + month - 1).addingReportingOverflow(months)
        guard !overflow, index >= 12 else { return nil }
        let targetYear = index / 12, targetMonth = index % 12 + 1
        return CivilDate(
            year: targetYear, month: targetMonth,
            day: min(day, Self.days(inMonth: targetMonth, of: targetYear)))
    }

    /// Days from `other` to this day; negative when this day is earlier.
    package func days(since other: CivilDate) -> Int { Int(dayNumber) - Int(other.dayNumber) }

    /// `yyyy-mm-dd`.
    package var description: String {
        let (year, month, day) = parts
        return Self.padded(year, 4) + "-" + Self.padded(month, 2) + "-" + Self.padded(day, 2)
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    package static func < (a: CivilDate, b: CivilDate) -> Bool { a.dayNumber < b.dayNumber }
}

/// A day of the week, numbered from Monday as in ISO 8601.
package enum Weekday: Int, CaseIterable, Sendable {
    case monday = 1, tuesday, wednesday, thursday, friday, saturday, sunday

    /// Saturday or Sunday.
    package var isWeekend: Bool { self >= .saturday }
}

extension Weekday: Comparable {
    package static func < (a: Weekday, b: Weekday) -> Bool { a.rawValue < b.rawValue }
}
