import ChangeSet
import Foundation
import GRDB
import Replica
import ServiceModel
import Simulator
import Synchronization
import Testing

@testable import SyncNode

/// A database file of which SQLite says that it is malformed.
@Suite struct SalvageTests {
    private static let names = [Network.city, Network.county]
    private static let sent = 40

    /// A county with cases that the city has, and some that it has not.
    private func network(unsent: Int) throws -> (network: SimulatedNetwork, sent: [String], unsent: [String]) {
        let network = try Network(Self.names)
        let sent = try (1...Self.sent).map { try network.accept(at: Network.county, number: $0).receipt }
        try network.settle(rounds: 1)
        let rest = try (0..<unsent).map { try network.accept(at: Network.county, number: 100 + $0).receipt }
        try network[Network.county].replica.write { transaction in
            try transaction.begin(Draft(id: "d1", item: "370105001", content: "{}", edit: 1, saved: 1))
        }
        try network[Network.county].replica.close()
        return (network, sent, rest)
    }

    /// The pages of a table and its indexes, as SQLite numbers them.
    private func pages(_ network: SimulatedNetwork, of tables: [String]) throws -> [Int] {
        let queue = try DatabaseQueue(path: network.directory(Network.county).replica.path)
        defer { try? queue.close() }
        return try queue.read { db in
            var out: [Int] = []
            for table in tables {
                // Every leaf, found by its parent; a table of one page is its own.
                let root =
                    try Int.fetchOne(
                        db, sql: "SELECT rootpage FROM sqlite_master WHERE name = ?", arguments: [table]) ?? 0
                out += try leaves(below: root, network)
            }
            return out
        }
    }

    private func leaves(below page: Int, _ network: SimulatedNetwork) throws -> [Int] {
        let data = try Data(contentsOf: network.directory(Network.county).replica)
        func number(_ at: Int, _ count: Int) -> Int { (0..<count).reduce(0) { $0 << 8 | Int(data[at + $1]) } }
        let start = (page - 1) * 4096
        // 5 and 2 are inner pages of tables and of indexes.
        guard [2, 5].contains(data[start]) else { return [page] }
        let children =
            (0..<number(start + 3, 2)).map { number(start + number(start + 12 + 2 * $0, 2), 4) } + [
                number(start + 8, 4)
            ]
        return try children.flatMap { try leaves(below: $0, network) }
    }

    private func destroy(_ pages: [Int], _ network: SimulatedNetwork) throws {
        let file = network.directory(Network.county).replica
        var data = try Data(contentsOf: file)
        for page in pages {
            data.replaceSubrange((page - 1) * 4096..<page * 4096, with: Data(repeating: 0x5a, count: 4096))
        }
        try data.write(to: file)
    }

    private func receipts(_ network: SimulatedNetwork, at name: String) throws -> Set<String> {
        try network[name].replica.read { Set(try $0.serviceCases(limit: 1000).map(\.receipt)) }
    }

    private func checkAgreement(_ network: SimulatedNetwork) throws {
        try network.settle(rounds: 3)
        #expect(try network.fingerprints(of: Network.county, at: Self.names).count == 1)
        for name in Self.names { #expect(try network[name].replica.rebuild(keeping: false).allSatisfy(\.isSame)) }
        #expect(try HeldJournal.damage(in: network.directory(Network.county).replica).isEmpty)
    }

    @Test(arguments: [
        ["journal"], ["run"], ["record"], ["service_case"], ["journal_record", "run_place"], ["author"],
        ["journal", "run", "imported"], ["peer", "peer_cursor", "peer_author"],
    ])
    func whatTheParentHasComesBack(tables: [String]) throws {
        let (network, sent, unsent) = try network(unsent: 3)
        let before = try network[Network.city].replica.read { try $0.caseCounts().all }
        let leaves = try pages(network, of: tables)
        // Of a long table a part.
        try destroy(leaves.count > 2 ? [leaves[leaves.count / 2]] : leaves, network)
        let done = try network.salvage(Network.county)
        #expect(
            FileManager.default.fileExists(
                atPath: network.directory(Network.county).url.appending(path: done.kept[0]).path))
        try checkAgreement(network)
        let (city, county) = (try receipts(network, at: Network.city), try receipts(network, at: Network.county))
        #expect(city.isSuperset(of: sent) && city == county && city.count >= before, "\(tables)")
        // Of what it alone had nothing is made up, and what is lost is lost as a whole.
        #expect(city.subtracting(sent).isSubset(of: unsent))
        let drafts = try network[Network.county].replica.read { try $0.drafts().map(\.id) }
        #expect(drafts == ["d1"], "\(tables)")
    }

    /// Nothing of the journal is touched: what had not been sent goes up, sealed by the author that wrote it.
    @Test func whatWasNotSentIsSavedWhereItCanBeRead() throws {
        let (network, sent, unsent) = try network(unsent: 3)
        try destroy(try pages(network, of: ["service_case", "audience", "case_search_data"]), network)
        let done = try network.salvage(Network.county)
        let salvage = try #require(done.salvage)
        #expect(salvage.tables.allSatisfy(\.isWhole) && salvage.takenOut.isEmpty)
        #expect(try network.tracesOfSalvage(Network.county) == done.kept.sorted())
        #expect(try network[Network.county].replica.read { try $0.unsentOfEarlierIncarnations() } == 0)
        try checkAgreement(network)
        #expect(try receipts(network, at: Network.city) == Set(sent + unsent))
        // It goes on as another author all the same: rows may be missing without a trace.
        let depth = try network[Network.county].replica.read { transaction in
            try transaction.identity?.author.flatMap { try transaction.opening(of: $0) }?.opening.depth
        }
        #expect(depth == 1)
        try network.accept(at: Network.county, number: 200)
        try checkAgreement(network)
    }

    /// The anchor knows that it had sealed more: then nothing open is sealed under that name.
    @Test func nothingIsSealedBehindWhatIsMissing() throws {
        let (network, sent, _) = try network(unsent: 3)
        let queue = try DatabaseQueue(path: network.directory(Network.county).replica.path)
        try queue.write { db in
            try db.execute(sql: "PRAGMA defer_foreign_keys = ON")
            for table in ["case_status", "case_conflict", "service_case", "audience"] {
                try db.execute(sql: "DELETE FROM \(table)")
            }
            let last = "(SELECT max(id) FROM run WHERE signature IS NOT NULL AND feed = 2)"
            try db.execute(sql: "DELETE FROM journal WHERE run = \(last); DELETE FROM run WHERE id = \(last)")
        }
        try queue.close()
        _ = try network.salvage(Network.county)
        #expect(try network[Network.county].replica.read { try $0.unsentOfEarlierIncarnations() } == 3)
        try checkAgreement(network)
        #expect(try receipts(network, at: Network.county) == Set(sent))
    }

    /// What a row of numbers leads to may be lost although SQLite calls its key nullable.
    @Test func rowsWhoseKeyLeadsToWhatIsLostGoWithIt() throws {
        let (network, sent, unsent) = try network(unsent: 1)
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(
            path: network.directory(Network.county).replica.path, configuration: configuration)
        try queue.inDatabase { db in
            try db.execute(
                sql: """
                    INSERT INTO resting_seen (position, time) VALUES (999999, 1);
                    INSERT INTO doubted_quote (run) VALUES (999999);
                    INSERT INTO heartbeat (author, serial, message, time) VALUES (999999, 999999, x'00', 1);
                    INSERT INTO stub_item VALUES (999999, 'x', 'x', 'x', 'x', 0);
                    INSERT INTO stub (record, receipt, units, digest, change_sets, void, item, channel, accepted_by,
                        accepted_day, phase) VALUES (999999, 'x', '[]', zeroblob(32), 1, 0, 999999, 'x', 'x', 1, 'x')
                    """)
        }
        try queue.close()
        let done = try network.salvage(Network.county)
        #expect(try #require(done.salvage).orphans == 4)
        try checkAgreement(network)
        #expect(try receipts(network, at: Network.city) == Set(sent + unsent))
    }

    /// Nothing is derived yet when it is found that something is lost; the damaged file may tell whose case it was.
    @Test func whatIsLostIsNamed() throws {
        let (network, _, unsent) = try network(unsent: 3)
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(
            path: network.directory(Network.county).replica.path, configuration: configuration)
        let applicants = try queue.inDatabase { db in
            let open = "(SELECT id FROM run WHERE signature IS NULL AND feed = 2)"
            try db.execute(
                sql: """
                    DELETE FROM journal WHERE run = \(open) AND offset = 1;
                    UPDATE unpacked SET bytes = CAST(bytes || x'00' AS BLOB) WHERE run = \(open) AND offset < 2
                    """)
            return try unsent.prefix(2).map { receipt in
                try String.fetchOne(
                    db, sql: "SELECT applicant FROM service_case WHERE receipt = ?", arguments: [receipt])
            }
        }
        try queue.close()
        let done = try network.salvage(Network.county)
        let lost = try #require(done.salvage).takenOut.lost.flatMap(\.said)
        #expect(lost.map(\.receipt) == Array(unsent.prefix(2)))
        #expect(lost.map(\.applicant) == applicants)
        let listed = try network[Network.county].replica.read { try $0.takenOut() }.filter(\.isLost)
        #expect(listed.flatMap(\.said) == lost && !listed.contains(where: \.isSeen))
    }

    @Test func withoutTheAnchorNothingIsLeftBehindUnasked() throws {
        let (network, sent, _) = try network(unsent: 2)
        let directory = network.directory(Network.county)
        try FileManager.default.removeItem(at: directory.anchor)
        let before = try Data(contentsOf: directory.replica)
        let missing = NodeError.anchorMissing(directory.url.path, unsealed: 2, isSalvaged: true)
        #expect(throws: missing) { try network.salvage(Network.county) }
        for language in Language.allCases {
            #expect(
                missing.words[language].contains("terrace salvage --data \(directory.url.path) --leave-unsent-work"))
        }
        #expect(try Data(contentsOf: directory.replica) == before && network.tracesOfSalvage(Network.county).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: directory.anchor.path))
        let done = try Node.salvage(
            directory, leavingUnsealed: true, now: network.now,
            entropy: { Data((0..<$0).map { _ in .random(in: 0...255) }) }, progress: { _ in })
        #expect(try done.node.replica.read { try $0.unsentOfEarlierIncarnations() } == 2)
        try done.node.replica.close()
        try network.reopen(Network.county)
        try checkAgreement(network)
        #expect(try receipts(network, at: Network.city) == Set(sent))
    }

    @Test func aDamagedAnchorIsNamedBeforeAnythingIsWritten() throws {
        let (network, _, _) = try network(unsent: 1)
        let directory = network.directory(Network.county)
        try Data("no JSON".utf8).write(to: directory.anchor)
        let before = try Data(contentsOf: directory.replica)
        #expect(throws: NodeError.badAnchor(directory.anchor.path)) { try network.salvage(Network.county) }
        #expect(try Data(contentsOf: directory.replica) == before && network.tracesOfSalvage(Network.county).isEmpty)
    }

    @Test func aFileThatSaysNothingIsLeftAsItIs() throws {
        let (network, _, _) = try network(unsent: 1)
        let file = network.directory(Network.county).replica
        try destroy([1], network)
        let before = try Data(contentsOf: file)
        let anchor = try Data(contentsOf: network.directory(Network.county).anchor)
        #expect(throws: SalvageError.self) { try network.salvage(Network.county) }
        #expect(try network.tracesOfSalvage(Network.county).isEmpty)
        #expect(try Data(contentsOf: file) == before)
        #expect(try Data(contentsOf: network.directory(Network.county).anchor) == anchor)
    }

    /// Every table in turn, by one page of it and as a whole, with what is not sealed: the end is reached, what was
    /// left out is said, and the node works on.
    @Test(arguments: [false, true]) func eachTableCanBeLost(whole: Bool) throws {
        let (network, _, _) = try network(unsent: 3)
        let directory = network.directory(Network.county)
        network.drop(Network.county)
        let (file, anchor) = (try Data(contentsOf: directory.replica), try Data(contentsOf: directory.anchor))
        let queue = try DatabaseQueue(path: directory.replica.path)
        let tables = try queue.read { db in
            try String.fetchAll(
                db,
                sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 1 AND name NOT LIKE 'sqlite_%'"
            )
        }
        try queue.close()
        #expect(tables.count > 40)
        for table in tables {
            for suffix in ["-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: directory.replica.path + suffix)
            }
            try file.write(to: directory.replica)
            try anchor.write(to: directory.anchor)
            let leaves = try pages(network, of: [table])
            try destroy(whole ? leaves : [leaves[leaves.count / 2]], network)
            // Nobody else knows who a node is.
            if table == "node" {
                #expect(throws: SalvageError.self) { try network.salvageAsItLies(Network.county) }
                continue
            }
            let done: Salvaged
            do { done = try network.salvageAsItLies(Network.county) } catch {
                Issue.record("\(table): \(error)")
                continue
            }
            let saved = done.salvage?.tables.first { $0.name == table }
            #expect(saved?.isWhole != true, "\(table)")
            let node = try Node(
                directory, now: network.now, entropy: { Data((0..<$0).map { _ in .random(in: 0...255) }) })
            #expect(try node.replica.rebuild(keeping: false).allSatisfy(\.isSame), "\(table)")
            #expect(try node.replica.write { try $0.drafts() }.count <= 1, "\(table)")
            try node.replica.close()
            #expect(try HeldJournal.damage(in: directory.replica).isEmpty, "\(table)")
            for name in done.kept { try FileManager.default.removeItem(at: directory.url.appending(path: name)) }
        }
    }

    /// The charter is read before anything else can be, and may lie in an open run.
    @Test func theRootsOpenCharterCanBeLost() throws {
        let network = try Network(Self.names)
        let grant = WireCharterEntry.OneOf_Change.grant(
            .with {
                $0.unit = Network.county
                $0.kind = CaseAction.decide.rawValue
            })
        try network.settle(rounds: 1)
        try network[Network.city].enter([grant], now: network.now)
        try network[Network.city].replica.close()
        network.drop(Network.city)
        let queue = try DatabaseQueue(path: network.directory(Network.city).replica.path)
        try queue.write { try $0.execute(sql: "DELETE FROM unpacked") }
        try queue.close()
        let done = try network.salvageAsItLies(Network.city)
        #expect(done.salvage?.takenOut.lost.isEmpty == false)
        try network.reopen(Network.city)
        try network.settle(rounds: 3)
        #expect(try network[Network.city].replica.rebuild(keeping: false).allSatisfy(\.isSame))
    }

    /// Stopped when everything was saved and nothing was in place yet.
    @Test func itMayBeStoppedAndBegunAgain() throws {
        let (network, sent, _) = try network(unsent: 0)
        let directory = network.directory(Network.county)
        let ready = URL(filePath: directory.replica.path + ".ready")
        let first = try network.salvage(Network.county)
        try network[Network.county].replica.close()
        try FileManager.default.copyItem(at: directory.replica, to: ready)
        try FileManager.default.removeItem(at: directory.replica)
        #expect(throws: ReplicaError.absent(directory.replica.path)) { try network.reopen(Network.county) }
        let second = try network.salvage(Network.county)
        #expect(first.salvage != nil && second.salvage == nil)
        #expect(!FileManager.default.fileExists(atPath: ready.path))
        try checkAgreement(network)
        #expect(try receipts(network, at: Network.county) == Set(sent))
    }

    /// Work has gone on since the attempt.
    @Test func whatAnEarlierAttemptSavedIsNotTakenForWhatIsThere() throws {
        let (network, sent, unsent) = try network(unsent: 1)
        let directory = network.directory(Network.county)
        try FileManager.default.copyItem(
            at: directory.replica, to: URL(filePath: directory.replica.path + ".ready"))
        try network.reopen(Network.county)
        let later = try network.accept(at: Network.county, number: 300).receipt
        try network[Network.county].replica.close()
        #expect(try network.salvage(Network.county).salvage != nil)
        try checkAgreement(network)
        #expect(try receipts(network, at: Network.city) == Set(sent + unsent + [later]))
    }

    /// A command that had opened the file when it was moved aside.
    @Test func nobodyIsToldThatSomethingIsDoneInTheOldFile() throws {
        let (network, _, _) = try network(unsent: 1)
        network.drop(Network.county)
        let directory = network.directory(Network.county)
        let command = try Replica(path: directory.replica.path)
        let outcome = Mutex<Result<Void, any Error>?>(nil)
        let started = DispatchSemaphore(value: 0), ended = DispatchSemaphore(value: 0)
        let writer = Thread {
            started.wait()
            let result = Result {
                try command.write { try $0.begin(Draft(id: "d2", item: "1", content: "{}", edit: 1, saved: 1)) }
            }
            outcome.withLock { $0 = result }
            ended.signal()
        }
        writer.start()
        let done = try Node.salvage(
            directory, now: network.now, entropy: { Data((0..<$0).map { _ in .random(in: 0...255) }) },
            progress: { if $0 == .deriving { started.signal() } })
        ended.wait()
        let result = try #require(outcome.withLock { $0 })
        #expect(throws: ReplicaError.busy) { try result.get() }
        #expect(try done.node.replica.read { try $0.drafts().map(\.id) } == ["d1"])
        try? command.close()
        try done.node.replica.close()
    }
}

extension SimulatedNetwork {
    /// Makes a new file of what a node's old one still says, and starts the node again.
    func salvage(_ name: String) throws -> Salvaged {
        drop(name)
        let done = try Node.salvage(
            directory(name), now: now, entropy: { Data((0..<$0).map { _ in .random(in: 0...255) }) },
            progress: { _ in })
        try done.node.replica.close()
        try reopen(name)
        return done
    }
}
