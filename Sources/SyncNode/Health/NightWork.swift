import ServiceModel

/// When a serving node does by itself what it does once a night: looks through everything that it holds, and makes a
/// backup. A machine that is off at night does it by day, some time after the last time.
package enum NightWork {
    case scrub, backup

    /// Hours of civil time.
    static let night = 0..<5
    /// Seconds after which another night is another time.
    static let pause: Int64 = 20 * 3600

    /// Seconds after which it is done by day too.
    private var patience: Int64 {
        switch self {
        case .scrub: 3 * 86_400
        case .backup: 86_400
        }
    }

    /// - Parameter last: when it was done last, in seconds since 1970; nil when never.
    package func isDue(last: Int64?, now: Moment) -> Bool {
        guard let last else { return true }
        // A clock that was set back says nothing of the time that has passed.
        let passed = last <= now.seconds ? now.seconds - last : Self.pause + 1
        return passed > patience || passed > Self.pause && Self.night.contains(now.hour)
    }
}

extension Moment {
    /// Of civil time.
    fileprivate var hour: Int {
        let second = (seconds + CivilTime.offset) % 86_400
        return Int((second + 86_400) % 86_400 / 3600)
    }
}
