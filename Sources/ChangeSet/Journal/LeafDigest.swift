import Crypto
import Foundation
import ServiceModel

/// Where a change set stands: the part of its identity that its leaf adds to its bytes.
package struct Place: Hashable, Sendable {
    package let author: AuthorID
    package let feed: Feed
    package let sequence: UInt64

    package init(author: AuthorID, feed: Feed, sequence: UInt64) {
        self.author = author
        self.feed = feed
        self.sequence = sequence
    }
}

/// The 16 secret bytes of a run, from which the salt of each of its change sets is derived.
package struct Seed: Hashable, Sendable {
    package let data: Data

    /// nil unless there are 16 bytes.
    package init?(_ data: Data) {
        guard data.count == 16 else { return nil }
        self.data = data
    }

    package func salt(sequence: UInt64) -> Data { Salting(self).salt(sequence: sequence) }
}

/// The salts of one run: the key of the HMAC is set up once for all of them.
package struct Salting {
    private let keyed: HMAC<SHA256>

    package init(_ seed: Seed) { keyed = HMAC(key: SymmetricKey(data: seed.data)) }

    package func salt(sequence: UInt64) -> Data {
        var code = keyed
        withUnsafeBytes(of: sequence.bigEndian) { code.update(data: $0) }
        return code.finalize().withUnsafeBytes { Data($0.prefix(16)) }
    }
}

extension Digest32 {
    /// SHA-256(0x00 ‖ network ‖ author ‖ feed ‖ sequence ‖ salt ‖ the change set's bytes as received).
    package init(leafOf bytes: Data, at place: Place, salt: Data, network: Digest32) {
        var head = Data(capacity: 1 + 32 + 16 + 1 + 8 + 16)
        head.append(0x00)
        head.append(network)
        head.append(place.author.value)
        head.append(place.feed.rawValue)
        head.append(bigEndian: place.sequence)
        head.append(salt)
        self.init(hashing: head, bytes)
    }
}
