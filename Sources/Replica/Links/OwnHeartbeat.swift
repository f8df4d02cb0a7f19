import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension Transaction {
    /// What this node's next heartbeat would quote; nil when none is due: something is not sealed, casework was sealed
    /// or a heartbeat was made within `pause`, or the parent has acknowledged nothing since.
    /// - Parameters:
    ///   - pause: in seconds.
    ///   - now: seconds since 1970, by this node's clock.
    package func heartbeatDue(
        of author: AuthorID, after pause: Int64, now: Int64
    ) throws -> QuotedAcknowledgement? {
        // What is not sealed was perhaps booked before the time that would be quoted.
        guard try !hasUnsealed(author) else { return nil }
        let quoted = try quotedAcknowledgement()
        guard quoted.time > 0 else { return nil }
        // What another machine under the same name claimed may be any time.
        func isRecent(_ time: Int64) -> Bool { time >= 0 && time <= now && now - time < pause }
        if let held = try heartbeat(of: author) {
            let hasNews = try quoted.time != held.quoted.time || sealedHeads(of: author) != held.heads
            guard !isRecent(held.time), hasNews else { return nil }
        }
        if let sealed = try lastSealTime(of: author), isRecent(sealed) { return nil }
        return quoted
    }

    /// When this author's last run of casework was sealed, by its own claim.
    private func lastSealTime(of author: AuthorID) throws -> Int64? {
        try Data.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT seal FROM run WHERE author = ? AND feed = ? AND signature IS NOT NULL
                    ORDER BY first DESC LIMIT 1
                    """), arguments: [try authorRow(author).id, Feed.casework.rawValue]
        ).map { seal in
            guard let body = try? WireSealBody(serializedBytes: seal) else { throw ReplicaError.damaged("run.seal") }
            return body.time
        }
    }
}
