import Foundation
import ServiceModel
import SyncNode
import Synchronization
import Trust

/// What children meet at the listener of this process, for its own pages and for commands beside it.
package final class ArrivalStatus: Sendable {
    private struct Held {
        var watch = ArrivalWatch()
        var isAboutToTell = false
    }

    private let held = Mutex(Held())
    private let pause: Duration
    private let onChange: @Sendable (ArrivalState) -> Void

    /// - Parameters:
    ///   - pause: between a change and the word of it, in which others may come: a storm must not write a file for each
    ///     child.
    ///   - onChange: told of the state; must not take long.
    package init(
        pause: Duration = .seconds(1), onChange: @escaping @Sendable (ArrivalState) -> Void = { _ in }
    ) {
        self.pause = pause
        self.onChange = onChange
    }

    package var state: ArrivalState { held.withLock { $0.watch.state } }

    /// A child was told to come again.
    /// - Returns: whether a storm begins with it.
    func refused(_ child: NodeName, at now: Moment) -> Bool {
        defer { tell() }
        return held.withLock { $0.watch.refused(child, at: now.seconds) }
    }

    /// A child's open exchange was ended by another one of its own.
    /// - Returns: whether it is to be told that this happens again and again.
    func displaced(_ child: NodeName, from old: String?, by new: String?, at now: Moment) -> Bool {
        let (isNews, isChange) = held.withLock { held in
            let before = held.watch.state
            let isNews = held.watch.displaced(child, from: old, by: new, at: now.seconds)
            return (isNews, held.watch.state != before)
        }
        if isChange { tell() }
        return isNews
    }

    private func tell() {
        let isFirst = held.withLock { held in
            defer { held.isAboutToTell = true }
            return !held.isAboutToTell
        }
        guard isFirst else { return }
        Task {
            try? await Task.sleep(for: pause)
            onChange(
                held.withLock { held in
                    held.isAboutToTell = false
                    return held.watch.state
                })
        }
    }
}

/// The same as a serving node writes it down for commands beside it: the file `arrivals` of the data directory. It says
/// something only while a server runs.
package enum ArrivalNote {
    private static func file(_ directory: NodeDirectory) -> URL { directory.url.appending(path: "arrivals") }

    /// - Throws: `NodeError.file`.
    static func write(_ state: ArrivalState, _ directory: NodeDirectory) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try NodeDirectory.write(try encoder.encode(state), to: file(directory))
    }

    /// What the server that runs here last noted; nil where none runs, or nothing was to be told.
    package static func read(_ directory: NodeDirectory) -> ArrivalState? {
        guard ServerLock.isHeld(directory), let data = try? NodeDirectory.read(file(directory)) else { return nil }
        return try? JSONDecoder().decode(ArrivalState.self, from: data).sane
    }

    /// Takes away what an earlier server noted.
    static func clear(_ directory: NodeDirectory) { try? FileManager.default.removeItem(at: file(directory)) }
}
