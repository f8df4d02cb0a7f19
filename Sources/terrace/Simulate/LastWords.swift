import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What is still said when a trap ends the process, which says neither seed nor command by itself: what each thread had
/// begun. Nothing is said otherwise.
final class LastWords: Sendable {
    /// Of one of them, with the byte that ends it.
    private static let room = 4096
    private static let signals = [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE]

    /// A handler of signals may do no more than write what lies there already.
    private struct Board {
        let bytes: UnsafeMutablePointer<CChar>
        let count: Int
    }

    nonisolated(unsafe) private static var board: Board?

    /// Which places on the board are taken.
    private let taken: Mutex<[Bool]>

    /// Once in a process.
    /// - Parameter count: how many there are at once.
    init(_ count: Int) {
        let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: count * Self.room)
        bytes.initialize(repeating: 0, count: count * Self.room)
        Self.board = Board(bytes: bytes, count: count)
        taken = Mutex(Array(repeating: false, count: count))
        for number in Self.signals { Self.listen(number) }
    }

    /// Whoever listens already, as a tool that shows where it was, is left to it.
    private static func listen(_ number: Int32) {
        let before = signal(number) { number in
            LastWords.say()
            signal(number, SIG_DFL)
        }
        if let before { signal(number, before) }
    }

    private static func say() {
        guard let board else { return }
        for place in 0..<board.count {
            let text = board.bytes + place * room
            _ = write(2, text, strlen(text))
        }
    }

    /// Notes what a thread is about to do, until it has done it.
    func during<T>(_ text: String, _ body: () throws -> T) rethrows -> T {
        let place = taken.withLock { taken in
            let free = taken.firstIndex(of: false)
            if let free { taken[free] = true }
            return free
        }
        guard let place, let board = Self.board else { return try body() }
        let start = board.bytes + place * Self.room
        for (at, byte) in "\(text)\n".utf8.prefix(Self.room - 1).enumerated() { start[at] = CChar(bitPattern: byte) }
        defer {
            start.update(repeating: 0, count: Self.room)
            taken.withLock { $0[place] = false }
        }
        return try body()
    }
}
