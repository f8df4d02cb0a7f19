import ChangeSet
import ServiceModel
import Testing

@testable import Replica

/// A case whose acceptance came after the cut of its machine: the heir finds it, and decides.
@Suite struct ProposedCaseTests {
    private func found(_ node: Town.Node, _ typed: String) throws -> [String] {
        try node.replica.read { try $0.serviceCases(matching: SearchQuery(typed), limit: 9).map(\.applicant) }
    }

    private func proposed() throws -> (town: Town, place: Place, leaf: Leaf) {
        let town = try Town(["C", "K", "T"])
        let place = try town["T"].accept("钱一", route: ["T", "K"])
        let author = Author(id: town["T"].author, unit: UnitCode("T")!, enrollment: 1, depth: 0)
        try town["C"].enter(.cut(WireCut(Cut(author: author, through: 0, heir: UnitCode("K")))))
        try town.send("C", "K", isBelow: true, feeds: [.charter])
        try town.send("T", "K", isBelow: false, feeds: [.casework])
        let record = try town["K"].record(place)
        return (town, place, try #require(record.state.proposals.first))
    }

    @Test func itIsListedAndFoundByWhatItProposes() throws {
        let (town, place, leaf) = try proposed()
        let heir = town["K"]
        let row = try #require(try heir.replica.read { try $0.serviceCases(limit: 9) }.first)
        #expect(row.phase == nil && row.fields.isEmpty && row.requests == 1)
        #expect(row.applicant == "钱一")
        #expect(try found(heir, "钱一") == ["钱一"])
        try heir.act(.answer, on: place, admits: [leaf])
        #expect(try heir.record(place).state.phase == .accepted)
        #expect(try found(heir, "钱一") == ["钱一"])
        #expect(try heir.replica.rebuild(keeping: false).allSatisfy(\.isSame))
    }

    /// There is no case yet in which to answer: the acceptance goes on waiting, and with it whom it names.
    @Test func anAcceptanceIsNotDeclinedAlone() throws {
        let (town, place, leaf) = try proposed()
        let heir = town["K"]
        try heir.act(.answer, on: place, declines: [leaf])
        let state = try heir.record(place).state
        #expect(state.proposals == [leaf] && state.status.values.contains(.void(.wrongPhase)))
        #expect(try found(heir, "钱一") == ["钱一"])
        #expect(try heir.replica.rebuild(keeping: false).allSatisfy(\.isSame))
    }
}
