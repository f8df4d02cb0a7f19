import Foundation
import Replica
import ServiceModel
import Trust

extension Node {
    /// What to make of the certificates that the other end of a connection showed, or that a courier brought.
    /// - Parameter presented: in DER, the other end's own first.
    package func judge(presented: [[UInt8]], role: PeerRole, now: Moment) -> PeerVerdict {
        // Where the replica cannot be read, whoever asks for something is told that, and not that it is not trusted.
        let charter = (try? replica.read { $0.charter }) ?? Charter()
        let view = charter.current
        return chains.withLock { cache in
            PeerVerdict.verify(
                presented: presented, role: role, trustAnchor,
                // Before the charter has come there is the authority's word alone; each opening is checked against it
                // later.
                lineage: { charter.count <= 1 || charter.hasEverBeenAbove($0, $1) }, now: now.seconds,
                // A child that is cut or on hold is told so when it asks for something: a handshake gives no reasons.
                // What a cut machine had put on a stick is work like any other, and it is given no line by that.
                held: { name in
                    switch role {
                    case .client: false
                    case .sender: view.isOnHold(name.unit)
                    case .server:
                        view.isOnHold(name.unit) || view.isCutNode(unit: name.unit, enrollment: name.ordinal)
                    }
                }, in: &cache)
        }
    }

    /// Whether a node stands above this one today, as far as the charter is known here.
    package func isAbove(_ other: VerifiedChain) throws -> Bool {
        try replica.read { $0.charter.current.topology.isAbove(other.name.unit, name.unit) }
    }

    /// Whether a node that was verified before may still connect as a child of this one.
    /// - Returns: nil when it may.
    /// - Throws: `ReplicaError`.
    package func objection(to chain: VerifiedChain, now: Moment) throws -> CertificateProblem? {
        let name = chain.name
        let view = try replica.read { $0.charter.current }
        if let objection = chain.objection(at: now.seconds) { return objection }
        if view.isOnHold(name.unit) || view.isCutNode(unit: name.unit, enrollment: name.ordinal) { return .held(name) }
        guard view.topology.isAbove(self.name.unit, name.unit) else { return .notBelow(name, self.name.unit) }
        return nil
    }
}
