import Crypto
import Foundation
import ServiceModel

/// Remembers chains whose signatures were found to fit, so that a chain seen again costs one SHA-256. The charter and
/// the time are asked every time; a chain that failed is not remembered. When full, the oldest goes.
package struct ChainCache: Sendable {
    /// Chains that are remembered unless the owner says otherwise.
    package static let usualCapacity = 512
    /// Chains that can be remembered.
    package static let mostCapacity = 65_536

    private let capacity: Int
    private var chains: [SHA256Digest: AttestedChain] = [:]
    private var order: [SHA256Digest] = []
    private var oldest = 0

    /// - Parameter capacity: brought into `1...mostCapacity`.
    package init(capacity: Int = usualCapacity) { self.capacity = min(max(capacity, 1), Self.mostCapacity) }

    /// Chains remembered now.
    package var count: Int { chains.count }

    /// As `CertificateChain.verify`, on certificates in DER.
    /// - Throws: `CertificateProblem`.
    package mutating func verify(
        der: some Collection<some Collection<UInt8>>,
        _ anchor: TrustAnchor,
        lineage: (_ issuer: UnitCode, _ subject: UnitCode) -> Bool,
        at time: Int64?
    ) throws(CertificateProblem) -> VerifiedChain {
        try attested(der: der, by: anchor.publicKey).verified(root: anchor.root, lineage: lineage, at: time)
    }

    /// As `CertificateChain.attested`, on certificates in DER.
    mutating func attested(
        der: some Collection<some Collection<UInt8>>, by authority: P256PublicKey
    ) throws(CertificateProblem) -> AttestedChain {
        guard der.count <= CertificateChain.longest else { throw .tooLong(count: der.count) }
        var hash = SHA256()
        hash.update(data: authority.raw)
        for (position, bytes) in der.enumerated() {
            guard bytes.count <= CertificateChain.largestCertificate else {
                throw .tooLarge(position: position, bytes: bytes.count)
            }
            hash.update(data: [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xff)])
            hash.update(data: [UInt8](bytes))
        }
        let digest = hash.finalize()
        if let known = chains[digest] { return known }
        let attested = try CertificateChain(der: der).attested(by: authority)
        remember(attested, as: digest)
        return attested
    }

    private mutating func remember(_ chain: AttestedChain, as digest: SHA256Digest) {
        if order.count < capacity {
            order.append(digest)
        } else {
            chains[order[oldest]] = nil
            order[oldest] = digest
            oldest = (oldest + 1) % capacity
        }
        chains[digest] = chain
    }
}
