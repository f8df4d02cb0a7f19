import ChangeSet
import Foundation
import ServiceModel

/// What a fault of this program may end the process in.
struct Trap: Hashable, Sendable {
    enum Part: UInt8 {
        /// Reading the change set that stands there, for its row.
        case reading = 1
        /// Deriving the record that was created there, or each of them where a fork gave several that number.
        case deriving = 2
    }

    let part: Part
    let place: Place
}

/// A small file beside the database that says what a transaction is at. A fault that ends the process leaves it behind,
/// since the system keeps what was written, and the next opening finds it. So does a `kill -9`: once is no proof.
///
/// It is there only while something is at hand, under a lock that ends with the process. Nothing waits for it, and
/// where it cannot be written everything goes on without.
final class TrapNote {
    /// The part and the feed, zero while nothing is at hand; the sequence; the author; the program.
    private typealias Words = (UInt64, UInt64, UInt64, UInt64, UInt64)

    private let path: String
    private let program: String
    /// Needed only where something is at hand, and then for each thing.
    private lazy var mark = Self.mark(program)
    /// -1 where it cannot be had; nil before anything was at hand.
    private var file: Int32?

    /// - Parameters:
    ///   - database: path of its file.
    ///   - program: version of the one that runs.
    init(beside database: String, program: String) {
        path = Self.path(beside: database)
        self.program = program
    }

    deinit { finish() }

    func begin(_ trap: Trap) {
        guard let file = opened() else { return }
        let head = UInt64(trap.part.rawValue) << 8 | UInt64(trap.place.feed.rawValue)
        let author = trap.place.author.value
        let words: Words = (head, trap.place.sequence, author.high, author.low, mark)
        withUnsafeBytes(of: words) { _ = pwrite(file, $0.baseAddress, $0.count, 0) }
    }

    /// What was at hand is done.
    func pause() {
        guard let file, file >= 0 else { return }
        withUnsafeBytes(of: UInt64(0)) { _ = pwrite(file, $0.baseAddress, $0.count, 0) }
    }

    /// Takes the file away, before anybody else may write to the database.
    func finish() {
        guard let file else { return }
        self.file = nil
        guard file >= 0 else { return }
        pause()
        unlink(path)
        close(file)
    }

    /// Takes away what a process has left behind that is no more.
    /// - Returns: what it was at under this program; nil where nothing was left.
    static func claim(beside database: String, program: String) -> Trap? {
        let path = path(beside: database)
        let file = open(path, O_RDWR | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        // Whoever is at something holds it.
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else { return nil }
        var words: Words = (0, 0, 0, 0, 0)
        let count = withUnsafeMutableBytes(of: &words) { pread(file, $0.baseAddress, $0.count, 0) }
        // Somebody may just begin, or have ended in good order.
        guard count > 0, words.0 != 0 else { return nil }
        unlink(path)
        guard count == MemoryLayout<Words>.size, words.4 == mark(program), words.1 <= UInt64(Int64.max),
            let part = Trap.Part(rawValue: UInt8(truncatingIfNeeded: words.0 >> 8)),
            let feed = Feed(rawValue: UInt8(truncatingIfNeeded: words.0))
        else { return nil }
        let author = AuthorID(Bytes16(high: words.2, low: words.3))
        return Trap(part: part, place: Place(author: author, feed: feed, sequence: words.1))
    }

    private func opened() -> Int32? {
        if let file { return file >= 0 ? file : nil }
        let owner = FileOwner(of: path)
        var opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if opened >= 0 { _ = owner?.take(opened) }
        if opened >= 0, flock(opened, LOCK_EX | LOCK_NB) != 0 {
            close(opened)
            opened = -1
        }
        file = opened
        return opened >= 0 ? opened : nil
    }

    private static func path(beside database: String) -> String { database + "-taking" }

    private static func mark(_ program: String) -> UInt64 {
        Digest32(hashing: Data(program.utf8)).data.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
