import Foundation
import Logging
import ServiceLifecycle
import ServiceModel
import Simulator
import SyncNode
import Testing

@testable import NodeServer

@Suite struct AnchorWatchTests {
    /// Also where it is taken away in the moment of the end.
    @Test(arguments: [Duration.milliseconds(10), .seconds(60)])
    func anAnchorThatIsTakenAwayIsThereAgain(interval: Duration) async throws {
        let network = try SimulatedNetwork(
            units: [UnitEntry(code: UnitCode("3799")!, name: "市", tier: 0, parent: nil, kind: .centre)],
            tiers: ["city"], nodes: ["3799"], seed: 5)
        let node = network["3799"], file = node.directory.anchor
        let before = try #require(try Anchor(node.directory).read())
        let watch = AnchorWatch(
            node: node, interval: interval, logger: Logger(label: "anchor") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await watch.run() }
            try await Task.sleep(for: .milliseconds(50))
            try FileManager.default.removeItem(at: file)
            if interval < .seconds(1) {
                let start = ContinuousClock.now
                while !FileManager.default.fileExists(atPath: file.path) {
                    try #require(start.duration(to: .now) < .seconds(20), "nothing was noticed")
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
            tasks.cancelAll()
            try? await tasks.waitForAll()
        }
        let after = try #require(try Anchor(node.directory).read())
        #expect(after.author == before.author && after.ceiling > before.ceiling)
        withExtendedLifetime(network) {}
    }
}
