import ChangeSet
import SyncNode
import Trust

/// Who is at the other end of a connection, by its certificates.
package enum LinkPeer: Sendable {
    case node(VerifiedChain)
    /// A machine that has no name yet; only the enrollment path is open to it.
    case enrolling(P256PublicKey)
    /// The server of a network that this machine is only about to join; its certificates are judged when the grant is
    /// here.
    case unknown([[UInt8]])
}

/// Names that both ends of a link use in the head of an exchange.
package enum ExchangeHead {
    package static let dictionary = "terrace-dictionary"
}

extension Node {
    /// The verification of either end, for the transport.
    package func verification(
        role: PeerRole, now: @escaping @Sendable () -> Moment
    ) -> @Sendable ([[UInt8]]) -> Result<LinkPeer, Refusal> {
        { presented in
            switch self.judge(presented: presented, role: role, now: now()) {
            case .node(_, let chain): .success(.node(chain))
            case .enrolling(let key): .success(.enrolling(key))
            case .refused(let problem): .failure(Refusal(problem))
            }
        }
    }
}
