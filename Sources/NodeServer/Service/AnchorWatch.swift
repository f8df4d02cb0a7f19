import Logging
import ServiceLifecycle
import SyncNode

/// Makes the anchor of a serving node anew when somebody has taken it away: after its end nobody could.
package struct AnchorWatch: Service {
    /// How often it looks.
    package static let usualInterval: Duration = .seconds(1)

    private let node: Node
    private let interval: Duration
    private let logger: Logger

    package init(node: Node, interval: Duration = usualInterval, logger: Logger) {
        self.node = node
        self.interval = interval
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var isTroubled = false
            while !Task.isCancelled {
                isTroubled = !isKept(tells: !isTroubled)
                try? await Task.sleep(for: interval)
            }
        }
        _ = isKept(tells: true)
    }

    /// - Parameter tells: false where it was told already, and not every second onto a disk that may be full.
    private func isKept(tells: Bool) -> Bool {
        do {
            try node.keepAnchor()
            return true
        } catch {
            if tells { logger.error("anchor not kept", metadata: ["error": "\(error)"]) }
            return false
        }
    }
}
