import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// What a node says of who is idle, to its parent.
package struct HeartbeatsToTell: Sendable {
    package var messages: [WireHeartbeat]
    /// Authors whose openings are in them.
    package var introduced: [AuthorID]
    /// The last serial among them.
    package var serial: Int64
}

extension Transaction {
    /// Keeps a heartbeat when it is newer than what is held of its author: its journals are longer, or it quotes a
    /// later time. A held one that quotes a time which this node's clock has not reached, or had not when the
    /// heartbeat came, gives way to any.
    /// - Throws: `WireError.signature` when the author did not sign it; an author that is not known is passed over.
    /// - Returns: whether it was kept.
    @discardableResult
    package func keep(_ heartbeat: SignedHeartbeat, from peer: Peer?, now: Int64) throws -> Bool {
        guard let author = try knownAuthor(heartbeat.author), let key = author.sealKey else { return false }
        guard heartbeat.isSigned(network: network, key: key) else { throw WireError.signature }
        if let held = try self.heartbeat(of: author.id) {
            let isBehind = zip(heartbeat.heads, held.heads).contains { $0 < $1 }
            let isDoubted = try Bool.fetchOne(
                db.cachedStatement(sql: "SELECT doubted FROM heartbeat WHERE author = ?"), arguments: [author.id])
            let isLater =
                heartbeat.heads != held.heads || heartbeat.quoted.time > held.quoted.time || held.quoted.time > now
                || isDoubted == true
            guard !isBehind, isLater, heartbeat.signature != held.signature else { return false }
        }
        try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO heartbeat (author, serial, message, time, source, doubted)
                VALUES (?, (SELECT coalesce(max(serial), 0) + 1 FROM heartbeat), ?, ?, ?, ?)
                """
        ).execute(arguments: [
            author.id, try heartbeat.wire.serializedBytes() as Data, heartbeat.quoted.time, peer?.row,
            QuoteBelief.isAhead(heartbeat.quoted.time, of: now),
        ])
        return true
    }

    /// The latest heartbeat of an author that is held.
    package func heartbeat(of author: AuthorID) throws -> SignedHeartbeat? {
        try knownAuthor(author).flatMap { try heartbeat(of: $0.id) }
    }

    private func heartbeat(of author: Int64) throws -> SignedHeartbeat? {
        try Data.fetchOne(
            db.cachedStatement(sql: "SELECT message FROM heartbeat WHERE author = ?"), arguments: [author]
        )
        .flatMap(SignedHeartbeat.init(stored:))
    }

    /// The heartbeats that the parent was not told yet, with the openings of authors that it may not know.
    /// - Parameter serial: up to which it was told in this exchange, beside what it is known to have heard.
    package func heartbeats(to parent: Addressee, after serial: Int64) throws -> HeartbeatsToTell {
        let peer = parent.peer.row
        let told =
            try Int64.fetchOne(db.cachedStatement(sql: "SELECT heartbeats FROM peer WHERE id = ?"), arguments: [peer])
            ?? 0
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT message, serial, author FROM heartbeat
                    WHERE serial > ? AND (source IS NULL OR source <> ?) ORDER BY serial
                    """), arguments: [max(told, serial), peer])
        var out = HeartbeatsToTell(messages: [], introduced: [], serial: try rows.last?[1] ?? max(told, serial))
        for row in rows {
            let author = try self.author(id: row[2])
            // One that the disk has changed is left out: the author's next one takes its place.
            guard let held = SignedHeartbeat(stored: try row[0]), let key = author.sealKey,
                held.isSigned(network: network, key: key)
            else { continue }
            var message = held.wire
            if let opening = author.opening, try isUnknown(author.name, to: parent),
                try !isIntroducedByHeartbeat(author.id, to: parent.peer)
            {
                message.opening = try opening.bytes
                out.introduced.append(author.name)
            }
            out.messages.append(message)
        }
        return out
    }

    /// The parent has heard the heartbeats up to this serial, and knows these authors from now on.
    package func noteHeartbeats(upTo serial: Int64, introducing authors: [AuthorID], toldTo parent: Peer) throws {
        try db.cachedStatement(sql: "UPDATE peer SET heartbeats = max(heartbeats, ?) WHERE id = ?").execute(arguments: [
            serial, parent.row,
        ])
        // That spares heartbeats the opening, not batches: no cursor tells whether the parent still knows.
        try noteIntroductions(of: authors, to: parent, in: .charter, at: .start)
    }

    private func isIntroducedByHeartbeat(_ author: Int64, to parent: Peer) throws -> Bool {
        let find = "SELECT EXISTS (SELECT 1 FROM peer_author WHERE peer = ? AND author = ? AND feed = 1)"
        return try Bool.fetchOne(db.cachedStatement(sql: find), arguments: [parent.row, author]) ?? false
    }

    /// Last sealed sequence of each feed of an author.
    package func sealedHeads(of author: AuthorID) throws -> [UInt64] {
        try sealedHeads(of: author, where: { _, _ in "true" })
    }

    /// Last sealed sequences of all authors of a unit, by feed.
    package func sealedHeads(at unit: UnitCode) throws -> [AuthorID: [UInt64]] {
        let names = try Data.fetchAll(
            db.cachedStatement(sql: "SELECT name FROM author WHERE unit = ?"), arguments: [unit.text])
        let authors = names.compactMap { Bytes16($0) }.map(AuthorID.init)
        return Dictionary(uniqueKeysWithValues: try authors.map { ($0, try sealedHeads(of: $0)) })
    }

    /// Last sealed sequence of each feed of an author on the branch that goes on here: what a second machine of this
    /// disk has sealed under its name is not this one's to go on from. What the neighbours gave back of the only branch
    /// is: that which was written here may have left since.
    package func ownSealedHeads(of author: AuthorID) throws -> [UInt64] {
        try sealedHeads(of: author, where: ownBranch(of:in:))
    }

    /// Of the forked journals of an author, those of these ends at which another line ends a run that is held; 0 of the
    /// others.
    /// - Parameter ends: last sealed sequences, by feed.
    package func endsElsewhere(_ ends: [UInt64], of author: AuthorID) throws -> [UInt64] {
        let row = try authorRow(author).id
        return try zip(Feed.allCases, ends).map { feed, end in
            guard try hasFork(row, in: feed), let last = Int64(exactly: end) else { return 0 }
            let find = """
                SELECT EXISTS (
                    SELECT 1 FROM run WHERE author = ?1 AND feed = ?2 AND signature IS NOT NULL
                    AND first BETWEEN ?3 - \(Limits.changeSetsPerRun) AND ?3 AND first + count - 1 = ?3
                    AND NOT \(Self.isWrittenHere))
                """
            let isThere = try Bool.fetchOne(
                db.cachedStatement(sql: find), arguments: [row, feed.rawValue, last])
            return isThere == true ? end : 0
        }
    }

    /// - Parameter condition: SQL on the runs that count.
    private func sealedHeads(
        of author: AuthorID, where condition: (_ author: Int64, _ feed: Feed) throws -> String
    ) throws -> [UInt64] {
        let row = try authorRow(author).id
        return try Feed.allCases.map { feed in
            let last = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT first + count - 1, id FROM run WHERE author = ? AND feed = ? AND signature IS NOT NULL
                        AND \(try condition(row, feed)) ORDER BY first DESC LIMIT 1
                        """), arguments: [row, feed.rawValue])
            guard let last else { return 0 }
            guard let end = try? last.count(0) else { throw noteDamage(ofRun: try last[1]) }
            return end
        }
    }

    /// The parent's last acknowledgement, which the next seal quotes.
    package func quotedAcknowledgement() throws -> QuotedAcknowledgement {
        let row = try Row.fetchOne(db.cachedStatement(sql: "SELECT author, heads, time FROM acknowledgement"))
        guard let row else { return .none }
        return QuotedAcknowledgement(
            author: AuthorID(try row.bytes16(0)), heads: Self.heads(try row[1]), time: try row[2])
    }

    /// Keeps the parent's last word. From now on this node's clock is judged by what both showed then, so that a jump
    /// before it says nothing any more.
    /// - Parameters:
    ///   - backedUp: how far the parent holds this node's journals in a backup on another disk, by feed.
    ///   - heard: seconds since 1970, by this node's clock.
    package func keep(_ acknowledgement: QuotedAcknowledgement, backedUp: [UInt64] = [], heard: Int64) throws {
        guard let author = acknowledgement.author else { return }
        try db.cachedStatement(
            sql: """
                INSERT INTO acknowledgement (id, author, heads, time, backed_up, heard) VALUES (1, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET author = excluded.author, heads = excluded.heads,
                    time = excluded.time, backed_up = excluded.backed_up, heard = excluded.heard
                """
        ).execute(arguments: [
            author.value.data, Self.text(acknowledgement.heads), acknowledgement.time, Self.text(backedUp), heard,
        ])
        try keep(nil as ClockJump?)
    }

    /// How far this node's journals lie in a verified backup of the parent's on another disk, by feed, as the parent
    /// said last; empty when it has none.
    package func backedUpAbove() throws -> [UInt64] {
        try String.fetchOne(db.cachedStatement(sql: "SELECT backed_up FROM acknowledgement")).map(Self.heads) ?? []
    }

    private static func text(_ heads: [UInt64]) -> String { heads.map(String.init).joined(separator: ",") }
    private static func heads(_ text: String) -> [UInt64] { text.split(separator: ",").compactMap { UInt64($0) } }
}

extension SignedHeartbeat {
    /// nil where the disk has changed it beyond reading: then it counts as none.
    init?(stored bytes: Data) {
        guard let wire = try? WireHeartbeat(serializedBytes: bytes), let heartbeat = try? SignedHeartbeat(wire: wire)
        else { return nil }
        self = heartbeat
    }
}
