import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension Schema {
    /// What was backed up last, and whether this database is itself a copy.
    static let backup = """
        ALTER TABLE node ADD COLUMN copied INTEGER;
        ALTER TABLE acknowledgement ADD COLUMN backed_up TEXT NOT NULL DEFAULT '';
        CREATE TABLE backup (
            other_disk INTEGER PRIMARY KEY CHECK (other_disk IN (0, 1)),
            time INTEGER NOT NULL,
            position INTEGER NOT NULL,
            place TEXT NOT NULL
        ) STRICT;
        CREATE TABLE backed_up_head (
            author INTEGER NOT NULL REFERENCES author (id),
            feed INTEGER NOT NULL,
            through INTEGER NOT NULL,
            PRIMARY KEY (author, feed)
        ) STRICT, WITHOUT ROWID;
        """
}

/// The last verified backup on another disk than the data's, or on the same.
package struct BackupRow: Hashable, Sendable {
    package let isOnOtherDisk: Bool
    /// Seconds since 1970, by this node's clock.
    package let time: Int64
    /// The end of the order of arrival in it.
    package let position: Int64
    /// The folder that it lies in.
    package let place: String

    package init(isOnOtherDisk: Bool, time: Int64, position: Int64, place: String) {
        self.isOnOtherDisk = isOnOtherDisk
        self.time = time
        self.position = position
        self.place = place
    }
}

extension Transaction {
    /// At most two: one on another disk, which stands first, and one on the same.
    package func backups() throws -> [BackupRow] {
        try Row.fetchAll(
            db.cachedStatement(sql: "SELECT other_disk, time, position, place FROM backup ORDER BY other_disk DESC")
        ).map {
            try BackupRow(isOnOtherDisk: $0[0], time: $0.time(1), position: $0[2], place: $0[3])
        }
    }

    /// Remembers a backup that was verified. Only on another disk does what it holds outlive this one.
    /// - Parameters:
    ///   - heads: that it holds without a gap.
    ///   - received: by the row of the peer, up to where it holds the casework that the peer sends.
    package func note(
        _ backup: BackupRow, holding heads: [GaplessHead], received: [Int64: JournalCursor]
    ) throws {
        try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO backup (other_disk, time, position, place) VALUES (?, ?, ?, ?)"
        ).execute(arguments: [backup.isOnOtherDisk, backup.time, backup.position, backup.place])
        guard backup.isOnOtherDisk else { return }
        try db.cachedStatement(sql: "DELETE FROM backed_up_head").execute()
        let insert = try db.cachedStatement(
            sql: "INSERT INTO backed_up_head (author, feed, through) VALUES (?, ?, ?)")
        for head in heads { try insert.execute(arguments: [head.author, head.feed, head.through]) }
        let reach = try db.cachedStatement(
            sql: "UPDATE peer_cursor SET backed_up_here = ?, backed_up_rolling = ? WHERE peer = ? AND feed = 2")
        for (peer, cursor) in received {
            try reach.execute(arguments: [cursor.position, Int64(bitPattern: cursor.rolling), peer])
        }
    }

    /// By the row of the peer: how far the casework that each sends is applied here.
    package func receivedCasework() throws -> [Int64: JournalCursor] {
        let rows = try Row.fetchAll(
            db, sql: "SELECT peer, received_position, received_rolling FROM peer_cursor WHERE feed = 2")
        return Dictionary(
            try rows.map {
                (
                    try $0[0],
                    JournalCursor(position: max(0, try $0[1]), offset: 0, rolling: UInt64(bitPattern: try $0[2]))
                )
            }, uniquingKeysWith: { one, _ in one })
    }

    /// Up to where the casework that a peer sends lies in a verified backup on another disk.
    package func backedUpCasework(of peer: Peer) throws -> JournalCursor {
        let find = "SELECT backed_up_here, backed_up_rolling FROM peer_cursor WHERE peer = ? AND feed = 2"
        return try Row.fetchOne(db.cachedStatement(sql: find), arguments: [peer.row]).map {
            JournalCursor(position: max(0, try $0[0]), offset: 0, rolling: UInt64(bitPattern: try $0[1]))
        } ?? .start
    }

    /// Up to where a peer above said that the casework from here lies in a backup of its own.
    package func backedUpCasework(at peer: Peer) throws -> JournalCursor {
        let find = "SELECT backed_up_there FROM peer_cursor WHERE peer = ? AND feed = 2"
        let position = max(0, try Int64.fetchOne(db.cachedStatement(sql: find), arguments: [peer.row]) ?? 0)
        return JournalCursor(position: position, offset: 0, rolling: try rolling(at: position) ?? 0)
    }

    /// Keeps what a peer above says of it. What names no row here says nothing.
    package func keep(backedUp cursor: JournalCursor, at peer: Peer) throws {
        let position = try recognizes(cursor) ? cursor.position : 0
        guard try backedUpCasework(at: peer).position != position else { return }
        try db.execute(
            sql: """
                INSERT INTO peer_cursor (peer, feed, backed_up_there) VALUES (?, 2, ?)
                ON CONFLICT (peer, feed) DO UPDATE SET backed_up_there = excluded.backed_up_there
                """, arguments: [peer.row, position])
    }

    /// What was said of backups rests on a life of this database that is over.
    func forgetBackedUp() throws {
        try db.execute(
            sql: "UPDATE peer_cursor SET backed_up_here = 0, backed_up_rolling = 0, backed_up_there = 0")
    }

    /// How far an author's journals are held, by feed, in a verified backup on another disk: what may leave the disks
    /// below. Empty while there is no such backup.
    package func backedUpHeads(of author: AuthorID) throws -> [UInt64] {
        guard
            try Bool.fetchOne(db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM backup WHERE other_disk)")) ?? false
        else {
            return []
        }
        let row = try authorRow(author).id
        let find = try db.cachedStatement(sql: "SELECT through FROM backed_up_head WHERE author = ? AND feed = ?")
        return try zip(Feed.allCases, gaplessHeads(of: author)).map { feed, held in
            min(held, UInt64(clamping: try Int64.fetchOne(find, arguments: [row, feed.rawValue]) ?? 0))
        }
    }

    /// How many change sets have come since a position.
    package func arrived(behind position: Int64) throws -> Int {
        try Int.fetchOne(
            db.cachedStatement(sql: "SELECT count(*) FROM journal WHERE position > ?"), arguments: [position]) ?? 0
    }
}
