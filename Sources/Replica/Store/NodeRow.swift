import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// Who this node is.
package struct NodeIdentity: Hashable, Sendable {
    package let unit: UnitCode
    /// Ordinal of the node in its unit.
    package let ordinal: UInt32
    /// Names this database file's life: drawn anew by a restore.
    package let incarnation: UInt64
    /// The author under which it writes; nil until its opening is stored.
    package let author: AuthorID?
}

extension Transaction {
    /// Writes who this node is, once.
    package func establish(genesis: SignedGenesis, unit: UnitCode, ordinal: UInt32, incarnation: UInt64) throws {
        try db.cachedStatement(sql: "INSERT INTO node (id, genesis, unit, ordinal, incarnation) VALUES (1, ?, ?, ?, ?)")
            .execute(arguments: [try genesis.bytes, unit.text, Int64(ordinal), Int64(bitPattern: incarnation)])
        try begin(with: genesis)
        try writeUnits()
    }

    /// Makes a stored opening the one that this node writes under.
    package func write(as author: AuthorID) throws {
        let row = try authorRow(author)
        try db.cachedStatement(sql: "UPDATE node SET author = ?, opening = ?").execute(arguments: [
            row.id, try row.opening.map { try $0.bytes },
        ])
    }

    /// The machine was enrolled anew: it is another node of its unit, and has written nothing yet.
    package func rename(ordinal: UInt32) throws {
        try db.cachedStatement(sql: "UPDATE node SET ordinal = ?, author = NULL, opening = NULL").execute(arguments: [
            Int64(ordinal)
        ])
    }

    /// Begins another life of this database: neighbours take it for one that may lack what they sent before, and this
    /// node does not rely on what it knew of them. It is a copy no more.
    package func renew(incarnation: UInt64) throws {
        try db.cachedStatement(sql: "UPDATE node SET incarnation = ?, copied = NULL").execute(arguments: [
            Int64(bitPattern: incarnation)
        ])
        try noteTopology()
        try forgetBackedUp()
        try deriveWithoutUnsealed()
    }

    /// When this database was copied off another one, in seconds since 1970; nil in one that lives. Whoever wrote it
    /// may have gone on since.
    package func copied() throws -> Int64? { try Int64.fetchOne(db.cachedStatement(sql: "SELECT copied FROM node")) }

    /// nil in a database that was made and not yet established.
    package var identity: NodeIdentity? {
        get throws {
            let find = try db.cachedStatement(
                sql: """
                    SELECT node.unit, ordinal, incarnation, author.name FROM node
                    LEFT JOIN author ON author.id = node.author
                    """)
            guard let row = try Row.fetchOne(find) else { return nil }
            guard let unit = UnitCode(try row[0]) else { throw ReplicaError.damaged("node.unit") }
            let name: Data? = try row[3]
            return NodeIdentity(
                unit: unit, ordinal: UInt32(truncatingIfNeeded: try row[1] as Int64),
                incarnation: UInt64(bitPattern: try row[2]), author: name.flatMap { Bytes16($0) }.map(AuthorID.init))
        }
    }

    func begin(with genesis: SignedGenesis) throws {
        memory.genesis = genesis
        let record = CharterRecord(genesis: genesis)
        memory.entryDigests[record.entry.digest] = record.digest
        memory.charter.add(record.entry)
        memory.deadlineRules = nil
    }
}
