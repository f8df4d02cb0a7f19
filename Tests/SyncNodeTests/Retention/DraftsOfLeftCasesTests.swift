import ChangeSet
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// What was taken in once stays known as long as somebody may send it again, though its case has left.
@Suite struct DraftsOfLeftCasesTests {
    private static let drafts = ["one", "two"]
    private static let line = "2026-000017"

    private func acceptance(_ network: Network, _ channel: Channel) -> Acceptance {
        var acceptance = Acceptance(
            promise: Promise(
                item: "1", itemName: "x", version: 1, department: "d", itemKind: "05", statutory: nil, promised: nil,
                instant: false),
            route: [Network.village, Network.county].map { UnitCode($0)! },
            fields: [CaseField.applicantName: "吴一"], day: network.now.day, actor: "c01")
        acceptance.channel = channel
        return acceptance
    }

    private func close(_ place: Place, _ network: Network) throws {
        try network.act(.forward, at: Network.village, on: place, target: Network.county)
        try network.settle(rounds: 1)
        try network.act(.decide, at: Network.county, on: place, fields: [CaseField.decision: "granted"])
        try network.act(.deliver, at: Network.county, on: place)
        try network.settle(rounds: 1)
    }

    /// - Returns: the case that it became; nil where it became one before.
    private func importLine(_ network: Network) throws -> CaseReference? {
        let one = CaseToImport(key: Self.line, acceptance: acceptance(network, .imported), steps: [])
        switch try network[Network.village].importCases([one], now: network.now)[0] {
        case .taken(let reference): return reference
        case .unchanged: return nil
        case .refused(let error): throw error
        }
    }

    private func accept(_ draft: String, _ network: Network) throws -> CaseReference {
        try network[Network.village].accept(draft: draft, acceptance(network, .counter), now: network.now)
    }

    /// Two cases that were drafts and one of a file have left the village.
    private func left() throws -> (network: Network, receipts: [String]) {
        let network = try Network.forgetful()
        var receipts: [String] = []
        for draft in Self.drafts {
            let reference = try accept(draft, network)
            receipts.append(reference.receipt)
            try close(reference.creation, network)
        }
        try close(#require(try importLine(network)).creation, network)
        _ = try network.closedCase(9)
        try network.backUpAll()
        #expect(try network.retire(at: Network.village).retired == 3)
        return (network, receipts)
    }

    private func cases(_ network: Network) throws -> Int {
        try network[Network.village].replica.read { try $0.caseCounts().all + $0.stubCounts().all }
    }

    @Test func aPageOfACaseThatHasLeftLeadsToItsReceipt() throws {
        let (network, receipts) = try left()
        let count = try cases(network), node = network[Network.village]
        for (draft, receipt) in zip(Self.drafts, receipts) {
            #expect(try node.receipt(ofDraft: draft) == receipt)
            #expect(try accept(draft, network).receipt == receipt)
        }
        #expect(try importLine(network) == nil)
        #expect(try cases(network) == count)
    }

    /// A draft is remembered for a year, a line of a file for good: next year's file may have it again.
    @Test func aDraftIsForgottenAYearAfterItsCaseWasAccepted() throws {
        let (network, receipts) = try left()
        let node = network[Network.village]
        network.pass(seconds: 360 * 86_400)
        try network.settle(rounds: 1)
        _ = try network.retire(at: Network.village)
        #expect(try node.receipt(ofDraft: Self.drafts[1]) == receipts[1])
        network.pass(seconds: 10 * 86_400)
        try network.settle(rounds: 1)
        #expect(try node.retire(onlyLooks: true, now: network.now).isFinished)
        #expect(try node.receipt(ofDraft: Self.drafts[1]) == receipts[1])
        _ = try network.retire(at: Network.village)
        for draft in Self.drafts { #expect(try node.receipt(ofDraft: draft) == nil) }
        #expect(try importLine(network) == nil)
    }
}
