import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// A neighbour's database, in one life of its file. A restored neighbour is another peer.
package struct Peer: Hashable, Sendable {
    package let row: Int64
    package let unit: UnitCode
    package let node: UInt32
    package let incarnation: UInt64

    package init(row: Int64, unit: UnitCode, node: UInt32, incarnation: UInt64) {
        self.row = row
        self.unit = unit
        self.node = node
        self.incarnation = incarnation
    }

    /// A neighbour of which nothing is known to be held: it has no row and no cursors.
    package static func unmet(unit: UnitCode, node: UInt32) -> Peer {
        Peer(row: 0, unit: unit, node: node, incarnation: 0)
    }

    package var isMet: Bool { row != 0 }
}

/// How far both directions of a link have got, for one feed.
package struct LinkCursors: Hashable, Sendable {
    /// How far this node has applied what the peer sends.
    package var received: JournalCursor
    /// How far the peer has said that it has applied what this node sends.
    package var sent: JournalCursor
}

extension Transaction {
    /// The peer of that name and incarnation, if it was ever met.
    package func peer(unit: UnitCode, node: UInt32, incarnation: UInt64) throws -> Peer? {
        let row = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM peer WHERE unit = ? AND node = ? AND incarnation = ?"),
            arguments: [unit.text, Int64(node), Int64(bitPattern: incarnation)])
        return row.map { Peer(row: $0, unit: unit, node: node, incarnation: incarnation) }
    }

    /// The peer of a unit's node that was met last, for who dials before it has heard the other's incarnation.
    package func latestPeer(unit: UnitCode, node: UInt32) throws -> Peer? {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT id, incarnation FROM peer WHERE unit = ? AND node = ? ORDER BY met DESC LIMIT 1"),
            arguments: [unit.text, Int64(node)])
        return try row.map {
            Peer(row: try $0[0], unit: unit, node: node, incarnation: UInt64(bitPattern: try $0[1]))
        }
    }

    /// The peer, written down when it is another than the one that was met last. A database may come back to an
    /// incarnation that it had before, as an older copy than the one that was compared with then.
    package func meet(unit: UnitCode, node: UInt32, incarnation: UInt64) throws -> Peer {
        if let last = try latestPeer(unit: unit, node: node), last.incarnation == incarnation { return last }
        try db.cachedStatement(
            sql: """
                INSERT INTO peer (unit, node, incarnation, met, compared)
                VALUES (?, ?, ?, (SELECT coalesce(max(met), 0) + 1 FROM peer), (SELECT incarnation FROM node
                    WHERE NOT EXISTS (SELECT 1 FROM journal WHERE feed <> 1)))
                ON CONFLICT (unit, node, incarnation) DO UPDATE SET met = excluded.met, compared = NULL
                """
        ).execute(arguments: [unit.text, Int64(node), Int64(bitPattern: incarnation)])
        guard let met = try peer(unit: unit, node: node, incarnation: incarnation) else {
            throw ReplicaError.damaged("peer")
        }
        return met
    }

    /// Whether a peer was ever the one that was met last, and not only heard of when a later one was known.
    package func hasMet(_ peer: Peer) throws -> Bool {
        let find = "SELECT met > 0 FROM peer WHERE id = ?"
        return try Bool.fetchOne(db.cachedStatement(sql: find), arguments: [peer.row]) ?? false
    }

    /// A life of a neighbour's database that is over, of which nobody has heard before: it is not the one that was met
    /// last by that.
    package func noteEarlierLife(unit: UnitCode, node: UInt32, incarnation: UInt64) throws -> Peer {
        try db.cachedStatement(sql: "INSERT OR IGNORE INTO peer (unit, node, incarnation, met) VALUES (?, ?, ?, 0)")
            .execute(arguments: [unit.text, Int64(node), Int64(bitPattern: incarnation)])
        guard let noted = try peer(unit: unit, node: node, incarnation: incarnation) else {
            throw ReplicaError.damaged("peer")
        }
        return noted
    }

    /// - Parameter time: seconds since 1970, by this node's clock.
    package func noteContact(with peer: Peer, time: Int64) throws {
        try db.cachedStatement(sql: "UPDATE peer SET contacted = ? WHERE id = ?").execute(arguments: [time, peer.row])
    }

    /// The last contact with each unit's node, in seconds since 1970 by this node's clock as it was then.
    package func contacts() throws -> [(unit: UnitCode, node: UInt32, time: Int64)] {
        try Row.fetchAll(
            db,
            // Of several databases of a node the one that was met last: a clock that was ahead must not hold it back.
            sql: "SELECT unit, node, contacted, max(met) FROM peer GROUP BY unit, node ORDER BY unit, node"
        ).compactMap { row in
            try UnitCode(row[0]).map { ($0, UInt32(truncatingIfNeeded: try row[1] as Int64), try row.time(2)) }
        }
    }

    package func cursors(_ peer: Peer, _ feed: Feed) throws -> LinkCursors {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT received_position, received_offset, received_rolling, sent_position, sent_offset,
                        sent_rolling
                    FROM peer_cursor WHERE peer = ? AND feed = ?
                    """), arguments: [peer.row, feed.rawValue])
        guard let row else { return LinkCursors(received: .start, sent: .start) }
        return LinkCursors(received: try JournalCursor(row, at: 0), sent: try JournalCursor(row, at: 3))
    }

    /// Keeps how far this node has applied what the peer sends, with the data that it stands for.
    func keep(received cursor: JournalCursor, from peer: Peer, _ feed: Feed) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO peer_cursor (peer, feed, received_position, received_offset, received_rolling)
                VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (peer, feed) DO UPDATE SET received_position = excluded.received_position,
                    received_offset = excluded.received_offset, received_rolling = excluded.received_rolling
                """
        ).execute(arguments: [
            peer.row, feed.rawValue, cursor.position, cursor.offset, Int64(bitPattern: cursor.rolling),
        ])
    }

    /// What came is relied on no more. Over a line both ends compare; by courier nobody does, and neither does a parent
    /// of before there were comparisons, so that whoever sent it is asked from the beginning.
    /// - Parameter peer: nil is everybody.
    package func forgetReceived(from peer: Peer? = nil) throws {
        try db.execute(
            sql: """
                UPDATE peer_cursor SET received_position = 0, received_offset = 0, received_rolling = 0
                WHERE feed <> 1 AND peer = coalesce(:peer, peer);
                DELETE FROM carried_stretch WHERE peer = coalesce(:peer, peer)
                """, arguments: ["peer": peer?.row])
    }

    /// What a peer said last of its charter.
    package func charterCursor(toldBy peer: Peer) throws -> JournalCursor? {
        let cursor = try cursors(peer, .charter).sent
        return cursor == .start ? nil : cursor
    }

    package func keep(charter cursor: JournalCursor, of peer: Peer) throws {
        try write(sent: cursor, to: peer, .charter)
    }

    /// Keeps what the peer has said of how far it has applied. A cursor that names no row here is taken as none.
    /// - Returns: the cursor from which to send on.
    package func keep(sent cursor: JournalCursor, to peer: Peer, _ feed: Feed) throws -> JournalCursor {
        let known = try recognizes(cursor) ? cursor : .start
        try write(sent: known, to: peer, feed)
        return known
    }

    /// All authors are introduced anew. Who is not as far as it was goes on from an older disk, and need not come by
    /// the same batches again; and a batch that was lost has introduced nobody, though the cursor passed its end.
    package func forgetIntroductions(to peer: Peer) throws {
        try db.cachedStatement(sql: "DELETE FROM peer_author WHERE peer = ?").execute(arguments: [peer.row])
    }

    private func write(sent cursor: JournalCursor, to peer: Peer, _ feed: Feed) throws {
        let held = try cursors(peer, feed).sent
        guard held != cursor else { return }
        if feed != .charter, cursor.isBefore(held) { try forgetIntroductions(to: peer) }
        try db.cachedStatement(
            sql: """
                INSERT INTO peer_cursor (peer, feed, sent_position, sent_offset, sent_rolling) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (peer, feed) DO UPDATE SET sent_position = excluded.sent_position,
                    sent_offset = excluded.sent_offset, sent_rolling = excluded.sent_rolling
                """
        ).execute(arguments: [
            peer.row, feed.rawValue, cursor.position, cursor.offset, Int64(bitPattern: cursor.rolling),
        ])
    }
}

extension JournalCursor {
    package init(_ wire: WireCursor) throws {
        guard wire.position <= UInt64(Int64.max), wire.offset <= UInt64(Int64.max) else {
            throw WireError.malformed("cursor")
        }
        self.init(position: Int64(wire.position), offset: Int64(wire.offset), rolling: wire.rolling)
    }

    package func wire(_ feed: Feed) -> WireCursor {
        .with {
            $0.feed = UInt32(feed.rawValue)
            $0.position = UInt64(clamping: position)
            $0.offset = UInt64(clamping: offset)
            $0.rolling = rolling
        }
    }
}
