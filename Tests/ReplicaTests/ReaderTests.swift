import Foundation
import Testing

@testable import Replica

/// Long reads of some keep nobody else from reading.
@Suite struct ReaderTests {
    @Test func aPageIsReadWhileTheLinksAndAScrubRead() throws {
        let town = try Town(["C"])
        let replica = town["C"].replica
        let reading = DispatchSemaphore(value: 0), release = DispatchSemaphore(value: 0)
        // Two links and a scrub.
        for _ in 1...3 {
            Thread.detachNewThread {
                try? replica.read { _ in
                    reading.signal()
                    release.wait()
                }
                reading.signal()
            }
        }
        for _ in 1...3 { reading.wait() }
        let page = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            _ = try? replica.read { try $0.journalHead() }
            page.signal()
        }
        #expect(page.wait(timeout: .now() + 20) == .success)
        for _ in 1...3 { release.signal() }
        for _ in 1...3 { reading.wait() }
    }
}
