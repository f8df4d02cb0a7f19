import Foundation
import GRDB

/// The primary key of a row, in the order in which SQLite keeps them.
struct SalvageKey: Comparable {
    let values: [DatabaseValue]

    /// Also of the first columns of a key alone.
    static func < (one: SalvageKey, other: SalvageKey) -> Bool {
        for (left, right) in zip(one.values, other.values) where left != right {
            switch (left.storage, right.storage) {
            case (.int64(let left), .int64(let right)): return left < right
            case (.int64, _): return true
            default: return bytes(of: left).lexicographicallyPrecedes(bytes(of: right))
            }
        }
        return false
    }

    fileprivate static func bytes(of value: DatabaseValue) -> Data {
        switch value.storage {
        case .string(let text): Data(text.utf8)
        case .blob(let data): data
        default: Data()
        }
    }
}

/// Where a table is looked at behind something that cannot be read. Indexes would tell no more: the rows themselves are
/// found by their keys alone.
enum SalvagePlaces {
    /// One number.
    case numbers
    /// A number and a small one, as run and offset.
    case pairs
    case texts
    case blobs

    /// - Parameter types: of the columns of the key.
    init(_ types: [String]) {
        switch types.first {
        case "INTEGER": self = types.dropFirst().first == "INTEGER" ? .pairs : .numbers
        case "TEXT": self = .texts
        default: self = .blobs
        }
    }

    /// So many columns of the key tell a place.
    var width: Int { self == .pairs ? 2 : 1 }
    /// SQL of a place. No text is wanted of the bytes of one.
    var marks: String {
        switch self {
        case .numbers, .blobs: "?"
        case .pairs: "(?, ?)"
        case .texts: "CAST(? AS TEXT)"
        }
    }

    /// So many numbers behind one are all tried: more than stand in some pages of a table. From there on each place is
    /// farther by a 32nd, up to the farthest: so some 1,700 are tried behind a key.
    private static let near: Int64 = 1 << 10
    private static let farthest: Int64 = 1 << 40

    /// The nearest behind one key first; of texts and bytes then also those near another.
    /// - Parameters:
    ///   - key: nil where not even the first row can be read.
    ///   - high: nil where the last row cannot be.
    func behind(_ key: SalvageKey?, before high: SalvageKey?) -> AnySequence<SalvageKey> {
        switch self {
        case .numbers:
            let start = key.map { Self.number($0, 0, upTo: Self.farthest) } ?? -1
            return AnySequence(Self.distances.lazy.map { SalvageKey(values: [(start + $0).databaseValue]) })
        case .pairs:
            let start = key.map { Self.number($0, 0, upTo: Self.farthest) << 8 + Self.number($0, 1, upTo: 255) } ?? -1
            return AnySequence(
                Self.distances.lazy.map { distance in
                    let number = start + distance
                    return SalvageKey(values: [(number >> 8).databaseValue, (number & 255).databaseValue])
                })
        case .texts, .blobs:
            let bytes = key?.values.first.map(SalvageKey.bytes) ?? Data()
            let last = high?.values.first.map(SalvageKey.bytes) ?? Data()
            return AnySequence(
                [Self.successors(of: bytes), Self.predecessors(of: last)].lazy.joined().lazy
                    .map { SalvageKey(values: [$0.databaseValue]) })
        }
    }

    private static var distances: some Sequence<Int64> {
        sequence(first: 1) { last in last < farthest ? last + (last < near ? 1 : last / 32) : nil }
    }

    /// A cell of a key may be anything.
    private static func number(_ key: SalvageKey, _ column: Int, upTo greatest: Int64) -> Int64 {
        min(max(0, Int64.fromDatabaseValue(key.values[column]) ?? 0), greatest)
    }

    /// Bytes that lie behind others, the nearest first: each place of them raised, from the last.
    private static func successors(of bytes: Data) -> AnySequence<Data> {
        let bytes = bytes.isEmpty ? Data([0]) : bytes
        return AnySequence(
            bytes.indices.reversed().lazy.flatMap { place in
                (Int(bytes[place]) + 1..<256).lazy.map { bytes[..<place] + [UInt8($0)] }
            })
    }

    /// Bytes that lie before others, the nearest last.
    private static func predecessors(of bytes: Data) -> AnySequence<Data> {
        AnySequence(
            bytes.indices.lazy.flatMap { place in (0..<bytes[place]).lazy.map { bytes[..<place] + [$0] } })
    }
}
