import Logging
import Replica
import ServiceLifecycle
import ServiceModel
import SyncNode

/// Looks at the machine's clock beside one that nobody sets, keeps a jump for whoever asks how far the clock is to be
/// relied on, and logs what speaks against it.
package struct ClockWatch: Service {
    /// How often it looks.
    package static let usualInterval: Duration = .seconds(2)

    private let node: Node
    private let interval: Duration
    private let logger: Logger
    private let now: @Sendable () -> Moment

    package init(
        node: Node, interval: Duration = usualInterval, logger: Logger, now: @escaping @Sendable () -> Moment
    ) {
        self.node = node
        self.interval = interval
        self.logger = logger
        self.now = now
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            // It runs on while the machine sleeps, as the clock does.
            let start = ContinuousClock.now
            var pace = ClockPace(shows: now().seconds, elapsed: 0)
            var kept: ClockJump?
            var told: String?
            // While nobody served the clock may have been set back.
            var mayBeBack = true
            var isTroubled = false
            while !Task.isCancelled {
                let moment = now()
                do {
                    if mayBeBack { try node.doubtQuotes(now: moment) }
                    mayBeBack = false
                    // What cannot be kept is seen again at the next look.
                    var looked = pace
                    if let jump = looked.look(shows: moment.seconds, elapsed: start.seconds) {
                        kept = try node.note(jump, after: kept)
                    }
                    pace = looked
                    let doubt = try node.clock(now: moment).doubt
                    if let doubt, doubt.code != told { logger.warning("clock", metadata: ["doubt": "\(doubt)"]) }
                    told = doubt?.code
                    isTroubled = false
                } catch {
                    if !isTroubled { logger.error("clock not looked at", metadata: ["error": "\(error)"]) }
                    isTroubled = true
                }
                try? await Task.sleep(for: interval)
            }
        }
    }
}

extension ContinuousClock.Instant {
    /// Since then.
    fileprivate var seconds: Int64 { duration(to: .now).components.seconds }
}
