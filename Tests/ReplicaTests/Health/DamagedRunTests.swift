import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Testing

@testable import Replica

/// A disk that changes a byte of the journal: SQLite has no checksums of its own.
@Suite struct DamagedRunTests {
    /// K and the branch B hold what V wrote; B only a part of the run, with hashes in place of the rest.
    private func town() throws -> Town {
        let town = try Town(["C", "B", "K", "T", "V"])
        for number in 1...3 {
            let place = try town["V"].accept("孙\(number)", route: ["T", "K"], number: number)
            if number == 2 { try town["V"].act(.forward, on: place, target: "B") }
        }
        try town.settle()
        return town
    }

    /// What the neighbours of a database in another life do, as far as these two are concerned.
    private func heal(_ town: Town) throws {
        for name in ["K", "B"] { try town.change(name, "DELETE FROM peer_cursor") }
        try town.send("T", "K", isBelow: false)
        try town.send("C", "B", isBelow: true)
    }

    /// The run of casework that V wrote, and a row of it.
    private static let run = "(SELECT run.id FROM run JOIN author ON author.id = author WHERE unit = 'V' AND feed = 2)"

    /// SQL that makes of a column what one flipped bit would.
    private static func flip(_ column: String, byte: Int = 1) -> String {
        """
        \(column) = CAST(substr(\(column), 1, \(byte - 1)) || CASE hex(substr(\(column), \(byte), 1))
            WHEN '00' THEN x'01' ELSE x'00' END || substr(\(column), \(byte + 1)) AS BLOB)
        """
    }

    private static let damages: [(at: String, sql: String)] = [
        ("K", "UPDATE run SET \(flip("packed")) WHERE id = \(run)"),
        ("K", "UPDATE run SET \(flip("packed", byte: 40)) WHERE id = \(run)"),
        ("K", "UPDATE run SET packed = substr(packed, 1, length(packed) / 2) WHERE id = \(run)"),
        ("K", "UPDATE run SET packed = x'' WHERE id = \(run)"),
        ("B", "UPDATE run SET \(flip("packed", byte: 30)) WHERE id = \(run)"),
        ("K", "UPDATE run SET \(flip("seed")) WHERE id = \(run)"),
        ("K", "UPDATE run SET \(flip("seal")) WHERE id = \(run)"),
        ("K", "UPDATE run SET \(flip("signature", byte: 64)) WHERE id = \(run)"),
        ("K", "UPDATE run SET \(flip("previous", byte: 9)) WHERE id = \(run)"),
        ("K", "UPDATE run SET \(flip("pin_digest", byte: 3)) WHERE id = \(run)"),
        ("K", "UPDATE run SET \(flip("digest", byte: 32)) WHERE id = \(run)"),
        ("K", "UPDATE run SET first = first + 1 WHERE id = \(run)"),
        ("K", "UPDATE run SET first = -first WHERE id = \(run)"),
        ("K", "UPDATE run SET count = count - 1 WHERE id = \(run)"),
        ("K", "UPDATE run SET count = 0 WHERE id = \(run)"),
        ("K", "UPDATE run SET count = 256 WHERE id = \(run)"),
        ("K", "UPDATE run SET size = size + 1 WHERE id = \(run)"),
        ("K", "UPDATE run SET pin = pin + 1 WHERE id = \(run)"),
        ("K", "UPDATE run SET feed = 3 WHERE id = \(run)"),
        ("K", "UPDATE run SET feed = 77 WHERE id = \(run)"),
        ("K", "UPDATE run SET author = author + 1 WHERE id = \(run)"),
        ("K", "UPDATE journal SET offset = 77 WHERE run = \(run) AND offset = 1"),
        ("K", "UPDATE journal SET feed = 3 WHERE run = \(run) AND offset = 1"),
        ("K", "UPDATE journal SET record = 1 + record WHERE run = \(run) AND offset = 0"),
        ("K", "UPDATE journal SET size = -1, actor = 'x' WHERE run = \(run) AND offset = 1"),
        ("K", "UPDATE journal SET rolling = rolling + 1 WHERE run = \(run) AND offset = 1"),
        ("K", "UPDATE journal SET salt = zeroblob(16) WHERE run = \(run) AND offset = 0"),
        ("B", "UPDATE journal SET \(flip("salt", byte: 16)) WHERE run = \(run)"),
        ("B", "UPDATE run_hash SET \(flip("hash", byte: 8)) WHERE run = \(run)"),
        ("B", "UPDATE run_hash SET start = start + 1 WHERE run = \(run) AND start = (SELECT max(start) FROM run_hash)"),
        ("B", "DELETE FROM run_hash WHERE run = \(run)"),
        ("B", "UPDATE run SET seed = zeroblob(16) WHERE id = \(run)"),
        ("K", "DELETE FROM journal WHERE run = \(run) AND offset = 1"),
    ]

    private func leaves(_ node: Town.Node) throws -> Set<Digest32> {
        try node.replica.read { transaction in
            var out: Set<Digest32> = []
            for row in try Int64.fetchAll(transaction.db, sql: "SELECT id FROM record ORDER BY id") {
                do {
                    out.formUnion(try transaction.history(of: row).entries.map(\.placed.leaf))
                } catch ReplicaError.damagedRun, ReplicaError.damaged {}
            }
            return out
        }
    }

    /// What a node would send upward from the beginning, or the error with which it sends nothing.
    private func sent(_ node: Town.Node) throws -> Set<Data> {
        try node.replica.write { transaction in
            let parent = try transaction.meet(unit: UnitCode("C")!, node: 1, incarnation: 99)
            let addressee = Addressee(peer: parent, isBelow: false, confirmed: [:])
            var out: Set<Data> = []
            for feed in [Feed.casework, .published] {
                let batch = try transaction.outgoing(feed, to: addressee, from: .start, budget: 1 << 20)
                for run in batch?.batch.runs ?? [] { out.formUnion(run.changeSets) }
            }
            return out
        }
    }

    private func takeOut(_ node: Town.Node) throws -> TakenOut {
        let runs = try node.replica.read { transaction in
            try Int64.fetchSet(transaction.db, sql: "SELECT id FROM run").filter {
                try transaction.condition(ofRun: $0) != .sound
            }
        }
        #expect(runs.count == 1)
        return try node.replica.takeOut(
            Set(runs.map { .run($0) }), now: 7, isSigned: { _ in true }, seal: { _ in Issue.record("none of its own") },
            goOn: { _, out in #expect(!out.endsAuthor) })
    }

    @Test(arguments: damages.indices)
    func isNeitherFoldedNorSentAndComesAgain(index: Int) throws {
        let (name, sql) = Self.damages[index]
        let town = try town()
        let before = (
            leaves: try leaves(town[name]), sent: try sent(town[name]), print: try town[name].fingerprint("V"),
            rows: try town[name].rows()
        )
        try town.change(name, sql)
        #expect(try leaves(town[name]).isSubset(of: before.leaves))
        do {
            #expect(try sent(town[name]).isSubset(of: before.sent))
        } catch ReplicaError.damagedRun, ReplicaError.damaged {}

        let out = try takeOut(town[name])
        try town.reopen(name)
        let isMended = out.mended == 1
        #expect(isMended == out.runs.isEmpty && out.openings.isEmpty, "\(sql)")
        #expect(try town[name].replica.rebuild(keeping: false).allSatisfy(\.isSame), "\(sql)")
        let absent = try town[name].replica.read { try $0.countOfTakenOut() }
        #expect((absent.all > 0) != isMended && absent.lost == 0)

        try heal(town)
        #expect(try town[name].rows() == before.rows, "\(sql)")
        #expect(try town[name].fingerprint("V") == before.print, "\(sql)")
        #expect(try leaves(town[name]) == before.leaves && sent(town[name]) == before.sent)
        #expect(try town[name].replica.rebuild(keeping: false).allSatisfy(\.isSame))
        #expect(try town[name].replica.read { try $0.countOfTakenOut().all } == 0)
    }

    /// The heads tell the truth, and no position is ever taken twice.
    @Test func whatIsTakenOutIsHeldNoMore() throws {
        let town = try town()
        let author = town["V"].author
        let before = try town["K"].replica.read { (try $0.journalHead(), try $0.gaplessHeads(of: author)) }
        let cursors = try town["K"].replica.read { transaction in
            try (1...before.0.position).compactMap { position in
                try transaction.rolling(at: position).map { JournalCursor(position: position, offset: 0, rolling: $0) }
            }
        }
        try town.change("K", Self.damages[1].sql)
        let run = try #require(try takeOut(town["K"]).runs.first)
        #expect(run.name.sequences == 1...4 && run.name.unit == UnitCode("V") && !run.isLost)
        #expect(run.said.map(\.action) == ["accept", "accept", "forward", "accept"])
        try town["K"].replica.read { transaction throws -> Void in
            #expect(try before.1[1] == 4 && transaction.gaplessHeads(of: author)[1] == 0)
            #expect(try transaction.journalHead() == before.0)
            for cursor in cursors {
                #expect(try transaction.recognizes(cursor) && !transaction.isRolledBack(behind: cursor))
            }
            #expect(try transaction.sealedHeads(of: author)[1] == 0)
            #expect(try transaction.fingerprint(of: UnitCode("V")!).cases == 0)
        }
    }

    @Test func aDamagedOpeningTakesItsRunsWithIt() throws {
        for column in ["opening", "name"] {
            let town = try town()
            let print = try town["K"].fingerprint("V")
            try town.change("K", "UPDATE author SET \(Self.flip(column, byte: 9)) WHERE unit = 'V'")
            let author = try town["K"].replica.read {
                try Int64.fetchOne($0.db, sql: "SELECT id FROM author WHERE unit = 'V'")
            }
            let row = try #require(author)
            #expect(throws: ReplicaError.self) { _ = try town["K"].replica.read { try $0.author(id: row) } }
            let out = try town["K"].replica.takeOut(
                [.opening(row)], now: 7, isSigned: { _ in true }, seal: { _ in }, goOn: { _, _ in })
            #expect(out.openings.count == 1 && out.runs.count == 1)
            #expect(try town["K"].replica.rebuild(keeping: false).allSatisfy(\.isSame))
            // Another life of the database, to which everybody is introduced again.
            try town["T"].replica.write { _ = try $0.db.execute(sql: "DELETE FROM peer_author") }
            try heal(town)
            #expect(try town["K"].fingerprint("V") == print)
        }
    }

    /// What another version takes over waits until it has been taken out, and the node opens.
    @Test func aDamagedOpeningKeepsNoNewVersionFromOpening() throws {
        let town = try town()
        try town.change("K", "UPDATE author SET \(Self.flip("opening", byte: 9)) WHERE unit = 'C'")
        for _ in 1...2 { try town.reopen("K", program: "later") }
        let notes = town["K"].replica.damage.notes
        #expect(notes.count == 1)
        _ = try town["K"].replica.takeOut(
            notes, now: 7, isSigned: { _ in true }, seal: { _ in }, goOn: { _, _ in })
        try town.reopen("K", program: "later")
        #expect(town["K"].replica.damage.notes.isEmpty)
        let last = try town["K"].replica.pool.read { try Transaction.lastProgram($0) }
        #expect(last == "later")
    }

    /// One note, and a whole journal behind it: a person is to say so.
    @Test func anOpeningCountsForEveryRunBehindIt() throws {
        let town = try Town(["C", "K"])
        let node = town["K"]
        try node.replica.write { transaction in
            for number in 1...300 {
                try node.accept("陈\(number)", number: number, in: transaction)
                try transaction.seal(node.author, key: node.key, quoted: .none, time: node.time)
            }
        }
        try town.send("K", "C", isBelow: false, budget: 1 << 20)
        try town.change("C", "UPDATE author SET \(Self.flip("opening", byte: 9)) WHERE unit = 'K'")
        let city = town["C"]
        #expect(throws: ReplicaError.damagedOpening(node.author)) {
            try city.replica.read { try $0.opening(of: node.author) }
        }
        #expect(city.replica.damage.notes.count == 1)
        #expect(try city.replica.damagedRuns(isSigned: { _ in true }) == 300)
        let notes = city.replica.damage.notes
        _ = try city.replica.takeOut(notes, now: 7, isSigned: { _ in true }, seal: { _ in }, goOn: { _, _ in })
        // Another process that had noted it too finds nothing to do.
        for note in notes { city.replica.damage.add(note) }
        #expect(try city.replica.damagedRuns(isSigned: { _ in true }) == 0 && city.replica.damage.notes.isEmpty)
    }
}
