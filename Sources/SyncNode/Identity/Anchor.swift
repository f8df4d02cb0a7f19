import ChangeSet
import Foundation
import Replica
import ServiceModel

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What a node remembers outside its database, so that a database from a backup is noticed (RULES, "Numbers on paper").
///
/// The file is on disk before a number from above the old ceiling is printed, and before a seal's first byte leaves.
/// Several processes may use it; a lock file lets one at a time change it.
package struct Anchor: Sendable {
    package struct Content: Codable, Equatable, Sendable {
        /// No running number up to this one is given out again after a start.
        package var ceiling: UInt64
        /// The author that wrote last, in hexadecimal; empty when nobody knows any more.
        package var author: String
        /// Depth of that incarnation; nil while nobody has written.
        package var depth: UInt32?
        /// Its last sealed sequences, by feed.
        package var heads: [UInt64]
        /// The anchor was lost, and the ceiling is a guess until the neighbours have told what they know.
        package var guessed: Bool?
        /// Numbers far above the ceiling that a machine of this name has given. None of them is given again.
        package var beyond: ClosedRange<UInt64>?

        /// Of a machine that has given no number and sealed nothing.
        package static let unused = Content(ceiling: 0, author: "", heads: [0, 0, 0])

        /// In place of an anchor that was lost.
        /// - Parameter number: the greatest running number that is known to have been given.
        package static func guess(above number: UInt64) -> Content {
            var content = Content(ceiling: number, author: "", heads: [0, 0, 0])
            content.leaveGap()
            return content
        }

        /// More numbers may have been given than this anchor knows: it was set back together with the machine. Also
        /// where it had guessed already: what was given on that guess is what it has forgotten.
        mutating func leaveGap() {
            ceiling = Self.gap(above: ceiling)
            guessed = true
        }

        /// Takes in that a machine of this name has given a number. One above the ceiling says that this anchor was not
        /// the last one; then, as with every guess, more may have been given than anybody has heard of. One far above
        /// may be another machine's, of the same disk, which has left a gap already: two that each leap over the other
        /// would use the numbers up, so that it is passed when the ceiling comes there.
        mutating func pass(_ number: UInt64) {
            guard guessed == true || number > ceiling else { return }
            guard guessed == true || number - ceiling <= Anchor.gap / 2 else {
                beyond = min(beyond?.lowerBound ?? number, number)...max(beyond?.upperBound ?? number, number)
                return
            }
            ceiling = max(ceiling, Self.gap(above: number))
            guessed = true
        }

        /// Takes in a number that the database holds, which was set aside once: where it lies above the ceiling, the
        /// anchor is an older one, or another machine's.
        mutating func cover(_ number: UInt64) {
            guard number > ceiling, beyond?.contains(number) != true else { return }
            ceiling = Self.gap(above: number)
            guessed = true
        }

        private static func gap(above number: UInt64) -> UInt64 {
            let (end, isBeyond) = number.addingReportingOverflow(Anchor.gap)
            return isBeyond ? .max : end
        }
    }

    /// How many numbers are set aside at once.
    package static let block: UInt64 = 64
    /// How many numbers are passed over where it is not known how many were given (RULES, "Numbers on paper").
    package static let gap: UInt64 = 100_000

    private let file: URL
    /// Whoever has it only looks.
    private let isFixed: Bool

    package init(_ directory: NodeDirectory, isFixed: Bool = false) {
        file = directory.anchor
        self.isFixed = isFixed
    }

    /// nil when there is none.
    /// - Throws: `NodeError`.
    package func read() throws -> Content? {
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        let data = try NodeDirectory.read(file)
        guard let content = Content(sealed: data) else { throw NodeError.badAnchor(file.path) }
        return content
    }

    /// Changes the file under its lock; it is on disk when this returns.
    /// - Parameter lost: what stands in for a file that is not there; nothing is ever begun anew by itself.
    /// - Throws: `NodeError`, and what the closures throw.
    @discardableResult
    package func update<T>(
        ifLost lost: () throws -> Content, _ change: (inout Content) throws -> T = { $0 }
    ) throws -> T {
        precondition(!isFixed, "a node that was opened to be read begins nothing")
        let owner = FileOwner(of: "\(file.path).lock")
        let lock = open("\(file.path).lock", O_RDWR | O_CREAT, 0o600)
        guard lock >= 0 else { throw NodeError.file(file.path, FileTrouble()) }
        defer { close(lock) }
        guard owner?.take(lock) ?? true, flock(lock, LOCK_EX) == 0 else {
            throw NodeError.file(file.path, FileTrouble())
        }
        let before = try read()
        var content = try before ?? lost()
        let result = try change(&content)
        if content != before { try NodeDirectory.write(try content.sealed, to: file) }
        return result
    }

    /// Sets a block of running numbers aside.
    /// - Parameter held: the greatest that the database holds.
    package func reserveNumbers(
        above held: UInt64, ifLost lost: () throws -> Content
    ) throws -> ClosedRange<UInt64> {
        try update(ifLost: lost) { content in
            content.cover(held)
            let last = UInt64(Int64.max) - Self.block
            if let beyond = content.beyond, content.ceiling <= last, beyond.lowerBound <= content.ceiling + Self.block {
                (content.guessed, content.beyond) = (true, nil)
                content.pass(beyond.upperBound)
            }
            guard content.ceiling <= last else { throw NodeError.noNumbers }
            let first = content.ceiling + 1
            content.ceiling += Self.block
            return first...content.ceiling
        }
    }

    /// A machine that was enrolled anew writes under another name; its numbers go on.
    package func forgetAuthor() throws {
        guard let known = try read(), !known.author.isEmpty else { return }
        try update(ifLost: { known }) {
            ($0.author, $0.depth, $0.heads) = ("", nil, [0, 0, 0])
        }
    }

    /// Notes how far an author has sealed. One of an earlier incarnation than the file knows is passed over.
    func note(_ sealed: SealedHeads, ifLost lost: () throws -> Content) throws {
        let author = sealed.author
        try update(ifLost: lost) { content in
            if content.author != author.id.description {
                if let depth = content.depth, depth > author.depth { return }
                content.author = author.id.description
                content.heads = [0, 0, 0]
            }
            content.depth = author.depth
            content.heads = sealed.added(to: content.heads)
        }
    }
}
