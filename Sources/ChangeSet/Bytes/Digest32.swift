import Crypto
import Foundation
import ServiceModel

/// A SHA-256 digest.
package struct Digest32: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let first: Bytes16
    package let second: Bytes16

    package init(first: Bytes16, second: Bytes16) {
        self.first = first
        self.second = second
    }

    /// nil unless there are exactly 32 bytes.
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 32, let first = Bytes16(bytes.prefix(16)), let second = Bytes16(bytes.dropFirst(16))
        else { return nil }
        self.init(first: first, second: second)
    }

    init(_ digest: SHA256Digest) {
        self = digest.withUnsafeBytes { raw in
            func word(_ i: Int) -> UInt64 {
                UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: i * 8, as: UInt64.self))
            }
            return Digest32(first: Bytes16(high: word(0), low: word(1)), second: Bytes16(high: word(2), low: word(3)))
        }
    }

    /// SHA-256 of the parts, one after the other.
    package init(hashing parts: Data...) {
        var hash = SHA256()
        for part in parts { hash.update(data: part) }
        self.init(hash.finalize())
    }

    package var data: Data {
        var out = Data(capacity: 32)
        out.append(self)
        return out
    }

    /// Its first 8 bytes as a big-endian number.
    package var prefix8: UInt64 { first.high }

    /// The first 8 bytes of SHA-256(u64(before) ‖ this digest): the order of arrival as a chain.
    package func rolling(behind before: UInt64) -> UInt64 {
        var content = Data(capacity: 40)
        content.append(bigEndian: before)
        content.append(self)
        return Digest32(hashing: content).prefix8
    }

    package var leaf: Leaf { Leaf(first) }
    package var entry: EntryDigest { EntryDigest(first) }
    package var author: AuthorID { AuthorID(first) }

    package static func < (a: Digest32, b: Digest32) -> Bool { (a.first, a.second) < (b.first, b.second) }
    package var description: String { first.description + second.description }
}

/// A SHA-256 digest over pieces that come one after the other, of a file for example.
package struct RunningDigest32 {
    private var hash = SHA256()

    package init() {}

    package mutating func update(_ piece: Data) { hash.update(data: piece) }

    /// Of what came so far.
    package var digest: Digest32 { Digest32(hash.finalize()) }
}

extension Data {
    /// Appends a number as 8 bytes, big-endian: the form of every integer under a signature or in a leaf.
    package mutating func append(bigEndian value: UInt64) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    mutating func append(_ value: Bytes16) {
        append(bigEndian: value.high)
        append(bigEndian: value.low)
    }

    mutating func append(_ value: Digest32) {
        append(value.first)
        append(value.second)
    }
}

extension Bytes16 {
    package var data: Data {
        var out = Data(capacity: 16)
        out.append(self)
        return out
    }

    /// The first sixteen of `data`; nil when there are fewer.
    package init?(_ data: Data) {
        guard data.count >= 16 else { return nil }
        self = data.withUnsafeBytes { raw in
            Bytes16(
                high: UInt64(bigEndian: raw.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }
}
