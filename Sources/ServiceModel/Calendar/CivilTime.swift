/// How moments and civil days belong together. China has one civil time, eight hours ahead of UTC, all year.
package enum CivilTime {
    /// Seconds by which civil time is ahead of UTC.
    package static let offset: Int64 = 8 * 3600

    /// The moment at which a day begins, in seconds since 1970.
    package static func start(of day: CivilDate) -> Int64 { Int64(day.dayNumber) * 86_400 - offset }

    /// The moment at which a day ends.
    package static func end(of day: CivilDate) -> Int64 { start(of: day) + 86_400 }

    /// The day at a moment; nil outside the years 1 to 9999.
    package static func day(at seconds: Int64) -> CivilDate? {
        let (civil, overflow) = seconds.addingReportingOverflow(offset)
        guard !overflow else { return nil }
        let day = civil / 86_400 - (civil % 86_400 < 0 ? 1 : 0)
        return Int32(exactly: day).flatMap { CivilDate(dayNumber: $0) }
    }

    /// `yyyy-mm-dd hh:mm` in civil time; the seconds themselves outside the years 1 to 9999.
    package static func text(_ seconds: Int64) -> String {
        guard let day = day(at: seconds) else { return "\(seconds)" }
        let minutes = (seconds - start(of: day)) / 60
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(day) \(two(minutes / 60)):\(two(minutes % 60))"
    }
}
