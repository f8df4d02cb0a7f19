import NIOPosix
import ServiceLifecycle

/// The threads on which links do their work, which waits for the disk: few, so that a storm of children neither fills
/// the machine nor takes the threads and the replica's readers from the people at the pages.
package final class LinkThreads: TaskExecutor {
    /// Three fewer than the readers of a replica: one is for a scrub, one for a backup, one for the people.
    package static let usual = 2

    private let pool: NIOThreadPool

    package init(_ count: Int = usual) {
        pool = NIOThreadPool(numberOfThreads: count)
        pool.start()
    }

    deinit { pool.shutdownGracefully { _ in } }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        pool.submit { _ in job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// A service with all its tasks on such threads.
struct OnLinkThreads: Service {
    let service: any Service
    let threads: LinkThreads

    func run() async throws {
        try await withTaskExecutorPreference(threads) { try await service.run() }
    }
}
