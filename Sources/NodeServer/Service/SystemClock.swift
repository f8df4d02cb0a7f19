import Foundation
import ServiceModel
import SyncNode

/// The machine's clock, read here and handed down.
package enum SystemClock {
    package static func now() -> Moment { moment(at: Date().timeIntervalSince1970) }

    static func moment(at time: TimeInterval) -> Moment {
        let seconds = Int64(time.rounded(.down))
        return Moment(seconds: seconds, day: (CivilTime.day(at: seconds) ?? .latest).dayNumber)
    }

    /// Milliseconds of a clock that goes forward, whatever is done to the machine's time.
    package static func ticks() -> Int64 {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }

    private static let start = ContinuousClock.now

    /// So many bytes from the system's generator.
    package static let entropy: @Sendable (Int) -> Data = { count in
        var generator = SystemRandomNumberGenerator()
        var out = Data(capacity: count)
        while out.count < count {
            withUnsafeBytes(of: generator.next()) { out.append(contentsOf: $0.prefix(count - out.count)) }
        }
        return out
    }
}
