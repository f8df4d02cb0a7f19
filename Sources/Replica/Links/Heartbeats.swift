import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension Transaction {
    /// Keeps a heartbeat when it is newer than what is held of its author.
    /// - Throws: `WireError.signature` when the author did not sign it; an author that is not known is passed over.
    package func keep(_ heartbeat: SignedHeartbeat, from peer: Peer?) throws {
        guard let author = try knownAuthor(heartbeat.author), let key = author.sealKey else { return }
        guard heartbeat.isSigned(network: network, key: key) else { throw WireError.signature }
        let held = try Int64.fetchOne(db, sql: "SELECT time FROM heartbeat WHERE author = ?", arguments: [author.id])
        guard held.map({ $0 < heartbeat.quoted.time }) ?? true else { return }
        try db.execute(
            sql: "INSERT OR REPLACE INTO heartbeat (author, message, time, source) VALUES (?, ?, ?, ?)",
            arguments: [author.id, try heartbeat.wire.serializedBytes() as Data, heartbeat.quoted.time, peer?.row])
    }

    /// The latest heartbeat of each author below this node, those of the peer itself left out.
    /// - Parameter after: only those whose quoted time is later.
    package func heartbeats(toward peer: Peer, after time: Int64) throws -> [SignedHeartbeat] {
        try Data.fetchAll(
            db, sql: "SELECT message FROM heartbeat WHERE (source IS NULL OR source <> ?) AND time > ? ORDER BY author",
            arguments: [peer.row, time]
        ).map { try SignedHeartbeat(wire: WireHeartbeat(serializedBytes: $0)) }
    }

    /// Last sealed sequence of each feed of an author.
    package func sealedHeads(of author: AuthorID) throws -> [UInt64] {
        let row = try authorRow(author).id
        return try Feed.allCases.map { feed in
            let last = try Int64.fetchOne(
                db,
                sql: """
                    SELECT first + count - 1 FROM run WHERE author = ? AND feed = ? AND signature IS NOT NULL
                    ORDER BY first DESC LIMIT 1
                    """, arguments: [row, feed.rawValue])
            return UInt64(last ?? 0)
        }
    }

    /// The parent's last acknowledgement, which the next seal quotes.
    package func quotedAcknowledgement() throws -> QuotedAcknowledgement {
        let row = try Row.fetchOne(db, sql: "SELECT author, heads, time FROM acknowledgement")
        guard let row, let author = Bytes16(row[0] as Data) else { return .none }
        let heads = (row[1] as String).split(separator: ",").compactMap { UInt64($0) }
        return QuotedAcknowledgement(author: AuthorID(author), heads: heads, time: row[2])
    }

    package func keep(_ acknowledgement: QuotedAcknowledgement) throws {
        guard let author = acknowledgement.author else { return }
        try db.execute(
            sql: """
                INSERT INTO acknowledgement (id, author, heads, time) VALUES (1, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
                author = excluded.author, heads = excluded.heads, time = excluded.time
                """,
            arguments: [
                author.value.data, acknowledgement.heads.map(String.init).joined(separator: ","), acknowledgement.time,
            ])
    }
}
