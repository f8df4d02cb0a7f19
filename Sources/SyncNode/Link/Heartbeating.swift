import ChangeSet
import Foundation
import Replica
import ServiceModel

extension Node {
    /// How long nothing is sealed before a node says that it is there, in seconds.
    package static let heartbeatPause: Int64 = 900

    /// Signs and keeps a heartbeat when this node was idle for `heartbeatPause` and has heard from its parent since. It
    /// goes up with the next exchange.
    /// - Returns: whether one was made. The root makes none: it is told by its own clock.
    /// - Throws: `ReplicaError`.
    package func heartbeat(now: Moment) throws -> Bool {
        guard !isRoot else { return false }
        // Reading alone is enough to see that none is due, which is nearly always.
        let isDue = try replica.read {
            try $0.heartbeatDue(of: try author($0), after: Self.heartbeatPause, now: now.seconds) != nil
        }
        guard isDue else { return false }
        return try replica.write { transaction in
            let author = try author(transaction)
            guard
                let quoted = try transaction.heartbeatDue(of: author, after: Self.heartbeatPause, now: now.seconds)
            else { return false }
            let heartbeat = try SignedHeartbeat(
                author: author, heads: try transaction.sealedHeads(of: author), quoted: quoted, time: now.seconds,
                network: genesis.id, key: sealKey.key)
            return try transaction.keep(heartbeat, from: nil, now: now.seconds)
        }
    }
}
