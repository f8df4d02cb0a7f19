import ChangeSet
import Foundation
import ServiceModel

/// The bytes of a run's held change sets as one column keeps them once nothing more is written to it: deflated
/// together, since neighbours in a journal are much alike, and taken apart only to be read, or when more of it comes.
struct PackedRun: Hashable, Sendable {
    /// By offset in the run.
    let changeSets: [Int: Data]

    init(changeSets: [(offset: Int, bytes: Data)]) {
        self.changeSets = Dictionary(
            changeSets.map { ($0.offset, $0.bytes) }, uniquingKeysWith: { one, _ in one })
    }

    init(_ run: SealedRun) {
        self.init(changeSets: run.present.map { (Int($0.place.sequence - run.seal.from), $0.bytes) })
    }

    /// Bytes of its change sets.
    var size: Int { changeSets.values.reduce(0) { $0 + $1.count } }

    /// What a run may come to before it is deflated: its change sets with their offsets and lengths.
    private static let longest = Limits.bytesPerRun + Limits.changeSetsPerRun * 8

    /// Dictionary's number, then, deflated: offset, length, bytes of each change set, in order.
    var data: Data {
        var plain = Data(capacity: changeSets.reduce(0) { $0 + $1.value.count + 5 })
        for (offset, bytes) in changeSets.sorted(by: { $0.key < $1.key }) {
            plain.append(varint: offset)
            plain.append(varint: bytes.count)
            plain.append(bytes)
        }
        return Data([UInt8(PresetDictionary.id)])
            + Deflater(dictionary: PresetDictionary.bytes, level: Self.level).finish(plain)
    }

    /// Half the size is had at this level already, at a third of the time of the highest.
    private static let level: Int32 = 4

    /// - Throws: `ReplicaError.damaged`.
    init(_ data: Data) throws {
        guard data.first == UInt8(PresetDictionary.id) else { throw ReplicaError.damaged("run.packed") }
        var plain = Data()
        do {
            let inflater = Inflater(dictionary: PresetDictionary.bytes, bound: Self.longest)
            try inflater.read(data.dropFirst()) { plain.append($0) }
            guard inflater.isFinished else { throw ReplicaError.damaged("run.packed") }
        } catch is WireError {
            throw ReplicaError.damaged("run.packed")
        }
        var changeSets: [Int: Data] = [:]
        var at = plain.startIndex
        while at < plain.endIndex {
            guard let offset = plain.readVarint(at: &at), let count = plain.readVarint(at: &at),
                count <= plain.endIndex - at
            else { throw ReplicaError.damaged("run.packed") }
            changeSets[offset] = plain.subdata(in: at..<at + count)
            at += count
        }
        self.changeSets = changeSets
    }
}

extension Data {
    fileprivate mutating func append(varint value: Int) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(rest & 0x7f | 0x80))
            rest >>= 7
        }
        append(UInt8(rest))
    }

    /// At most four bytes; nil where none ends there.
    fileprivate func readVarint(at index: inout Index) -> Int? {
        var value = 0
        for shift in stride(from: 0, to: 28, by: 7) {
            guard index < endIndex else { return nil }
            let byte = self[index]
            index += 1
            value |= Int(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }
}
