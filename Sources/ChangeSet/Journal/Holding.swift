import Foundation
import ServiceModel

/// Which change sets of a run are meant, by their offset in it. An offset that no run has, as a disk may make it of
/// another, is never among them.
package struct Presence: Hashable, Sendable {
    private var bits: SIMD4<UInt64>

    /// None.
    package init() { bits = .zero }

    private init(_ bits: SIMD4<UInt64>) { self.bits = bits }

    /// All, however many the run covers.
    package static let whole = Presence(SIMD4(repeating: .max))

    package var isEmpty: Bool { bits == .zero }

    private static let offsets = 0..<Limits.changeSetsPerRun

    package mutating func insert(_ offset: Int) {
        guard Self.offsets.contains(offset) else { return }
        bits[offset >> 6] |= 1 << UInt64(offset & 63)
    }

    package func contains(_ offset: Int) -> Bool {
        Self.offsets.contains(offset) && bits[offset >> 6] >> UInt64(offset & 63) & 1 == 1
    }

    /// Those of a run that covers so many.
    package func offsets(below count: Int) -> [Int] {
        (0..<max(0, min(count, Limits.changeSetsPerRun))).filter(contains)
    }

    package func subtracting(_ other: Presence) -> Presence { Presence(bits & ~other.bits) }

    package func intersection(_ other: Presence) -> Presence { Presence(bits & other.bits) }

    package func union(_ other: Presence) -> Presence { Presence(bits | other.bits) }

    /// - Throws: `WireError.malformed`.
    package init(wire: Data) throws {
        guard !wire.isEmpty else {
            self = .whole
            return
        }
        guard wire.count <= Limits.changeSetsPerRun / 8 else { throw WireError.malformed("present") }
        self.init()
        for (index, byte) in wire.enumerated() { bits[index >> 3] |= UInt64(byte) << UInt64((index & 7) << 3) }
    }

    /// Empty when whole. None at all cannot be said.
    package var wire: Data {
        guard self != .whole else { return Data() }
        var out = bytes
        while out.count > 1, out.last == 0 { out.removeLast() }
        return out
    }

    fileprivate var bytes: Data {
        var out = Data()
        for index in 0..<4 { withUnsafeBytes(of: bits[index].littleEndian) { out.append(contentsOf: $0) } }
        return out
    }
}

/// What one end of a link holds of a sealed run, of what both ends should hold (RULES, "Links": reconciliation).
package struct Holding: Hashable, Comparable, Sendable {
    package let author: AuthorID
    package let feed: Feed
    package let from: UInt64
    /// First 8 bytes of the seal's digest.
    package let seal: UInt64
    package var present: Presence

    package init(author: AuthorID, feed: Feed, from: UInt64, seal: UInt64, present: Presence) {
        self.author = author
        self.feed = feed
        self.from = from
        self.seal = seal
        self.present = present
    }

    /// What tells runs apart, and orders them: author, feed, first sequence, seal.
    package var key: Data {
        var out = author.value.data
        out.append(feed.rawValue)
        out.append(bigEndian: from)
        out.append(bigEndian: seal)
        return out
    }

    package static let keyBytes = 33

    /// In the order of their keys.
    package static func < (a: Holding, b: Holding) -> Bool {
        (a.author, a.feed, a.from, a.seal) < (b.author, b.feed, b.from, b.seal)
    }

    /// Of the same run.
    package func with(_ present: Presence) -> Holding {
        Holding(author: author, feed: feed, from: from, seal: seal, present: present)
    }

    /// What a digest over holdings goes over: the key, and what is present where not all is.
    package var content: Data { key + (present == .whole ? Data([0]) : Data([1]) + present.bytes) }

    /// - Parameter contents: of holdings in the order of their keys, one after the other.
    package static func digest(ofContents contents: Data) -> Digest32 {
        Digest32(hashing: Data("terrace-holdings-1".utf8), contents)
    }

    /// - Parameter before: the one before in the same range.
    package func wire(after before: Holding?) -> WireHolding {
        .with {
            if author != before?.author { $0.author = author.value.data }
            $0.feed = UInt32(feed.rawValue)
            $0.from = from
            $0.seal = seal
            $0.present = present.wire
        }
    }

    /// - Throws: `WireError.malformed`.
    package init(wire: WireHolding, after before: Holding?) throws {
        let name = wire.author.isEmpty ? before?.author.value : Bytes16(wire.author)
        guard let name, wire.author.isEmpty || wire.author.count == 16, let feed = UInt8(exactly: wire.feed),
            let feed = Feed(rawValue: feed), feed != .charter, (1...Limits.longestJournal).contains(wire.from)
        else { throw WireError.malformed("holding") }
        self.init(
            author: AuthorID(name), feed: feed, from: wire.from, seal: wire.seal,
            present: try Presence(wire: wire.present))
    }
}
