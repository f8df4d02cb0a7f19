extension TimeLimit {
    /// Whether this limit is longer than `other`. Exact in one unit; across units by usual lengths (house rule): five
    /// working days are a week, a month is 30 days.
    package func isLonger(than other: TimeLimit) -> Bool {
        unit == other.unit ? count > other.count : usualFifths > other.usualFifths
    }

    /// Usual length in fifths of a calendar day, so that working days stay whole.
    private var usualFifths: UInt64 {
        switch unit {
        case .workingDays: UInt64(count) * 7
        case .days: UInt64(count) * 5
        case .months: UInt64(count) * 150
        }
    }
}
