import ChangeSet
import Foundation
import Replica
import ServiceModel
import Trust

extension Node {
    /// Does one step of a scrub of this node's replica.
    /// - Returns: what was found; each is noted, for `takeOutDamage`.
    /// - Throws: `ReplicaError`.
    package func step(_ scrub: inout Scrub) throws -> [Damage] {
        try scrub.step(replica, isSigned: Self.isSigned)
    }

    /// Looks through everything at once, and keeps what came of it.
    /// - Parameters:
    ///   - now: asked when it has come to its end.
    ///   - progress: told after each step.
    /// - Throws: `ReplicaError`.
    package func scrub(now: () -> Moment, progress: (Scrub) -> Void) throws -> (scrub: Scrub, found: [Damage]) {
        var scrub = Scrub(began: now().seconds)
        var found: [Damage] = []
        while !scrub.isFinished {
            found += try step(&scrub)
            progress(scrub)
        }
        try replica.keep(scrub, now: now().seconds)
        return (scrub, found)
    }

    /// Whether the certificate that an opening carries signed it. Whose that is was judged when it came, and what it is
    /// the author's name says.
    static func isSigned(_ opening: SignedOpening) -> Bool {
        guard let chain = try? CertificateChain(der: opening.opening.certificates) else { return false }
        return chain.leaf.publicKey.isValidSignature(opening.signature, for: opening.content)
    }
}
