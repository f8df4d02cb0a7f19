import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Testing

@testable import Replica

/// Bytes of the database file that the disk has changed, anywhere: what is read is right, or the error is typed, or the
/// scrub says that something is wrong. Never a crash, and never a change set that nobody wrote.
@Suite struct FlippedByteTests {
    private static let seed = Seeded.seed
    /// How many places are tried.
    private static let count = 300

    /// All that a replica says of its content, as far as it does.
    private struct Said: Equatable {
        var leaves: Set<Digest32> = []
        var prints: [UnitFingerprint] = []
        var cases: [ServiceCaseRow] = []
        var items: [String] = []
        var sent: Set<Data> = []
        var figures: [StatisticsRow] = []
    }

    private static func town() throws -> Town {
        let town = try Town()
        for number in 1...12 {
            let unit = ["V", "W"][number % 2]
            let place = try town[unit].accept("孙\(number)", route: ["T", "K"], number: number)
            if number % 3 == 0 { try town[unit].act(.forward, on: place, target: number % 2 == 0 ? "K" : "B") }
            if number % 4 == 0 { try town.settle() }
        }
        let item = try town["C"].publish(Town.Node.item())
        try town["K"].override(item, window: "区1号窗口", days: 6)
        try town.settle()
        // Something of its own that is open.
        try town["K"].accept("周", number: 1)
        return town
    }

    /// Does what is to be tried, and counts how it ended.
    private struct Tally {
        var right = 0
        var errors: [String: Int] = [:]

        mutating func attempt<T>(_ what: String, _ body: () throws -> T) -> T? {
            do {
                let value = try body()
                right += 1
                return value
            } catch let error as any CodedError {
                errors[error.code, default: 0] += 1
            } catch {
                Issue.record("\(what): an error without a type: \(error)")
            }
            return nil
        }
    }

    private static func say(_ replica: Replica, _ tally: inout Tally) -> Said? {
        var said = Said()
        var isWhole = true
        func part<T>(_ what: String, _ into: WritableKeyPath<Said, T>, _ body: (Transaction) throws -> T) {
            guard let value = tally.attempt(what, { try replica.read(body) }) else { return isWhole = false }
            said[keyPath: into] = value
        }
        part("leaves", \.leaves) { transaction in
            let rows = try Int64.fetchAll(transaction.db, sql: "SELECT id FROM record ORDER BY id")
            return Set(try rows.flatMap { try transaction.history(of: $0).entries.map(\.placed.leaf) })
        }
        part("prints", \.prints) { transaction in
            try ["V", "W", "K"].map { try transaction.fingerprint(of: UnitCode($0)!) }
        }
        part("cases", \.cases) { try $0.serviceCases(limit: 100) }
        part("items", \.items) { try $0.catalogItems(.init()).map(\.code) }
        part("sent", \.sent) { transaction in
            let peer = Peer(row: 99, unit: UnitCode("C")!, node: 1, incarnation: 5)
            let addressee = Addressee(peer: peer, isBelow: false, confirmed: [:])
            let batches = try [Feed.casework, .published].compactMap {
                try transaction.outgoing($0, to: addressee, from: .start, budget: 1 << 20)
            }
            return Set(batches.flatMap { $0.batch.runs.flatMap(\.changeSets) })
        }
        part("figures", \.figures) { try $0.statistics(StatisticsQuery(unit: UnitCode("C")!)) }
        return isWhole ? said : nil
    }

    /// - Returns: how many things a scrub finds; nil where it cannot be done.
    private static func scrub(_ replica: Replica, _ tally: inout Tally) -> Int? {
        var scrub = Scrub(began: 0)
        while !scrub.isFinished {
            guard tally.attempt("scrub", { try scrub.step(replica, isSigned: { _ in true }) }) != nil else {
                return nil
            }
        }
        return scrub.damaged
    }

    @Test func nothingIsReadThatWasNotWritten() throws {
        let town = try Self.town()
        try town["K"].replica.close()
        let original = town.folder.appending(path: "K.sqlite")
        let bytes = try Data(contentsOf: original)
        var tally = Tally()
        let truth = try #require(Self.say(try Replica(path: original.path), &tally))
        var generator = Seeded()
        let (content, definitions) = Self.places(bytes)
        var outcomes: [String: Int] = [:]
        for round in 0..<Self.count {
            var changed = bytes
            let places = round % 12 == 0 ? definitions : content
            let at = places[generator.below(places.count)]
            // One bit, one byte, or what a sector that was never written has.
            switch round % 8 {
            case 0: changed.resetBytes(in: at / 512 * 512..<min(at / 512 * 512 + 512, bytes.count))
            case 1, 2: changed[at] = UInt8(truncatingIfNeeded: generator.next())
            default: changed[at] ^= 1 << UInt8(generator.below(8))
            }
            guard changed != bytes else { continue }
            let file = town.folder.appending(path: "flipped.sqlite")
            try Self.remove(file)
            try changed.write(to: file)
            let outcome = try Self.judge(file, truth, in: town.folder, place: "byte \(at), round \(round)", &tally)
            outcomes[outcome, default: 0] += 1
        }
        print("OUT", outcomes, tally.right, tally.errors)
        // The tally must have something of everything, or the test proves little.
        for outcome in ["unchanged", "healed", "salvaged"] {
            #expect(outcomes[outcome] ?? 0 > 0, "TERRACE_SEED=\(Self.seed): \(outcomes), \(tally.errors)")
        }
    }

    /// Where something is written: a small database is full of empty pages. Much of it are the definitions of tables,
    /// without which nothing can be read.
    private static func places(_ bytes: Data) -> (content: [Int], definitions: [Int]) {
        var out: (content: [Int], definitions: [Int]) = ([], [])
        for page in stride(from: 0, to: bytes.count, by: 4096) {
            let places = (page..<page + 4096).filter { bytes[$0] != 0 }
            let text = bytes[page..<page + 4096]
            if text.range(of: Data("CREATE ".utf8)) ?? text.range(of: Data("NOT NULL".utf8)) == nil {
                out.content += places
            } else {
                out.definitions += places
            }
        }
        return out
    }

    private static func remove(_ file: URL) throws {
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file.path + suffix) }
    }

    private static func judge(
        _ file: URL, _ truth: Said, in folder: URL, place: String, _ tally: inout Tally
    ) throws -> String {
        guard let replica = tally.attempt("open", { try Replica(path: file.path) }) else {
            return try salvage(file, truth, in: folder, place: place, &tally)
        }
        let said = say(replica, &tally)
        if let said {
            #expect(said.leaves.isSubset(of: truth.leaves), "TERRACE_SEED=\(seed), \(place)")
            #expect(said.sent.isSubset(of: truth.sent), "TERRACE_SEED=\(seed), \(place)")
        }
        let found = scrub(replica, &tally)
        let rebuilt = tally.attempt("rebuild") { try replica.rebuild(keeping: false) }
        let isClean = found == 0 && (rebuilt?.allSatisfy(\.isSame) ?? false)
        if isClean, let said {
            #expect(said == truth, "silently wrong: TERRACE_SEED=\(seed), \(place)")
            try replica.close()
            return "unchanged"
        }
        if replica.failure != nil {
            try? replica.close()
            return try salvage(file, truth, in: folder, place: place, &tally)
        }
        // What a serving node would do by itself.
        let healed: Void? = tally.attempt("heal") {
            for _ in 0..<4 where !replica.damage.notes.isEmpty {
                _ = try replica.takeOut(
                    replica.damage.notes, now: 1, isSigned: { _ in true }, seal: { _ in }, goOn: { _, _ in })
            }
            _ = try replica.rebuild(keeping: true)
            let wrong = try replica.rebuild(keeping: false).filter { !$0.isSame }.map(\.name)
            #expect(wrong.isEmpty, "TERRACE_SEED=\(seed), \(place)")
        }
        let after = say(replica, &tally)
        if let after { #expect(after.leaves.isSubset(of: truth.leaves), "TERRACE_SEED=\(seed), \(place)") }
        try? replica.close()
        return healed != nil && after != nil ? "healed" : "explained"
    }

    private static func salvage(
        _ file: URL, _ truth: Said, in folder: URL, place: String, _ tally: inout Tally
    ) throws -> String {
        let new = folder.appending(path: "salvaged.sqlite")
        try remove(new)
        let salvage = tally.attempt("salvage") {
            try Replica.salvage(
                file.path, to: new.path, now: 1, isSigned: { _ in true }, seal: { _ in }, progress: { _ in })
        }
        guard salvage != nil else { return "nothing saved" }
        let replica = try Replica(path: new.path)
        let said = try #require(say(replica, &tally), "TERRACE_SEED=\(seed), \(place)")
        #expect(said.leaves.isSubset(of: truth.leaves), "TERRACE_SEED=\(seed), \(place)")
        let wrong = try replica.rebuild(keeping: false).filter { !$0.isSame }.map(\.name)
        #expect(wrong.isEmpty, "TERRACE_SEED=\(seed), \(place)")
        try replica.close()
        return "salvaged"
    }
}
