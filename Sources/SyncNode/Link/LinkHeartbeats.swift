import ChangeSet
import Replica
import ServiceModel
import SyncProtocol
import Trust

/// Heartbeats on a link: up, and told once.
extension LinkReplica {
    /// The heartbeats that the parent was not told yet.
    mutating func heartbeats() throws -> [WireHeartbeat] {
        guard let peer, !isAbove else { return [] }
        var parent = Addressee(peer: peer, isBelow: false, confirmed: confirmed)
        parent.introduced = introduced
        let found = try node.replica.read { transaction in
            isInPlace(transaction) ? try transaction.heartbeats(to: parent, after: toldHeartbeats) : nil
        }
        guard let tell = found else { return [] }
        toldHeartbeats = tell.serial
        introducedByHeartbeats += tell.introduced
        introduced.formUnion(tell.introduced)
        return tell.messages
    }

    /// Keeps a heartbeat that came up, with the opening of an author that is met by it.
    /// - Throws: `WireError`, `CertificateProblem`.
    func keep(_ heartbeat: WireHeartbeat, now: Moment) throws {
        let read = try SignedHeartbeat(wire: heartbeat)
        let opening = heartbeat.opening.isEmpty ? nil : try SignedOpening(bytes: heartbeat.opening)
        try node.replica.write { transaction in
            if let opening, try transaction.opening(of: opening.author.id) == nil {
                let isBehind = try peer.map { try lacksCharter(of: $0, transaction) } ?? false
                do {
                    try node.check(opening, charter: transaction.charter)
                } catch CertificateProblem.scope where isBehind {
                    // Its author is passed over until what let it enroll is known here.
                    return
                }
                try transaction.introduce(opening)
            }
            // A time that this clock, whose own it is, has not reached says nothing. What a heartbeat from further
            // down quotes was judged by its own parent.
            if let author = try transaction.opening(of: read.author)?.author, author.unit == neighbour.unit,
                author.enrollment == neighbour.ordinal, read.quoted.time > now.seconds
            {
                return
            }
            try transaction.keep(read, from: peer, now: now.seconds)
        }
    }
}
