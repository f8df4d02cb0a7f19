import Foundation
import GRDB
import ServiceModel
import Simulator
import Testing

@testable import Replica
@testable import SyncNode

/// What an earlier incarnation left unsealed: it is listed until somebody has looked after it, and waits for nothing.
@Suite struct RestingTests {
    /// A county that was restored from a backup with a case, and an act on another one, that had not been sealed.
    private func network() throws -> (network: SimulatedNetwork, sent: String, resting: String) {
        let network = try Network([Network.city, Network.county])
        let sent = try network.accept(at: Network.county, number: 1)
        try network.settle(rounds: 1)
        let resting = try network.accept(at: Network.county, number: 2)
        try network.act(.note, at: Network.county, on: sent.creation, fields: [CaseField.note + "1": "x"])
        let backup = try network.copyOfDisk(Network.county)
        try network[Network.county].seal(now: network.now)
        try network.crash(Network.county, leaving: backup)
        return (network, sent.receipt, resting.receipt)
    }

    private func codes(_ network: SimulatedNetwork) -> [String] {
        let facts = network[Network.county].facts(service: ServiceFacts(isServed: true), now: network.now)
        return Examination(facts).findings.map(\.code)
    }

    @Test func itIsListedByReceiptAndKind() throws {
        let (network, sent, resting) = try network()
        let rows = try network[Network.county].replica.read { try $0.resting() }
        #expect(rows.map(\.action) == ["accept", "note"])
        #expect(rows.map(\.receipt) == [resting, sent])
        #expect(rows.allSatisfy { $0.feed == .casework && $0.time != nil && !$0.isSeen })
        #expect(rows.allSatisfy { $0.applicant?.isEmpty == false && $0.item?.isEmpty == false })
    }

    /// All that a clerk needs to enter it again.
    @Test func byItsReceiptItSaysWhatWasEntered() throws {
        let (network, sent, resting) = try network()
        try network[Network.county].replica.read { transaction throws -> Void in
            let rows = try transaction.resting(receipt: resting)
            let body = try #require(rows.first?.body)
            #expect(rows.count == 1 && body.promise?.item.isEmpty == false && body.day > 0)
            #expect(body.writes.contains { $0.field == CaseField.applicantName && !$0.value.isEmpty })
            let note = try transaction.resting(receipt: sent).map { $0.body?.writes ?? [] }
            #expect(note.map { $0.map(\.value) } == [["x"]])
        }
    }

    @Test func whoAsksForTheCaseIsToldThatItRests() throws {
        let (network, _, resting) = try network()
        try network[Network.county].replica.read { transaction in
            let error = NodeError.unknownCase(resting, rests: true)
            #expect(throws: error) { try transaction.caseReference(typed: resting) }
            #expect(Language.allCases.allSatisfy { error.words[$0].contains("terrace case resting \(resting)") })
            #expect(throws: NodeError.unknownCase("x")) { try transaction.caseReference(typed: "x") }
        }
    }

    /// It rests at the root too, which has nobody above.
    @Test func theWayOutHoldsForTheRoot() {
        let wayOut = FindingKind.databaseResting.wayOut
        #expect(wayOut[.english].contains("neighbours") && !wayOut[.english].contains("above"))
        #expect(wayOut[.chinese].contains("上下级"))
    }

    /// Most of a journal is sealed, and none of that is looked at.
    @Test func theJournalIsNotWalkedForIt() throws {
        let (network, _, _) = try network()
        let plan = try network[Network.county].replica.read { transaction in
            try Row.fetchAll(transaction.db, sql: "EXPLAIN QUERY PLAN \(Transaction.findResting)")
                .map { $0["detail"] as String }
        }
        #expect(!plan.contains { $0.hasPrefix("SCAN journal") }, "\(plan)")
        #expect(plan.contains { $0.contains("run_open") }, "\(plan)")
    }

    @Test func itWaitsForNothing() throws {
        let (network, _, _) = try network()
        let county = network[Network.county]
        #expect(try county.replica.read { try $0.lineStanding() }.waiting == UnsentFigures())
        try network.accept(at: Network.county, number: 3)
        #expect(try county.replica.read { try $0.lineStanding() }.waiting.changeSets == 1)
        let unsent = try county.replica.read { transaction in
            var filter = CaseFilter()
            filter.unsent = try transaction.unsentUpward()
            return try transaction.serviceCases(filter, limit: 10).count
        }
        #expect(unsent == 1)
    }

    @Test func itEndsWhenSomebodyHasSeenIt() throws {
        let (network, _, _) = try network()
        #expect(codes(network).contains("database.resting"))
        try network[Network.county].replica.write { try $0.noteRestingSeen(time: 7) }
        #expect(!codes(network).contains("database.resting"))
        try network[Network.county].replica.read { transaction throws -> Void in
            #expect(try transaction.resting().map(\.isSeen) == [true, true])
            #expect(try transaction.countOfRestingUnseen() == 0 && transaction.unsentOfEarlierIncarnations() == 2)
        }
        // Noted twice is noted once, and it outlives a salvage.
        try network[Network.county].replica.write { try $0.noteRestingSeen(time: 8) }
        _ = try network.salvage(Network.county)
        #expect(!codes(network).contains("database.resting"))
        // What comes to rest later is told of.
        try network.accept(at: Network.county, number: 4)
        let backup = try network.copyOfDisk(Network.county)
        try network[Network.county].seal(now: network.now)
        try network.crash(Network.county, leaving: backup)
        #expect(try network[Network.county].replica.read { try $0.countOfRestingUnseen() } == 1)
        #expect(codes(network).contains("database.resting"))
    }

    /// Whoever has it brings it back, and what was noted of it goes with its place.
    @Test func whatComesBackRestsNoMore() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        let backup = try network.copyOfDisk(Network.county)
        try network.exchange(Network.county)
        try network.crash(Network.county, leaving: backup)
        try network[Network.county].replica.write { try $0.noteRestingSeen(time: 7) }
        try network.settle(rounds: 2)
        #expect(try network[Network.county].replica.read { try $0.resting() }.isEmpty)
        #expect(try network[Network.county].replica.rebuild(keeping: false).allSatisfy(\.isSame))
    }
}
