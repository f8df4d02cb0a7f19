import ServiceModel

/// Days as the command line and the API have them: `yyyy-mm-dd`.
package enum CivilDay {
    /// The day that is meant, today when there is none.
    /// - Throws: `NodeError.badInput`.
    package static func parse(_ text: String?, now: Moment) throws -> Int32 {
        guard let text else { return now.day }
        guard let date = CivilDate(text) else {
            throw NodeError.badInput(text, wanted: Words("a day, yyyy-mm-dd", "日期yyyy-mm-dd"))
        }
        return date.dayNumber
    }

    package static func text(_ day: Int32) -> String { CivilDate(dayNumber: day)?.description ?? "\(day)" }
}
