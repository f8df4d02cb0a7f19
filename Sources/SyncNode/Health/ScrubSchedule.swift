import ServiceModel

/// When a serving node looks through everything that it holds: once a night; a machine that is off at night, some days
/// after the last time.
package enum ScrubSchedule {
    /// Hours of civil time.
    static let night = 0..<5
    /// Seconds after which another night is another time.
    static let pause: Int64 = 20 * 3600
    /// Seconds after which it is done by day too.
    static let patience: Int64 = 3 * 86_400

    /// - Parameter last: when the last one was finished, in seconds since 1970; nil when none was.
    package static func isDue(last: Int64?, now: Moment) -> Bool {
        guard let last else { return true }
        // A clock that was set back says nothing of the time that has passed.
        let passed = last <= now.seconds ? now.seconds - last : pause + 1
        return passed > patience || passed > pause && night.contains(now.hour)
    }
}

extension Moment {
    /// Of civil time.
    fileprivate var hour: Int {
        let second = (seconds + CivilTime.offset) % 86_400
        return Int((second + 86_400) % 86_400 / 3600)
    }
}
