import ChangeSet
import Foundation
import GRDB
import Replica
import ServiceModel
import SyncNode
import Testing
import Trust

/// Databases that earlier programs wrote (fixtures/replicas), opened by this one.
@Suite struct OldReplicaTests {
    private struct Expected: Decodable {
        /// When it was made, in seconds since 1970.
        let seconds: Int64
        let fingerprint: String
        let cases: Int
    }

    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "fixtures/replicas")

    static let schemas: [String] = {
        let found = (try? FileManager.default.contentsOfDirectory(atPath: fixtures.path)) ?? []
        // By number: the last one is the newest.
        return found.filter { $0.hasPrefix("schema-") }.sorted {
            $0.compare($1, options: .numeric) == .orderedAscending
        }
    }()

    private static let entropy: @Sendable (Int) -> Data = { count in
        Data((0..<count).map { _ in UInt8.random(in: .min ... .max) })
    }

    /// A copy of a fixture, and the moment at which it was made.
    private func with(_ name: String, _ body: (URL, Expected, Moment) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "terrace-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let data = folder.appending(path: "city")
        try FileManager.default.copyItem(at: Self.fixtures.appending(path: name), to: data)
        let expected = try JSONDecoder().decode(
            Expected.self, from: Data(contentsOf: data.appending(path: "expected.json")))
        let day = try #require(CivilTime.day(at: expected.seconds))
        try body(folder, expected, Moment(seconds: expected.seconds, day: day.dayNumber))
    }

    /// What SQLite has of the schema, by name.
    private func schema(_ file: URL) throws -> [String: String] {
        try DatabaseQueue(path: file.path).read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL")
            return Dictionary(rows.map { ($0[0], $0[1]) }, uniquingKeysWith: { $1 })
        }
    }

    /// By version, the last migration that it knew (fixtures/releases.txt).
    private func releases() throws -> [String: String] {
        let file = Self.fixtures.deletingLastPathComponent().appending(path: "releases.txt")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }
        return try lines.reduce(into: [:]) { found, line in
            let words = line.split(separator: " ").map(String.init)
            try #require(words.count == 3, "\(line)")
            found[words[0]] = words[2]
        }
    }

    /// In the order in which a database went through them.
    private func migrations(of file: URL) throws -> [String] {
        try DatabaseQueue(path: file.path).read { db in
            try String.fetchAll(db, sql: "SELECT identifier FROM grdb_migrations ORDER BY rowid")
        }
    }

    @Test func eachReleaseLeavesOneOfItsSchema() throws {
        let released = try releases()
        #expect(!released.isEmpty)
        #expect(Set(released.values.map { "schema-\($0)" }) == Set(Self.schemas))
        for schema in released.values {
            try with("schema-\(schema)") { folder, _, _ in
                let own = try migrations(of: folder.appending(path: "city/replica.sqlite"))
                #expect(own.last == schema, "written by another program")
            }
        }
        try with(try #require(Self.schemas.last)) { folder, _, now in
            let city = try Node(NodeDirectory(folder.appending(path: "city")), now: now, entropy: Self.entropy)
            try city.replica.close()
            let present = try migrations(of: city.directory.replica)
            // What is not released yet is one migration, which goes on growing.
            #expect(Set(present.dropLast()).isSubset(of: released.values), "\(present)")
        }
    }

    @Test(arguments: schemas)
    func isMigratedAndIsWhatItWas(name: String) throws {
        try with(name) { folder, expected, now in
            let city = try Node(NodeDirectory(folder.appending(path: "city")), now: now, entropy: Self.entropy)
            let root = city.name.unit
            let print = try city.replica.read { try $0.fingerprint(of: root) }
            #expect(print.digest.description == expected.fingerprint && print.cases == expected.cases)
            for table in try city.replica.rebuild(keeping: false) { #expect(table.isSame, "\(table.name)") }
            let fresh = try Node.found(
                NetworkPlan(network: "x", root: root, rootName: "x", tiers: ["city"]),
                in: NodeDirectory(folder.appending(path: "fresh")), now: now, entropy: Self.entropy)
            try fresh.replica.close()
            try city.replica.close()
            let (old, new) = (
                try schema(city.directory.replica), try schema(fresh.directory.replica)
            )
            #expect(old == new)
        }
    }

    /// Before this program has brought it up, which it does only where all keys are.
    @Test(arguments: schemas)
    func lostKeysComeBackToIt(name: String) throws {
        try with(name) { folder, _, now in
            let city = try Node(NodeDirectory(folder.appending(path: "city")), now: now, entropy: Self.entropy)
            let backup = try city.backUp(to: folder.appending(path: "backups"), as: "one", now: now)
            try city.replica.close()
            let today = NodeDirectory(folder.appending(path: "today"))
            try FileManager.default.copyItem(at: Self.fixtures.appending(path: name), to: today.url)
            try FileManager.default.removeItem(at: today.certificates)
            #expect(try backup.restoreKeys(into: today, now: now).taken == ["certificates.pem"])
            try Node(today, now: now, entropy: Self.entropy).replica.close()
        }
    }

    @Test(arguments: schemas)
    func aNewNodeGetsTheSameFromIt(name: String) throws {
        try with(name) { folder, expected, now in
            let city = try Node(NodeDirectory(folder.appending(path: "city")), now: now, entropy: Self.entropy)
            let unit = try #require(UnitCode("379902"))
            let enrollee = try Enrollee(
                code: city.issueEnrollmentCode(for: unit, now: now).text, unit: unit,
                in: NodeDirectory(folder.appending(path: "county")))
            let grant = try city.enroll(
                EnrollmentRequest(json: enrollee.request.json), presented: enrollee.key.publicKey, now: now)
            let county = try enrollee.take(grant, presented: city.chain.der, now: now, entropy: Self.entropy)
            for _ in 0..<2 { try exchange(county, city, now) }
            let counts = try county.replica.read {
                ($0.charter.current.topology.count, try $0.catalogItems(.init()).count)
            }
            #expect(counts.0 == 13 && counts.1 == 2)
            // The one case that was forwarded to it, and it alone.
            let held = try county.replica.read { try $0.serviceCases(limit: 10) }
            #expect(held.count == 1 && held.first?.holder == unit)
            let receipt = try #require(held.first?.receipt)
            let record = held[0].record
            var note = CaseStep(.note, day: now.day, actor: "c")
            note.text = "收到"
            _ = try county.act(note, on: record, now: now)
            try exchange(county, city, now)
            let lengths = try [county, city].map { node in
                try node.replica.read { transaction in
                    let row = try #require(try transaction.serviceCase(receipt: receipt))
                    return try transaction.caseRecord(row.record).history.acts.count
                }
            }
            #expect(lengths[0] == lengths[1] && lengths[0] == 3)
            for node in [county, city] {
                for table in try node.replica.rebuild(keeping: false) { #expect(table.isSame, "\(table.name)") }
            }
        }
    }

    /// One exchange without a socket.
    private func exchange(_ child: Node, _ parent: Node, _ now: Moment) throws {
        var lower = try ChildLink(child, to: parent.name, wait: 0, now: now)
        var upper = ParentLink(parent, from: child.name)
        while !lower.isFinished {
            while let bytes = try lower.next(now: now) { try upper.take(bytes, now: now) }
            while let bytes = try upper.next(now: now) { try lower.take(bytes, now: now) }
        }
        while try lower.next(now: now) != nil {}
    }
}
