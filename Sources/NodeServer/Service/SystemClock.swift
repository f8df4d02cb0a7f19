import Foundation
import SyncNode

/// The machine's clock, read here and handed down.
package enum SystemClock {
    /// China has one civil time, eight hours ahead of UTC, all year.
    private static let civilOffset: Int64 = 8 * 3600

    package static func now() -> Moment { moment(at: Date().timeIntervalSince1970) }

    static func moment(at time: TimeInterval) -> Moment {
        let seconds = Int64(time.rounded(.down))
        let civil = seconds + civilOffset
        let day = civil >= 0 ? civil / 86_400 : (civil - 86_399) / 86_400
        return Moment(seconds: seconds, day: Int32(clamping: day))
    }

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
