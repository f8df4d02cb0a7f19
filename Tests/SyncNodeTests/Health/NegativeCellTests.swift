import ChangeSet
import Foundation
import GRDB
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// The disk turns the sign of a number that is never negative: an error, or it heals, and never the end of the process.
@Suite struct NegativeCellTests {
    /// Tables and columns of numbers that are taken to be counts, places or times.
    private static let cells: [(table: String, column: String)] = [
        ("peer_cursor", "received_position"), ("peer_cursor", "received_offset"), ("peer_cursor", "sent_position"),
        ("peer_cursor", "sent_offset"), ("peer_cursor", "backed_up_here"), ("peer_cursor", "backed_up_there"),
        ("carried_stretch", "start_position"), ("carried_stretch", "end_position"),
        ("exported_bundle", "volumes"), ("exported_bundle", "casework_position"), ("carried_volume", "volume"),
        ("peer", "contacted"), ("peer", "heartbeats"), ("peer_author", "position"),
        ("run", "first"), ("run", "count"), ("run", "size"), ("run", "pin"), ("run_hash", "start"),
        ("journal", "offset"), ("journal", "size"), ("unpacked", "offset"), ("record", "sequence"),
        ("gapless_head", "through"), ("gapless_head", "quoted"), ("backed_up_head", "through"),
        ("retired", "first"), ("retired", "count"), ("retired", "pin"), ("retired", "change_sets"),
        ("retired", "quoted"), ("stub", "change_sets"), ("stub", "accepted_day"),
        ("backup", "time"), ("backup", "position"), ("comparison", "time"), ("comparison", "lacking_there"),
        ("equality", "time"), ("equality", "runs"), ("equality", "change_sets"), ("scrub", "after"),
        ("scrub", "finished"), ("acknowledgement", "heard"),
        ("acknowledgement", "time"), ("clock_jump", "before"), ("heartbeat", "serial"), ("draft", "saved"),
        ("author", "enrollment"), ("author", "depth"), ("node", "topology_since"), ("widening", "position"),
        ("retention_pass", "time"), ("retention_kept", "since"), ("retention_kept", "first"),
    ]

    /// A town that has something in each of these tables.
    private func network() throws -> SimulatedNetwork {
        let network = try Network.forgetful()
        for number in 1...3 { _ = try network.closedCase(number) }
        try mixRuns(network)
        try network.backUpAll()
        #expect(try network.retire(at: Network.village).retired > 0)
        #expect(try network.retire(at: Network.town).retired > 0)
        try network.accept(at: Network.town, number: 4, route: [Network.county])
        try network.exchange(Network.town)
        try network.exchange(Network.town, mode: .looks)
        network.pass(seconds: 1000)
        try network.exchange(Network.town)
        #expect(try network[Network.town].heartbeat(now: network.now))
        try network.change(Network.town, "INSERT INTO draft VALUES ('d', 'x', '{}', 1, 1)")
        let town = network[Network.town]
        _ = try town.scrub(now: { network.now }, progress: { _ in })
        _ = try town.note(ClockJump(before: network.now.seconds, after: network.now.seconds + 99), after: nil)
        _ = try network.export(at: Network.town, to: Network.village)
        // A stick was lost, and the next one is here: what it brought lies behind a gap.
        try network.acceptMany(2, at: Network.village, from: 10, route: [Network.county])
        _ = try network.export(at: Network.village, to: Network.town)
        try network.acceptMany(2, at: Network.village, from: 12, route: [Network.county])
        let later = try network.export(at: Network.village, to: Network.town, .lastVolume).files
        for file in later { try network.bring(file, to: Network.town) }
        try network.accept(at: Network.town, number: 5)
        return network
    }

    /// A run of the county of which the town may see a part, and a case that comes to concern a further village.
    private func mixRuns(_ network: SimulatedNetwork) throws {
        let mixed = try network.accept(at: Network.village, number: 20, route: [Network.county]).creation
        try network.act(.forward, at: Network.village, on: mixed, target: Network.county)
        let wider = try network.accept(at: Network.village, number: 21, route: [Network.town]).creation
        try network.settle(rounds: 1)
        try network.accept(at: Network.county, number: 22)
        try network.act(.decide, at: Network.county, on: mixed, fields: [CaseField.decision: "granted"])
        try network.act(.deliver, at: Network.county, on: mixed)
        try network.act(.forward, at: Network.village, on: wider, target: Network.neighbour)
        try network.settle(rounds: 2)
    }

    /// What is turned where nothing lies proves nothing.
    private func expectRows(_ network: SimulatedNetwork) throws {
        let queue = try DatabaseQueue(path: network.directory(Network.town).replica.path)
        try queue.read { db in
            for table in Set(Self.cells.map(\.table)).sorted() {
                let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") ?? 0
                #expect(count > 0, "\(table)")
            }
        }
        try queue.close()
    }

    /// Whatever it throws is an answer.
    private func attempt(_ body: () throws -> Void) { _ = try? body() }

    @Test func noneEndsTheProcess() throws {
        let network = try network()
        try expectRows(network)
        let disk = try network.copyOfDisk(Network.town)
        for (table, column) in Self.cells {
            for value in ["-7", "\(Int64.min)"] {
                try network.crash(Network.town, leaving: disk)
                let sql = "UPDATE OR IGNORE \(table) SET \(column) = \(value)"
                guard (try? network.change(Network.town, sql)) != nil else { continue }
                let town = network[Network.town]
                attempt { try network.exchange(Network.village) }
                attempt { try network.exchange(Network.town) }
                attempt { try network.exchange(Network.village, mode: .repairs) }
                attempt { try network.exchange(Network.town, mode: .repairs) }
                attempt { _ = try network.export(at: Network.town, to: Network.village) }
                attempt { _ = try town.scrub(now: { network.now }, progress: { _ in }) }
                let service = ServiceFacts(isServed: true, hasUplink: true)
                _ = Examination(town.facts(service: service, now: network.now))
                attempt { _ = try town.linkMode(now: network.now) }
                attempt { _ = try town.replica.read { try $0.equalityReceipts().map(\.holds) } }
                attempt { _ = try network.retire(at: Network.town) }
                attempt { try network.accept(at: Network.town, number: 6) }
                attempt { try town.takeOutDamage(now: network.now) }
                attempt { try network.exchange(Network.town) }
            }
        }
    }
}
