import ServiceModel

/// The part of the day in which a line may be used, in civil time; it may go over midnight.
package struct LineHours: Hashable, Sendable, CustomStringConvertible {
    /// Minutes of the day.
    private let from: Int64
    private let until: Int64

    private static let day: Int64 = 24 * 60

    /// Reads `22:00-06:00`; nil for what is no such thing, and for hours that are none or all of them.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(Self.minute)
        guard parts.count == 2, let from = parts[0], let until = parts[1], from % Self.day != until % Self.day
        else { return nil }
        (self.from, self.until) = (from % Self.day, until % Self.day)
    }

    /// Of `hh:mm`, up to 24:00.
    private static func minute(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy { "0"..."9" ~= $0 } }),
            let hour = Int64(parts[0]), let minute = Int64(parts[1]), minute < 60, hour * 60 + minute <= day
        else { return nil }
        return hour * 60 + minute
    }

    /// - Parameter now: seconds since 1970.
    func isOpen(at now: Int64) -> Bool {
        let length = Self.day * 60
        let second = (now % length + CivilTime.offset + length) % length
        let minute = second / 60
        return from < until ? (from..<until).contains(minute) : minute >= from || minute < until
    }

    package var description: String { "\(Self.text(from))-\(Self.text(until))" }

    private static func text(_ minutes: Int64) -> String {
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(two(minutes / 60)):\(two(minutes % 60))"
    }
}

/// What may be done with the line upward.
package struct LineTerms: Hashable, Sendable {
    /// Bytes per second each way, at most; nil for as fast as it goes.
    package var rate: Int?
    /// When it may be used; nil for always.
    package var hours: LineHours?

    /// Rates that can be kept to.
    package static let rates = TokenBucket.rates

    package init(rate: Int? = nil, hours: LineHours? = nil) {
        self.rate = rate
        self.hours = hours
    }
}
