/// A month of the Gregorian calendar.
package struct CivilMonth: Hashable, Sendable, CustomStringConvertible {
    package let days: ClosedRange<CivilDate>

    /// Exactly `yyyy-mm`; nil for any other form or a month that does not exist.
    package init?(_ text: some StringProtocol) {
        guard let first = CivilDate("\(text)-01"),
            let last = CivilDate(
                year: first.year, month: first.month, day: CivilDate.days(inMonth: first.month, of: first.year))
        else { return nil }
        days = first...last
    }

    /// `yyyy-mm`.
    package var description: String { String(days.lowerBound.description.dropLast(3)) }
}
