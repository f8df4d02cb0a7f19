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
            sql: """
                INSERT OR REPLACE INTO heartbeat (author, serial, message, time, source)
                VALUES (?, (SELECT coalesce(max(serial), 0) + 1 FROM heartbeat), ?, ?, ?)
                """,
            arguments: [author.id, try heartbeat.wire.serializedBytes() as Data, heartbeat.quoted.time, peer?.row])
    }

    /// The heartbeats that the parent was not told yet, and the serial up to which it is told with them.
    package func heartbeats(toward parent: Peer) throws -> (messages: [WireHeartbeat], serial: Int64) {
        let told = try Int64.fetchOne(db, sql: "SELECT heartbeats FROM peer WHERE id = ?", arguments: [parent.row]) ?? 0
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT message, serial FROM heartbeat
                WHERE serial > ? AND (source IS NULL OR source <> ?) ORDER BY serial
                """, arguments: [told, parent.row])
        return (try rows.map { try WireHeartbeat(serializedBytes: $0[0] as Data) }, rows.last?[1] ?? told)
    }

    package func noteHeartbeats(upTo serial: Int64, toldTo parent: Peer) throws {
        try db.execute(
            sql: "UPDATE peer SET heartbeats = max(heartbeats, ?) WHERE id = ?", arguments: [serial, parent.row])
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
