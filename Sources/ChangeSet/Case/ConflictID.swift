import Foundation
import ServiceModel

extension Digest32 {
    /// The same on every node: SHA-256 over the record, the field and the sorted leaves of the writes that disagree.
    /// - Parameter creation: leaf of the record's creation, which tells apart two records that a fork gave one number.
    package init(conflictOn field: String, of record: Place, creation: Leaf, writes: [Leaf]) {
        var out = Data("terrace-conflict-1".utf8)
        out.append(record.author.value.data)
        out.append(record.feed.rawValue)
        out.append(bigEndian: record.sequence)
        out.append(creation.value.data)
        out.append(bigEndian: UInt64(field.utf8.count))
        out.append(Data(field.utf8))
        for leaf in writes.sorted() { out.append(leaf.value.data) }
        self.init(hashing: out)
    }
}
