import Crypto
import Foundation
import ServiceModel

/// What one Ed25519 signature says of a run: its author, bounds, content, place in the chain of seals, pin and body.
package struct Seal: Hashable, Sendable {
    package let author: AuthorID
    package let feed: Feed
    package let from: UInt64
    package let to: UInt64
    package let root: Digest32
    /// Digest of the seal before in this journal, else of the author's opening.
    package let previous: Digest32
    /// Chain digest of the pinned charter entry.
    package let pin: EntryDigest
    /// A `WireSealBody` as its author wrote it.
    package let body: Data

    package init(
        author: AuthorID, feed: Feed, from: UInt64, to: UInt64, root: Digest32, previous: Digest32, pin: EntryDigest,
        body: Data
    ) {
        self.author = author
        self.feed = feed
        self.from = from
        self.to = to
        self.root = root
        self.previous = previous
        self.pin = pin
        self.body = body
    }

    /// The bytes that are signed.
    package func statement(network: Digest32) -> Data {
        var out = Data("terrace-seal-1".utf8)
        out.append(network.data)
        out.append(author.value.data)
        out.append(bigEndian: UInt64(feed.rawValue))
        out.append(bigEndian: from)
        out.append(bigEndian: to)
        out.append(root.data)
        out.append(previous.data)
        out.append(pin.value.data)
        out.append(body)
        return out
    }

    /// What the next seal of this journal names as its previous one.
    package func digest(network: Digest32) -> Digest32 { Digest32(hashing: statement(network: network)) }

    /// - Throws: whatever the key throws; a software key does not.
    package func signature(network: Digest32, key: Curve25519.Signing.PrivateKey) throws -> Data {
        try key.signature(for: statement(network: network))
    }

    package func isSigned(_ signature: Data, network: Digest32, key: Curve25519.Signing.PublicKey) -> Bool {
        key.isValidSignature(signature, for: statement(network: network))
    }
}
