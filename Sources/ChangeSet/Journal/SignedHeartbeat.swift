import Crypto
import Foundation
import ServiceModel

/// "I am here, and my journals end there": what a node says when it has nothing to seal. The latest one counts.
package struct SignedHeartbeat: Hashable, Sendable {
    package let author: AuthorID
    /// Last sealed sequence of each feed, in the order of `Feed`.
    package let heads: [UInt64]
    package let quoted: QuotedAcknowledgement
    /// Seconds since 1970, claimed.
    package let time: Int64
    package let signature: Data

    /// - Throws: whatever the key throws; a software key does not.
    package init(
        author: AuthorID, heads: [UInt64], quoted: QuotedAcknowledgement, time: Int64, network: Digest32,
        key: Curve25519.Signing.PrivateKey
    ) throws {
        let statement = Self.statement(author: author, heads: heads, quoted: quoted, time: time, network: network)
        self.author = author
        self.heads = heads
        self.quoted = quoted
        self.time = time
        signature = try key.signature(for: statement)
    }

    /// - Throws: `WireError.malformed`. The signature is checked by `isSigned`, with the author's key.
    package init(wire: WireHeartbeat) throws {
        guard let author = Bytes16(wire.author), wire.author.count == 16, wire.heads.count == Feed.allCases.count,
            wire.signature.count == 64
        else { throw WireError.malformed("heartbeat") }
        self.author = AuthorID(author)
        heads = wire.heads
        quoted = try QuotedAcknowledgement(author: wire.ackAuthor, heads: wire.ackHeads, time: wire.ackTime)
        time = wire.time
        signature = wire.signature
    }

    package var wire: WireHeartbeat {
        .with {
            $0.author = author.value.data
            $0.heads = heads
            $0.ackAuthor = quoted.author?.value.data ?? Data()
            $0.ackHeads = quoted.heads
            $0.ackTime = quoted.time
            $0.time = time
            $0.signature = signature
        }
    }

    package func isSigned(network: Digest32, key: Curve25519.Signing.PublicKey) -> Bool {
        key.isValidSignature(
            signature,
            for: Self.statement(author: author, heads: heads, quoted: quoted, time: time, network: network))
    }

    private static func statement(
        author: AuthorID, heads: [UInt64], quoted: QuotedAcknowledgement, time: Int64, network: Digest32
    ) -> Data {
        var out = Data("terrace-heartbeat-1".utf8)
        out.append(network.data)
        out.append(author.value.data)
        for head in heads { out.append(bigEndian: head) }
        out.append(quoted.author?.value.data ?? Data(count: 16))
        out.append(bigEndian: UInt64(quoted.heads.count))
        for head in quoted.heads { out.append(bigEndian: head) }
        out.append(bigEndian: UInt64(bitPattern: quoted.time))
        out.append(bigEndian: UInt64(bitPattern: time))
        return out
    }
}

/// The parent's last acknowledgement as its child repeats it: the parent's clock, by which the frontier is told.
package struct QuotedAcknowledgement: Hashable, Sendable {
    package let author: AuthorID?
    package let heads: [UInt64]
    /// Seconds since 1970 by the parent's clock; 0 when nothing was acknowledged yet.
    package let time: Int64

    package static let none = QuotedAcknowledgement(author: nil, heads: [], time: 0)

    private init(author: AuthorID?, heads: [UInt64], time: Int64) {
        self.author = author
        self.heads = heads
        self.time = time
    }

    package init(author: AuthorID, heads: [UInt64], time: Int64) {
        self.init(author: author as AuthorID?, heads: heads, time: time)
    }

    /// - Throws: `WireError.malformed`.
    package init(author: Data, heads: [UInt64], time: Int64) throws {
        guard author.isEmpty || author.count == 16, heads.count <= Feed.allCases.count else {
            throw WireError.malformed("quoted acknowledgement")
        }
        self.init(author: Bytes16(author).map(AuthorID.init), heads: heads, time: time)
    }
}

extension [UInt64] {
    /// Of heads in the order of the feeds, that of one; 0 where it is not said.
    package func head(of feed: Feed) -> UInt64 {
        let index = Int(feed.rawValue) - 1
        return indices.contains(index) ? self[index] : 0
    }
}
