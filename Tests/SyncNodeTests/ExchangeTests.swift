import ChangeSet
import Foundation
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

@Suite struct ExchangeTests {
    static let all = [Network.city, Network.county, Network.town, Network.village]

    @Test func aCaseGoesUpIsDecidedAndComesDown() throws {
        let network = try Network()
        let reference = try network.accept(at: Network.village, route: [Network.town, Network.county])
        #expect(
            try network.act(.forward, at: Network.village, on: reference.creation, target: Network.county)
                == .chain(holder: UnitCode(Network.county), phase: .accepted, inDoubt: false))
        try network.settle(rounds: 1)
        try network.act(
            .decide, at: Network.county, on: reference.creation, fields: [CaseField.decision: Outcome.granted.rawValue])
        try network.settle(rounds: 1)
        #expect(try network.fingerprints(of: Network.village, at: Self.all).count == 1)
        let row = try #require(
            try network[Network.village].replica.read { try $0.serviceCase(receipt: reference.receipt) })
        #expect(row.phase == .decided && row.outcome == .granted && row.holder == UnitCode(Network.county))
        for name in [Network.neighbour, Network.branch] {
            let found = try network[name].replica.read { try $0.serviceCase(receipt: reference.receipt) }
            #expect(found == nil)
        }
    }

    @Test func oneCaseTakesOneRoundTripAndFewBytes() throws {
        let network = try Network()
        try network.settle(rounds: 1)
        let idle = try #require(try network.exchange(Network.village)).child
        try network.accept(at: Network.village, number: 2)
        let first = try #require(try network.exchange(Network.village)).child
        try network.accept(at: Network.village, number: 3)
        let one = try #require(try network.exchange(Network.village)).child
        print("idle exchange: \(idle.sentBytes) up + \(idle.receivedBytes) down bytes of body")
        print("first case: \(first.sentBytes) + \(first.receivedBytes) bytes")
        print("next case: \(one.sentBytes) + \(one.receivedBytes) bytes")
        #expect(idle.sentBatches + idle.receivedBatches == 0)
        #expect(one.sentBatches == 1 && one.refusedBatches == 0)
    }

    @Test func anyCutOfTheLineLosesAndDoublesNothing() throws {
        let network = try Network([Network.city, Network.county, Network.town, Network.village])
        var random = SeededGenerator(state: 77)
        var references: [CaseReference] = []
        var cuts = 0
        for round in 0..<40 {
            for number in 0..<Int.random(in: 1...4, using: &random) {
                references.append(try network.accept(at: Network.village, number: round * 10 + number))
            }
            for name in [Network.village, Network.town, Network.county] {
                let up = Bool.random(using: &random)
                let at = Int.random(in: 1...900, using: &random)
                if try network.exchange(name, cutUp: up ? at : .max, cutDown: up ? .max : at / 6) == nil { cuts += 1 }
            }
            if round % 5 == 0 { try network.restart(Network.town) }
        }
        #expect(cuts > 40)
        try network.settle(rounds: 2)
        #expect(try network.fingerprints(of: Network.village, at: Self.all).count == 1)
        for reference in references {
            let found = try network[Network.city].replica.read { try $0.serviceCase(receipt: reference.receipt) }
            #expect(found != nil)
        }
        let count = try network[Network.city].replica.read { try $0.fingerprint(of: UnitCode(Network.village)!).cases }
        #expect(count == references.count)
    }

    @Test func villageAndCountyAmendMeanwhileAndTheHolderSettles() throws {
        let network = try Network()
        let place = try network.accept(at: Network.village, route: [Network.county]).creation
        try network.settle(rounds: 1)
        try network.act(.amend, at: Network.village, on: place, fields: [CaseField.applicantPhone: "13911112222"])
        try network.act(.amend, at: Network.county, on: place, fields: [CaseField.applicantPhone: "13833334444"])
        try network.settle(rounds: 1)
        #expect(try network.fingerprints(of: Network.village, at: Self.all).count == 1)
        let conflicts = try network[Network.city].replica.read {
            try $0.fingerprint(of: UnitCode(Network.village)!).conflicts
        }
        #expect(conflicts == 1)
        try network.act(.settle, at: Network.village, on: place, fields: [CaseField.applicantPhone: "13911112222"])
        try network.settle(rounds: 1)
        let after = try network[Network.county].replica.read { try $0.fingerprint(of: UnitCode(Network.village)!) }
        #expect(after.conflicts == 0)
        #expect(try network.fingerprints(of: Network.village, at: Self.all).count == 1)
    }

    @Test func theCitizenWithdrawsWhileTheCountyDecides() throws {
        let network = try Network()
        let place = try network.accept(at: Network.village, route: [Network.county]).creation
        try network.act(.forward, at: Network.village, on: place, target: Network.county)
        try network.settle(rounds: 1)
        #expect(try network.act(.withdraw, at: Network.village, on: place) == .request)
        try network.act(.decide, at: Network.county, on: place, fields: [CaseField.decision: "granted"])
        try network.settle(rounds: 1)
        let village = try network[Network.village].replica.read { try $0.serviceCases(limit: 10) }
        #expect(village.first?.phase == .decided && village.first?.requests == 1)
        let request = try network[Network.county].replica.read { try $0.caseRecord(1).state.requests }
        try network.act(.answer, at: Network.county, on: place) { $0.declines = request }
        try network.settle(rounds: 1)
        #expect(try network[Network.village].replica.read { try $0.serviceCases(limit: 10) }.first?.requests == 0)
        #expect(try network.fingerprints(of: Network.village, at: Self.all).count == 1)
    }

    @Test func anOldPageIsRefused() throws {
        let network = try Network([Network.city, Network.county])
        let place = try network.accept(at: Network.county).creation
        let seen = try network[Network.county].replica.read { try $0.caseRecord(1).chainHeads }
        try network.act(.correct, at: Network.county, on: place)
        #expect(throws: NodeError.changedMeanwhile) {
            try network.act(.withdraw, at: Network.county, on: place) { $0.seen = seen }
        }
        #expect(throws: NodeError.impossible(.wrongPhase)) { try network.act(.decide, at: Network.county, on: place) }
    }

    @Test func onlyWhereTheRouteEndsOrAboveIsDecided() throws {
        let network = try Network()
        let place = try network.accept(at: Network.village, route: [Network.town, Network.county]).creation
        let decision = [CaseField.decision: Outcome.granted.rawValue]
        #expect(throws: NodeError.impossible(.notOnRoute)) {
            try network.act(.decide, at: Network.village, on: place, fields: decision)
        }
        try network.act(.forward, at: Network.village, on: place, target: Network.branch)
        try network.settle(rounds: 1)
        try network.act(.decide, at: Network.branch, on: place, fields: decision)
        try network.settle(rounds: 1)
        #expect(try network[Network.village].replica.read { try $0.serviceCases(limit: 1) }.first?.phase == .decided)
    }

    @Test func whatWasDecidedIsWrittenByTheDecisionAlone() throws {
        let network = try Network([Network.city, Network.county])
        let place = try network.accept(at: Network.county).creation
        for (field, own) in [
            (CaseField.decision, CaseAction.decide), (CaseField.evaluation, .evaluate),
            (CaseField.evaluationReason, .evaluate),
        ] {
            for action in [CaseAction.amend, .note, .settle] {
                #expect(throws: NodeError.ownField(field, of: own)) {
                    try network.act(action, at: Network.county, on: place, fields: [field: "granted"])
                }
            }
        }
    }

    @Test func theSameFileTwiceChangesNothingAndABadLineStandsAlone() throws {
        let network = try Network([Network.city])
        func line(_ number: Int, _ steps: [CaseAction]) -> CaseToImport {
            let promise = Promise(
                item: "1", itemName: "x", version: 1, department: "d", itemKind: "05", statutory: nil, promised: nil,
                instant: true)
            return CaseToImport(
                key: "line \(number)",
                acceptance: Acceptance(
                    promise: promise, route: [UnitCode(Network.city)!], fields: [CaseField.applicantName: "n\(number)"],
                    day: 1, actor: "a"),
                steps: steps.map { CaseStep($0, day: 2, actor: "a") })
        }
        let lines = [line(1, [.decide, .deliver]), line(2, [.deliver]), line(3, [])]
        func codes(_ results: [ImportedCase]) -> [String] {
            results.map {
                switch $0 {
                case .taken: "taken"
                case .unchanged: "unchanged"
                case .refused(let error): error.code
                }
            }
        }
        let node = network[Network.city]
        let refused = "case.impossible.void.wrongPhase"
        #expect(codes(try node.importCases(lines, now: network.now)) == ["taken", refused, "taken"])
        #expect(codes(try node.importCases(lines, now: network.now)) == ["unchanged", refused, "unchanged"])
        #expect(try node.replica.read { try $0.fingerprint(of: UnitCode(Network.city)!).changeSets } == 4)
        // The name of a draft that was accepted, or will be: the line would be taken for it, and forgotten like it.
        var draft = line(4, [])
        draft.key = "draft/one"
        #expect(codes(try node.importCases([draft], now: network.now)) == [NodeError.badInput("id").code])
    }

    @Test func aDatabaseFromABackupGoesOnAsANewIncarnation() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        try network.exchange(Network.county)
        try network[Network.county].replica.close()
        let file = network.directory(Network.county).replica.path
        try FileManager.default.copyItem(atPath: file, toPath: file + ".backup")
        try network.restart(Network.county)
        let second = try network.accept(at: Network.county, number: 2)
        try network.exchange(Network.county)
        let before = try network[Network.county].replica.read { try network[Network.county].author($0) }
        try network[Network.county].replica.close()
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file + suffix) }
        try FileManager.default.copyItem(atPath: file + ".backup", toPath: file)
        try network.restart(Network.county)
        let after = try network[Network.county].replica.read { try network[Network.county].author($0) }
        #expect(before != after)
        let third = try network.accept(at: Network.county, number: 3)
        #expect(third.receipt != second.receipt)
        try network.settle(rounds: 2)
        #expect(try network.fingerprints(of: Network.county, at: [Network.city, Network.county]).count == 1)
        let cases = try network[Network.county].replica.read { try $0.fingerprint(of: UnitCode(Network.county)!).cases }
        #expect(cases == 3)
    }
}
