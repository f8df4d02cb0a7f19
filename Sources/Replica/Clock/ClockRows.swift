import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension Schema {
    /// What a node keeps of clocks; none of it is in a journal. `heard` is what this node's clock showed when the
    /// parent's last word came, and `time` what the parent's did. The jump is the one since that word.
    static let clock = """
        ALTER TABLE acknowledgement ADD COLUMN heard INTEGER;
        CREATE TABLE clock_jump (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            before INTEGER NOT NULL,
            after INTEGER NOT NULL
        ) STRICT;
        """
}

extension Transaction {
    /// What the clocks showed when the parent was heard last; nil when it never was.
    package func clockContact() throws -> ClockContact? {
        try Row.fetchOne(db.cachedStatement(sql: "SELECT heard, time FROM acknowledgement WHERE heard IS NOT NULL")).map
        {
            try ClockContact(ours: $0[0], theirs: $0[1])
        }
    }

    /// How the clock was set since the parent was heard last.
    package func clockJump() throws -> ClockJump? {
        try Row.fetchOne(db.cachedStatement(sql: "SELECT before, after FROM clock_jump")).map {
            try ClockJump(before: $0.time(0), after: $0.time(1))
        }
    }

    /// Keeps a jump in the place of the one that was kept; nil forgets that.
    package func keep(_ jump: ClockJump?) throws {
        try db.cachedStatement(sql: "DELETE FROM clock_jump").execute()
        guard let jump else { return }
        try db.cachedStatement(sql: "INSERT INTO clock_jump (id, before, after) VALUES (1, ?, ?)").execute(arguments: [
            jump.before, jump.after,
        ])
    }

    /// When this author's last act of casework was written by its own claim, in seconds since 1970 and not before; nil
    /// when there is none that its parent has not acknowledged.
    package func lastUnacknowledgedTime(of author: AuthorID) throws -> Int64? {
        let last = try Row.fetchOne(
            db,
            sql: """
                SELECT \(Self.placeColumns) FROM run JOIN journal ON journal.run = run.id
                WHERE run.author = ? AND run.feed = ? ORDER BY first DESC, journal.offset DESC LIMIT 1
                """, arguments: [try authorRow(author).id, Feed.casework.rawValue])
        let acknowledged = try quotedAcknowledgement().heads.head(of: .casework)
        guard let last, try last.count(3) &+ last.count(7) > acknowledged else { return nil }
        let placed = try placed(last)
        return max(0, try ChangeSet(bytes: placed.bytes, sequence: placed.place.sequence).time)
    }
}
