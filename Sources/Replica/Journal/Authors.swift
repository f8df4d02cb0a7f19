import ChangeSet
import Crypto
import Foundation
import GRDB
import ServiceModel

/// An author as the replica knows it: perhaps only by name, from a change set that refers to it.
struct AuthorRow: Sendable {
    let id: Int64
    let name: AuthorID
    let opening: SignedOpening?
    let sealKey: Curve25519.Signing.PublicKey?

    var author: Author? { opening?.author }
}

extension Schema {
    /// Each acknowledgement asks for one, in a table where each row has an opening.
    static let authorsByUnit = "CREATE INDEX author_unit ON author (unit, enrollment) WHERE unit IS NOT NULL;"
}

extension Transaction {
    /// What is known of an author.
    package func opening(of author: AuthorID) throws -> SignedOpening? { try knownAuthor(author)?.opening }

    /// Stores an opening whose certificates and signature have been found good. Storing it again changes nothing.
    package func introduce(_ opening: SignedOpening) throws {
        let row = try authorRow(opening.author.id)
        guard row.opening == nil else { return }
        try write(opening, to: row.id)
        let author = opening.author
        memory.authors[author.id] = try AuthorRow(id: row.id, name: author.id, opening: opening)
    }

    /// Writes an opening, and what its row repeats of it.
    func write(_ opening: SignedOpening, to row: Int64) throws {
        let earlier = try opening.opening.earlier.map { try authorRow($0).id }
        let author = opening.author
        try db.cachedStatement(
            sql: "UPDATE author SET unit = ?, enrollment = ?, depth = ?, earlier = ?, opening = ? WHERE id = ?"
        ).execute(arguments: [
            author.unit.text, Int64(author.enrollment), Int64(author.depth), earlier, try opening.bytes, row,
        ])
        try db.cachedStatement(sql: "UPDATE node SET opening = ? WHERE author = ?").execute(arguments: [
            try opening.bytes, row,
        ])
    }

    /// The latest incarnation of a unit's node that is known here. Where one backup was restored twice without an
    /// anchor, two may be as deep: it is the one that was met last.
    package func author(writingAt unit: UnitCode, enrollment: UInt32) throws -> AuthorID? {
        try Data.fetchOne(
            db.cachedStatement(
                sql: "SELECT name FROM author WHERE unit = ? AND enrollment = ? ORDER BY depth DESC, id DESC LIMIT 1"),
            arguments: [unit.text, Int64(enrollment)]
        ).flatMap { Bytes16($0) }.map(AuthorID.init)
    }

    /// What of each author of a unit's machines was heard last, whoever brought it.
    /// - Returns: with the latest time of its parent's that it quotes; 0 where it quotes none.
    package func lastWords(of unit: UnitCode) throws -> [(opening: SignedOpening, time: Int64)] {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT name, max(
                        coalesce((SELECT quoted FROM gapless_head WHERE author = author.id AND feed = ?), 0),
                        coalesce((SELECT time FROM heartbeat WHERE author = author.id AND NOT doubted), 0))
                    FROM author WHERE unit = ?
                    """), arguments: [Feed.casework.rawValue, unit.text])
        return try rows.compactMap { row in
            try opening(of: AuthorID(row.bytes16(0))).map { ($0, try row.time(1)) }
        }
    }

    /// The depth of the deepest other incarnation of an author's node that is known here; nil when there is none.
    package func deepestBeside(_ author: Author) throws -> UInt32? {
        try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT max(depth) FROM author WHERE unit = ? AND enrollment = ? AND name <> ?"),
            arguments: [author.unit.text, Int64(author.enrollment), author.id.value.data]
        ).map { UInt32(truncatingIfNeeded: $0) }
    }

    /// The row of an author, made if nobody has named it before.
    func authorRow(_ name: AuthorID) throws -> AuthorRow {
        if let known = try knownAuthor(name) { return known }
        try db.cachedStatement(sql: "INSERT INTO author (name) VALUES (?)").execute(arguments: [name.value.data])
        let row = try AuthorRow(id: db.lastInsertedRowID, name: name, opening: nil)
        remember(row)
        return row
    }

    func knownAuthor(_ name: AuthorID) throws -> AuthorRow? {
        if let row = memory.authors[name], row.opening != nil { return row }
        return try fetchAuthor(sql: "name = ?", name.value.data)
    }

    func author(id: Int64) throws -> AuthorRow {
        if let name = memory.authorNames[id], let row = memory.authors[name], row.opening != nil { return row }
        guard let row = try fetchAuthor(sql: "id = ?", id) else { throw ReplicaError.damaged("author \(id)") }
        return row
    }

    private func fetchAuthor(sql: String, _ key: some DatabaseValueConvertible) throws -> AuthorRow? {
        guard
            let found = try Row.fetchOne(
                db, sql: "SELECT id, name, opening FROM author WHERE \(sql)", arguments: [key])
        else { return nil }
        let author: Int64 = try found[0]
        let name = AuthorID(try found.bytes16(1))
        let bytes: Data? = try found[2]
        let row: AuthorRow
        do {
            row = try AuthorRow(id: author, name: name, opening: try bytes.map { try SignedOpening(bytes: $0) })
        } catch is WireError {
            damage.add(.opening(author))
            throw ReplicaError.damagedOpening(name)
        }
        remember(row)
        return row
    }

    /// What is kept in memory of them.
    func forgetAuthors() {
        memory.authors = [:]
        memory.authorNames = [:]
    }

    private func remember(_ row: AuthorRow) {
        memory.authors[row.name] = row
        memory.authorNames[row.id] = row.name
    }

    /// The authors of a record's acts, for the fold.
    func authors(of acts: [Act]) throws -> [AuthorID: Author] {
        var out: [AuthorID: Author] = [:]
        for act in acts where out[act.author] == nil { out[act.author] = try knownAuthor(act.author)?.author }
        return out
    }
}

extension AuthorRow {
    /// - Throws: `WireError` where the opening is not the one that the author is named after.
    init(id: Int64, name: AuthorID, opening: SignedOpening?) throws {
        let key = opening.flatMap { try? Curve25519.Signing.PublicKey(rawRepresentation: $0.opening.sealKey) }
        guard opening == nil || key != nil && opening?.author.id == name else { throw WireError.malformed("opening") }
        self.id = id
        self.name = name
        self.opening = opening
        sealKey = key
    }
}
