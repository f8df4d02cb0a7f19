import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// At the counter of one of two machines under one name: the other one has given its cases the very numbers that come
/// next here, and its cases were here first.
@Suite struct ForkedCounterTests {
    private func acceptance(_ network: Network, _ applicant: String) -> Acceptance {
        Acceptance(
            promise: Promise(
                item: "1", itemName: "x", version: 1, department: "d", itemKind: "05", statutory: nil, promised: nil,
                instant: false),
            route: [UnitCode(Network.village)!], fields: [CaseField.applicantName: applicant], day: network.now.day,
            actor: "c01")
    }

    /// Whether the number was given twice, and the other case stands in the first row.
    private func isTwin(_ reference: CaseReference, _ network: Network) throws -> Bool {
        let first = try network[Network.village].replica.read { try $0.record(created: reference.creation) }
        return first != nil && first != reference.record
    }

    @Test func theSecondClickGivesTheReceiptOfTheOwnCase() throws {
        let network = try Network.overtaken()
        let node = network[Network.village]
        let first = try node.accept(draft: "a", acceptance(network, "吴一"), now: network.now)
        #expect(try isTwin(first, network))
        let again = try node.accept(draft: "a", acceptance(network, "吴一"), now: network.now)
        #expect(again == first)
        #expect(try node.receipt(ofDraft: "a") == first.receipt)
        let row = try node.replica.read { try $0.serviceCase(receipt: first.receipt) }
        #expect(row?.record == first.record && row?.applicant == "吴一")
    }

    @Test func theStepsOfAFileAreDoneToItsOwnCase() throws {
        let network = try Network.overtaken()
        let node = network[Network.village]
        var step = CaseStep(.note, day: network.now.day, actor: "c04")
        step.fields = [CaseField.note + "1": "x"]
        let outcome = try node.importCases(
            [CaseToImport(key: "1", acceptance: acceptance(network, "吴二"), steps: [step])], now: network.now)
        guard case .taken(let reference)? = outcome.first else {
            Issue.record("\(outcome)")
            return
        }
        #expect(try isTwin(reference, network))
        let (applicant, acts) = try node.replica.read { transaction in
            let row = try #require(try transaction.serviceCase(receipt: reference.receipt))
            return (row.applicant, try transaction.history(of: row.record).entries.count)
        }
        #expect(applicant == "吴二" && acts == 2)
    }
}
