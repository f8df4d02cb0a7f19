import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// Where cursors cannot be trusted both ends compare what they hold, and only the difference goes.
@Suite struct ReconciliationTests {
    private static let everywhere = [Network.city, Network.county, Network.town, Network.village]

    /// Cases at the village that all four know, the first of them decided by the county.
    private func worked(cases: Int) throws -> (network: Network, places: [Place]) {
        let network = try Network(Self.everywhere)
        let places = try (0..<cases).map { number in
            let place = try network.accept(at: Network.village, number: number, route: [Network.county]).creation
            // A run of its own for each, as on a line that is up.
            try network.exchange(Network.village)
            return place
        }
        try network.act(.forward, at: Network.village, on: places[0], target: Network.county)
        try network.settle()
        try network.act(.decide, at: Network.county, on: places[0], fields: [CaseField.decision: "granted"])
        try network.settle()
        return (network, places)
    }

    /// As a disk loses them: they are not in the database any more.
    private func lose(_ condition: String, at name: String, in network: Network) throws -> Int {
        let queue = try DatabaseQueue(path: network.directory(name).replica.path)
        return try queue.write { db in
            let runs = try Int64.fetchAll(
                db, sql: "SELECT run.id FROM run JOIN author ON author.id = run.author WHERE \(condition)")
            for run in runs {
                for table in ["case_status", "audience", "case_conflict", "service_case"] {
                    try db.execute(
                        sql: "DELETE FROM \(table) WHERE record IN (SELECT record FROM journal WHERE run = ?)",
                        arguments: [run])
                }
                try db.execute(sql: "DELETE FROM journal WHERE run = ?", arguments: [run])
                try db.execute(sql: "DELETE FROM run_hash WHERE run = ?", arguments: [run])
                try db.execute(sql: "DELETE FROM run WHERE id = ?", arguments: [run])
            }
            try db.execute(sql: "DELETE FROM gapless_head")
            return runs.count
        }
    }

    private func prints(_ network: Network) throws -> Int {
        try network.fingerprints(of: Network.village, at: Self.everywhere).count
    }

    @Test func equalEndsSignIt() throws {
        let (network, _) = try worked(cases: 3)
        let reports = try #require(try network.exchange(Network.village, mode: .looks))
        for report in [reports.child, reports.parent] {
            let comparison = try #require(report.comparison)
            #expect(comparison.isEqual && comparison.isProven && comparison.rounds <= 2)
        }
        for (name, other) in [(Network.village, Network.town), (Network.town, Network.village)] {
            let proofs = try network[name].replica.read { try $0.equalities() }
            #expect(proofs.map(\.unit.text) == [other] && proofs[0].runs > 0)
            #expect(proofs[0].time == network.time(at: name).seconds)
        }
        print("proof of equality: \(reports.child.sentBytes) up + \(reports.child.receivedBytes) down bytes of body")
    }

    @Test func whatADiskLostComesBackAlone() throws {
        let (network, _) = try worked(cases: 40)
        let lost = try lose(
            "run.feed = 2 AND author.unit = '\(Network.village)' AND run.first BETWEEN 7 AND 9", at: Network.town,
            in: network)
        #expect(lost == 3)
        try network.restart(Network.town)
        // Nobody's cursor tells of it.
        try network.settle(rounds: 1)
        #expect(try prints(network) == 2)
        let looked = try #require(try network.exchange(Network.town, mode: .looks)?.child.comparison)
        #expect(looked.lackingHere == 3 && looked.lackingThere == 0 && !looked.isProven)
        #expect(try prints(network) == 2, "looking mends nothing")
        let mended = try #require(try network.exchange(Network.town, mode: .repairs)).child
        #expect(mended.newChangeSets == 3 && mended.comparison?.lackingHere == 3)
        #expect(try prints(network) == 1)
        #expect(try network.exchange(Network.town, mode: .looks)?.child.comparison?.isProven == true)
        let outcome = try network[Network.town].replica.read { try $0.comparisons() }
        #expect(outcome.allSatisfy(\.isEqual) && outcome.count == 1)
    }

    /// A parent leaves out of a run what the child has had, or what another machine of its disk had.
    @Test func whoCannotReadARunForWhatItRestsOnComparesNext() throws {
        let (network, places) = try worked(cases: 2)
        #expect(try lose("run.feed = 2 AND author.unit = '\(Network.county)'", at: Network.town, in: network) == 1)
        try network.restart(Network.town)
        try network.act(.note, at: Network.county, on: places[0], fields: [CaseField.note + "1": "县里"])
        let refused = try #require(try network.exchange(Network.town)?.child)
        #expect(refused.comparison == nil && refused.newChangeSets == 0)
        let mended = try #require(try network.exchange(Network.town)?.child)
        #expect(mended.comparison?.lackingHere == 2 && mended.newChangeSets == 2)
        try network.settle(rounds: 1)
        #expect(try prints(network) == 1)
        let next = try #require(try network.exchange(Network.town)?.child)
        #expect(next.comparison == nil, "cursors are relied on again")
    }

    /// Whoever searches for two seals that begin alike has two ends count other change sets in the same holdings.
    @Test func endsThatCountOtherwiseProveNothingAndGoOn() throws {
        let (network, _) = try worked(cases: 2)
        let queue = try DatabaseQueue(path: network.directory(Network.town).replica.path)
        try queue.write { db in
            let run = try Int64.fetchOne(db, sql: "SELECT min(run) FROM journal WHERE record IS NOT NULL")
            try db.execute(sql: "UPDATE run SET count = 2 WHERE id = ?", arguments: [run])
            try db.execute(
                sql: """
                    INSERT INTO journal
                    SELECT (SELECT max(position) + 1 FROM journal), run, 1, feed, record, source, rolling, size, salt,
                        action, actor, day FROM journal WHERE run = ?
                    """, arguments: [run])
        }
        try network.restart(Network.town)
        let comparison = try #require(try network.exchange(Network.village, mode: .looks)?.child.comparison)
        #expect(comparison.isEqual && !comparison.isProven)
    }

    /// What is new since then is no loss, and goes with the difference.
    @Test func unsentWorkOnBothSidesIsPartOfTheDifference() throws {
        let (network, places) = try worked(cases: 5)
        try network.act(.note, at: Network.village, on: places[1], fields: [CaseField.note + "1": "村里"])
        try network.act(.note, at: Network.town, on: places[2], fields: [CaseField.note + "2": "镇里"])
        let report = try #require(try network.exchange(Network.village, mode: .repairs)?.child)
        #expect(report.comparison?.lackingThere == 1 && report.comparison?.lackingHere == 1)
        #expect(try network.exchange(Network.village, mode: .looks)?.child.comparison?.isProven == true)
        // The feeds go on from there: nothing is said twice.
        let next = try #require(try network.exchange(Network.village)?.child)
        #expect(next.sentBatches == 0 && next.receivedBatches == 0 && next.comparison == nil)
    }

    @Test(arguments: [true, false]) func aRestoredDatabaseIsComparedAndNotSentAnew(isChild: Bool) throws {
        let (network, _) = try worked(cases: 30)
        let name = isChild ? Network.village : Network.town
        let backup = try network.copyOfDisk(name)
        let last = try network.accept(at: Network.village, number: 99).creation
        try network.settle(rounds: 1)
        try network.crash(name, leaving: backup)
        let fresh = try network.accept(at: Network.village, number: 100).creation
        var carried = 0
        var compared = false
        for _ in 0..<3 {
            let report = try #require(try network.exchange(Network.village)?.child)
            carried += report.sentBytes + report.receivedBytes
            compared = compared || report.comparison != nil
        }
        try network.settle(rounds: 2)
        // A parent that is asked to go on from where it does not stand says where it does, which is as good.
        #expect(compared || !isChild)
        #expect(try prints(network) == 1)
        for place in [last, fresh] {
            #expect(try network[Network.city].replica.read { try $0.record(created: place) } != nil)
        }
        #expect(carried < 9000, "two cases of 32, and not all of them")
        print("restored \(isChild ? "child" : "parent"): \(carried) bytes of body for two cases of 32")
    }

    /// However often the line is cut, it gets on, and cursors are relied on only once all is there.
    @Test(arguments: [400, 700, 1500]) func cutsOnlyDelayIt(bytes: Int) throws {
        let (network, _) = try worked(cases: 20)
        #expect(
            try lose("run.feed = 2 AND author.unit = '\(Network.village)'", at: Network.town, in: network) > 15)
        try network.restart(Network.town)
        var bound = bytes
        while try network.exchange(Network.village, mode: .repairs, cutUp: bound) == nil { bound += bytes / 4 }
        while try network.exchange(Network.town, mode: .repairs, cutDown: bound) == nil { bound += bytes / 4 }
        #expect(try prints(network) == 1)
    }

    /// The catalog of a restored city comes back from below as well.
    @Test func whatOnlyAChildStillHasOfTheParentComesBack() throws {
        let (network, places) = try worked(cases: 4)
        let backup = try network.copyOfDisk(Network.county)
        try network.act(.deliver, at: Network.county, on: places[0])
        try network.exchange(Network.town)
        try network.crash(Network.county, leaving: backup)
        try network.settle(rounds: 2)
        let phases = try [Network.city, Network.county, Network.village].map { name in
            try network[name].replica.read { transaction in
                try transaction.record(created: places[0]).map { try transaction.caseRecord($0).state.phase }
            }
        }
        #expect(Set(phases.map { $0 ?? nil }) == [.delivered])
    }
}
