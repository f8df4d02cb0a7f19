import Crypto
import Foundation
import ServiceModel

/// "We hold the same": what either end of a link signs when a comparison found no difference. It attests what was held
/// then and there by the two; a filtered receiver cannot prove by it that nothing was withheld from both.
package struct SignedEquality: Hashable, Sendable {
    /// Who signs.
    package let author: AuthorID
    /// The node to whom it is said.
    package let unit: UnitCode
    package let node: UInt32
    /// Over all holdings.
    package let digest: Digest32
    package let runs: UInt64
    package let changeSets: UInt64
    /// Number of the last charter entry, and what `WireCursor` says of its digest.
    package let charter: WireCursor
    /// Seconds since 1970, claimed.
    package let time: Int64
    package let signature: Data

    /// - Throws: whatever the key throws; a software key does not.
    package init(
        author: AuthorID, to unit: UnitCode, _ node: UInt32, digest: Digest32, runs: Int, changeSets: Int,
        charter: WireCursor, time: Int64, network: Digest32, key: Curve25519.Signing.PrivateKey
    ) throws {
        var wire = WireEquality()
        wire.author = author.value.data
        wire.digest = digest.data
        wire.runs = UInt64(runs)
        wire.changeSets = UInt64(changeSets)
        wire.charter = charter
        wire.time = time
        wire.signature = try key.signature(for: Self.statement(wire, to: unit, node, network: network))
        try self.init(wire: wire, to: unit, node)
    }

    /// - Throws: `WireError.malformed`. The signature is checked by `isSigned`, with the author's key.
    package init(wire: WireEquality, to unit: UnitCode, _ node: UInt32) throws {
        guard wire.author.count == 16, let author = Bytes16(wire.author), let digest = Digest32(wire.digest),
            wire.signature.count == 64
        else { throw WireError.malformed("equality") }
        self.author = AuthorID(author)
        self.unit = unit
        self.node = node
        self.digest = digest
        runs = wire.runs
        changeSets = wire.changeSets
        charter = wire.charter
        time = wire.time
        signature = wire.signature
    }

    package var wire: WireEquality {
        .with {
            $0.author = author.value.data
            $0.digest = digest.data
            $0.runs = runs
            $0.changeSets = changeSets
            $0.charter = charter
            $0.time = time
            $0.signature = signature
        }
    }

    package func isSigned(network: Digest32, key: Curve25519.Signing.PublicKey) -> Bool {
        key.isValidSignature(signature, for: Self.statement(wire, to: unit, node, network: network))
    }

    private static func statement(
        _ wire: WireEquality, to unit: UnitCode, _ node: UInt32, network: Digest32
    ) -> Data {
        var out = Data("terrace-equal-1".utf8)
        out.append(network.data)
        out.append(wire.author)
        out.append(UInt8(unit.text.utf8.count))
        out.append(Data(unit.text.utf8))
        out.append(wire.digest)
        for number in [UInt64(node), wire.runs, wire.changeSets, wire.charter.position, wire.charter.rolling] {
            out.append(bigEndian: number)
        }
        out.append(bigEndian: UInt64(bitPattern: wire.time))
        return out
    }
}
