import Foundation
import ServiceModel
import SwiftProtobuf

/// The first entry of the charter, bare bytes signed by the authority. Its digest is the network's id.
package struct SignedGenesis: Hashable, Sendable {
    package let network: String
    /// The authority's certificate, DER.
    package let authority: Data
    package let root: UnitCode
    package let rootName: String
    package let tiers: [String]
    /// When the network was founded, in seconds since 1970, claimed.
    package let founded: Int64
    package let content: Data
    package let signature: Data

    /// C0 = SHA-256(0x03 ‖ genesis): the network id, and the head of the charter's chain.
    package let id: Digest32

    package static let mostTiers = 8
    package static let longestName = 100

    /// - Parameters:
    ///   - random: 16 bytes.
    ///   - time: seconds since 1970, claimed.
    ///   - sign: ECDSA P-256 of the authority's key, 64 bytes.
    package init(
        network: String, authority: Data, root: UnitCode, rootName: String, tiers: [String], random: Data, time: Int64,
        sign: (Data) throws -> Data
    ) throws {
        let wire = WireGenesis.with {
            $0.network = network
            $0.authority = authority
            $0.root = root.text
            $0.rootName = rootName
            $0.tiers = tiers
            $0.random = random
            $0.time = time
        }
        let content: Data = try wire.serializedBytes()
        try self.init(content: content, signature: try sign(content))
    }

    /// Reads the bytes of a `WireSigned`; whether the authority signed them is for its certificate to say.
    /// - Throws: `WireError`.
    package init(bytes: Data) throws {
        guard bytes.count <= Limits.openingBytes else { throw WireError.tooLarge("genesis") }
        guard let wire = try? WireSigned(serializedBytes: bytes) else { throw WireError.malformed("genesis") }
        try self.init(content: wire.content, signature: wire.signature)
    }

    private init(content: Data, signature: Data) throws {
        guard let wire = try? WireGenesis(serializedBytes: content), let root = UnitCode(wire.root),
            !wire.tiers.isEmpty, wire.random.count == 16, signature.count == 64
        else { throw WireError.malformed("genesis") }
        guard wire.tiers.count <= Self.mostTiers, wire.authority.count <= Limits.certificateBytes,
            ([wire.network, wire.rootName] + wire.tiers).allSatisfy({ $0.count <= Self.longestName })
        else { throw WireError.tooLarge("genesis") }
        network = wire.network
        authority = wire.authority
        self.root = root
        rootName = wire.rootName
        tiers = wire.tiers
        founded = wire.time
        self.content = content
        self.signature = signature
        id = Digest32(hashing: Data([0x03]), content)
    }

    /// The bytes that travel and are kept.
    package var bytes: Data {
        get throws {
            try WireSigned.with {
                $0.content = content
                $0.signature = signature
            }.serializedBytes()
        }
    }
}
