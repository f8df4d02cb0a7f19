import Crypto
import Foundation
import ServiceModel
import SwiftProtobuf

/// The beginning of an incarnation: who the author is, under which certificate, and what it closes.
package struct Opening: Hashable, Sendable {
    /// How far a journal is known.
    package struct Head: Hashable, Sendable {
        package let feed: Feed
        package let sequence: UInt64
        package let leaf: Digest32

        package init(feed: Feed, sequence: UInt64, leaf: Digest32) {
            self.feed = feed
            self.sequence = sequence
            self.leaf = leaf
        }
    }

    package let unit: UnitCode
    /// Ordinal of the node in its unit, which is also the order of enrollment.
    package let node: UInt32
    package let random: Data
    /// DER, the node's own first, without the authority's.
    package let certificates: [Data]
    package let sealKey: Data
    package let earlier: AuthorID?
    package let earlierHeads: [Head]
    package let depth: UInt32

    package init(
        unit: UnitCode, node: UInt32, random: Data, certificates: [Data], sealKey: Data, earlier: AuthorID?,
        earlierHeads: [Head], depth: UInt32
    ) {
        self.unit = unit
        self.node = node
        self.random = random
        self.certificates = certificates
        self.sealKey = sealKey
        self.earlier = earlier
        self.earlierHeads = earlierHeads
        self.depth = depth
    }
}

/// An opening with the bytes that it came in.
package struct SignedOpening: Hashable, Sendable {
    package let opening: Opening
    /// The bare bytes under the signature.
    package let content: Data
    package let signature: Data
    package let digest: Digest32

    package var author: Author {
        Author(id: digest.author, unit: opening.unit, enrollment: opening.node, depth: opening.depth)
    }

    /// - Parameter sign: ECDSA P-256 of the certificate's key over the content, 64 bytes.
    package init(_ opening: Opening, sign: (Data) throws -> Data) throws {
        var wire = WireOpening()
        wire.unit = opening.unit.text
        wire.node = opening.node
        wire.random = opening.random
        wire.certificates = opening.certificates
        wire.sealKey = opening.sealKey
        wire.earlier = opening.earlier?.value.data ?? Data()
        wire.earlierHeads = opening.earlierHeads.map { head in
            WireHead.with {
                $0.feed = UInt32(head.feed.rawValue)
                $0.sequence = head.sequence
                $0.leaf = head.leaf.data
            }
        }
        wire.depth = opening.depth
        let content: Data = try wire.serializedBytes()
        try self.init(content: content, signature: try sign(content))
    }

    /// Reads the bytes of a `WireSigned`. The signature is not checked here: whose key it must be is for the
    /// certificate chain to say.
    /// - Throws: `WireError`.
    package init(bytes: Data) throws {
        guard bytes.count <= Limits.openingBytes else { throw WireError.tooLarge("opening") }
        guard let wire = try? WireSigned(serializedBytes: bytes) else { throw WireError.malformed("opening") }
        try self.init(content: wire.content, signature: wire.signature)
    }

    private init(content: Data, signature: Data) throws {
        guard let wire = try? WireOpening(serializedBytes: content) else { throw WireError.malformed("opening") }
        guard let unit = UnitCode(wire.unit), wire.node >= 1, wire.random.count == 8, wire.sealKey.count == 32,
            signature.count == 64, wire.earlierHeads.count <= Feed.allCases.count
        else { throw WireError.malformed("opening") }
        guard wire.certificates.count <= Limits.certificates, wire.depth <= Limits.incarnations,
            wire.certificates.allSatisfy({ $0.count <= Limits.certificateBytes })
        else { throw WireError.tooLarge("opening") }
        let heads = try wire.earlierHeads.map { head in
            guard head.feed <= 255, let feed = Feed(rawValue: UInt8(head.feed)), let leaf = Digest32(head.leaf) else {
                throw WireError.malformed("opening")
            }
            return Opening.Head(feed: feed, sequence: head.sequence, leaf: leaf)
        }
        let earlier = wire.earlier.isEmpty ? nil : Bytes16(wire.earlier).map(AuthorID.init)
        guard wire.earlier.isEmpty || wire.earlier.count == 16, (earlier != nil) == (wire.depth > 0) else {
            throw WireError.malformed("opening")
        }
        opening = Opening(
            unit: unit, node: wire.node, random: wire.random, certificates: wire.certificates, sealKey: wire.sealKey,
            earlier: earlier, earlierHeads: heads, depth: wire.depth)
        self.content = content
        self.signature = signature
        digest = Digest32(hashing: content)
    }

    /// The bytes that travel and are kept.
    package var bytes: Data {
        get throws {
            var wire = WireSigned()
            wire.content = content
            wire.signature = signature
            return try wire.serializedBytes()
        }
    }
}
