import Foundation
import Synchronization

/// Pieces of work that are done side by side, each lane taking the next when it is done with one.
package enum Lanes {
    /// Returns when all is done.
    /// - Parameters:
    ///   - count: of the pieces, which are told their numbers from 0.
    ///   - lanes: threads at most.
    package static func run(_ count: Int, on lanes: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let next = Mutex(0)
        let finished = DispatchGroup()
        for _ in 0..<max(0, min(lanes, count)) {
            finished.enter()
            let thread = Thread {
                while let index = next.withLock({ next -> Int? in
                    guard next < count else { return nil }
                    next += 1
                    return next - 1
                }) {
                    body(index)
                }
                finished.leave()
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
        finished.wait()
    }
}
