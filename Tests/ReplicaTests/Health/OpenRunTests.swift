import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Testing

@testable import Replica

/// What this node has written and not sealed is nowhere else: the order of arrival says whether it is as it was.
@Suite struct OpenRunTests {
    private static let open = "(SELECT id FROM run WHERE signature IS NULL AND feed = 2)"

    /// Five cases in an open run of V, behind a sealed one with two.
    private func town(packed: Bool) throws -> Town {
        let town = try Town(["C", "V"])
        for number in 1...2 { try town["V"].accept("甲", number: number) }
        try town["V"].seal()
        for number in 3...7 { try town["V"].accept("乙\(number)", number: number) }
        if packed {
            // A pin that is passed packs what is open.
            try town["C"].importUnits(
                Town.units.map { code, parent, tier in
                    UnitEntry(
                        code: UnitCode(code)!, name: "\(code)'", tier: tier, parent: parent.flatMap { UnitCode($0) },
                        kind: .centre)
                })
            try town.send("C", "V", isBelow: true, feeds: [.charter])
            try town["V"].accept("丙", number: 8)
        }
        return town
    }

    private func sequences(_ node: Town.Node, sealed: Bool) throws -> [Int64] {
        try node.replica.read {
            try Int64.fetchAll(
                $0.db,
                sql: """
                    SELECT first + offset FROM journal JOIN run ON run.id = run WHERE run.feed = 2
                    AND (signature IS NOT NULL) = ? ORDER BY 1
                    """, arguments: [sealed])
        }
    }

    /// - Returns: also whether the next incarnation was asked for.
    private func takeOut(_ town: Town) throws -> TakenOut {
        let village = town["V"]
        let runs = try village.replica.read { transaction in
            try Int64.fetchSet(transaction.db, sql: "SELECT id FROM run").filter {
                try transaction.condition(ofRun: $0) != .sound
            }
        }
        return try village.replica.takeOut(
            Set(runs.map { .run($0) }), now: 7, isSigned: { _ in true },
            seal: { try $0.seal(village.author, key: village.key, quoted: .none, time: 1) },
            goOn: { transaction, out in
                guard out.endsAuthor else { return }
                let opening = try SignedOpening(
                    Opening(
                        unit: village.unit, node: 1, random: Data(count: 8), certificates: [],
                        sealKey: village.key.publicKey.rawRepresentation, earlier: village.author,
                        earlierHeads: try transaction.knownHeads(of: village.author), depth: 1),
                    sign: { _ in Data(count: 64) })
                try transaction.introduce(opening)
                try transaction.write(as: opening.author.id)
                try transaction.renew(incarnation: 77)
            })
    }

    @Test(arguments: [
        ("UPDATE unpacked SET bytes = CAST(bytes || x'00' AS BLOB) WHERE run = \(open) AND offset = 2", [5], [6, 7]),
        ("UPDATE unpacked SET bytes = x'' WHERE run = \(open) AND offset = 0", [3], [4, 5, 6, 7]),
        ("UPDATE unpacked SET bytes = x'00' WHERE run = \(open) AND offset = 4", [7], []),
        ("DELETE FROM unpacked WHERE run = \(open) AND offset IN (1, 3)", [4, 6], [5, 7]),
        ("DELETE FROM journal WHERE run = \(open) AND offset = 3", [6], [7]),
        ("UPDATE run SET seed = zeroblob(16) WHERE id = \(open)", [3, 4, 5, 6, 7], []),
        ("UPDATE journal SET rolling = 0 WHERE run = \(open) AND offset = 4", [7], []),
    ])
    func onlyWhatIsDamagedIsLost(sql: String, lost: [UInt64], resting: [Int64]) throws {
        let town = try town(packed: false)
        try town.change("V", sql)
        if sql.contains("unpacked") {
            // Nobody seals what it did not write.
            #expect(throws: ReplicaError.self) { try town["V"].seal() }
        }
        let out = try takeOut(town)
        #expect(out.lost.flatMap { $0.said.map(\.sequence) } == lost && out.endsAuthor)
        try town.reopen("V")
        let last = (lost.min() ?? 0) - 1
        #expect(try sequences(town["V"], sealed: true) == Array(1...Int64(last)))
        #expect(try sequences(town["V"], sealed: false) == resting)
        try town["V"].replica.read { transaction throws -> Void in
            #expect(try transaction.unsentOfEarlierIncarnations() == resting.count)
            #expect(try transaction.serviceCases(limit: 100).count == Int(last))
            #expect(try transaction.countOfTakenOut().lost == lost.count)
            let bodies = "SELECT count(*) FROM unpacked LEFT JOIN journal USING (run, offset) WHERE position IS NULL"
            #expect(try Int.fetchOne(transaction.db, sql: bodies) == 0)
            // The next one begins at 1, under another name.
            let author = try #require(try transaction.identity?.author)
            #expect(try author != town["V"].author && transaction.nextPlace(of: author, in: .casework).sequence == 1)
        }
        #expect(try town["V"].replica.rebuild(keeping: false).allSatisfy(\.isSame))
        let author = try #require(try town["V"].replica.read { try $0.identity?.author })
        town.replace("V", author: author)
        try town["V"].accept("丁", number: 9)
        try town.exchange("C", "V", times: 2)
        #expect(try town["C"].fingerprint("V") == town["V"].fingerprint("V"))
        #expect(try town["C"].fingerprint("V").cases == Int(last) + 1)
    }

    /// The digests along the positions and the pin can be found again from their neighbours.
    @Test(arguments: [
        "UPDATE journal SET rolling = 0 WHERE run = \(open) AND offset = 1",
        """
        UPDATE journal SET rolling = rolling + 1
        WHERE position = (SELECT min(position) FROM journal WHERE run = \(open)) - 1
        """,
        "UPDATE run SET pin_digest = zeroblob(16) WHERE id = \(open)",
        "UPDATE run SET pin = pin + 1 WHERE id = \(open)",
        "UPDATE run SET size = 1 WHERE id = \(open)",
        "UPDATE journal SET record = NULL, actor = '' WHERE run = \(open) AND offset = 1",
    ])
    func whatOnlyRepeatsIsPutRight(sql: String) throws {
        let town = try town(packed: false)
        let print = try town["V"].fingerprint("V")
        try town.change("V", sql)
        let out = try takeOut(town)
        #expect(out.mended == 1 && out.runs.isEmpty && !out.endsAuthor, "\(out)")
        #expect(try town["V"].replica.rebuild(keeping: false).allSatisfy(\.isSame))
        try town.exchange("C", "V", times: 2)
        #expect(try town["C"].fingerprint("V") == print && print.cases == 7)
    }

    @Test func aPackedOneIsCutToo() throws {
        let town = try town(packed: true)
        let packed = try town["V"].replica.read { transaction -> Data in
            let sql = "SELECT packed FROM run WHERE signature IS NULL AND packed IS NOT NULL"
            let run = try PackedRun(try #require(try Data.fetchOne(transaction.db, sql: sql)))
            var changeSets = run.changeSets
            changeSets[2]?[3] ^= 1
            return PackedRun(changeSets: changeSets.map { (offset: $0.key, bytes: $0.value) }).data
        }
        let digits = packed.map { String(format: "%02x", $0) }.joined()
        try town.change("V", "UPDATE run SET packed = x'\(digits)' WHERE signature IS NULL AND packed IS NOT NULL")
        let out = try takeOut(town)
        #expect(out.lost.flatMap { $0.said.map(\.sequence) } == [5] && out.endsAuthor)
        #expect(out.lost.first?.said.first?.receipt == "V-5" && out.lost.first?.said.first?.action == "accept")
        try town.reopen("V")
        #expect(try sequences(town["V"], sealed: true) == [1, 2, 3, 4])
        #expect(try sequences(town["V"], sealed: false) == [6, 7, 8])
        #expect(try town["V"].replica.rebuild(keeping: false).allSatisfy(\.isSame))
    }

    /// A sealed run of its own in the middle of the journal needs no other incarnation; the last one does, unless
    /// something was written since.
    @Test(arguments: [(1, false), (2, true)])
    func ownSealedRunsComeFromTheParent(run: Int, ends: Bool) throws {
        let town = try Town(["C", "V"])
        for number in 1...4 {
            try town["V"].accept("甲", number: number)
            if number % 2 == 0 { try town["V"].seal() }
        }
        try town.exchange("C", "V", times: 2)
        let id = "(SELECT id FROM run WHERE feed = 2 ORDER BY id LIMIT 1 OFFSET \(run - 1))"
        try town.change("V", "UPDATE run SET packed = x'00' WHERE id = \(id)")
        let out = try takeOut(town)
        #expect(out.lost.isEmpty && out.runs.count == 1 && out.endsAuthor == ends)
        #expect(try town["V"].fingerprint("V").cases == 2)

        let written = try Town(["C", "V"])
        try written["V"].accept("甲", number: 1)
        try written["V"].seal()
        try written["V"].accept("乙", number: 2)
        try written.change("V", "UPDATE run SET packed = x'00' WHERE signature IS NOT NULL AND feed = 2")
        #expect(try !takeOut(written).endsAuthor)
        #expect(try sequences(written["V"], sealed: true) == [2])
    }
}
