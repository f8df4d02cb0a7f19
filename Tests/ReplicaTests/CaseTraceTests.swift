import ChangeSet
import ServiceModel
import Testing

@testable import Replica

/// A case's history is read from its beginning on, in whatever order it came.
@Suite struct CaseTraceTests {
    /// The same record where its change sets came in another order.
    private func arrived(
        _ record: CaseRecord, _ order: ([RecordHistory.Entry]) -> [RecordHistory.Entry]
    ) -> CaseRecord {
        var history = RecordHistory()
        for entry in order(record.history.entries) { history.append(entry) }
        return CaseRecord(
            row: record.row, creation: record.creation, history: history, positions: record.positions,
            state: record.state, fold: record.fold, authors: record.authors)
    }

    private func actions(_ record: CaseRecord, _ brackets: [Leaf: DateBracket] = [:]) -> [CaseAction] {
        record.trace(brackets).compactMap { CaseAction(kind: $0.changeSet.kind) }
    }

    /// As at a unit that was told of the case by what gave it the case.
    @Test func whatAnActBuildsUponStandsBeforeIt() throws {
        let town = try Town(["C", "K", "T"])
        let place = try town["T"].accept("孙一", route: ["T", "K"])
        for action in [CaseAction.amend, .note, .forward] {
            // A clock that is set back between them orders nothing.
            town["T"].time -= 3600
            try town["T"].act(action, on: place, target: action == .forward ? "K" : nil)
        }
        let record = try town["T"].record(place)
        let wanted: [CaseAction] = [.accept, .amend, .note, .forward]
        #expect(actions(record) == wanted)
        #expect(actions(arrived(record) { $0.reversed() }) == wanted)
        #expect(actions(arrived(record) { Array($0[2...] + $0[..<2]) }) == wanted)
    }

    @Test func whatIsNotOrderedByThatGoesByItsTime() throws {
        let town = try Town(["C", "K", "T"])
        let place = try town["T"].accept("孙一", route: ["T", "K"])
        try town.settle()
        let start = town["T"].time
        town["C"].time = start + 50
        try town["C"].act(.note, on: place, writes: ["note.a": "市里"])
        town["K"].time = start + 100
        try town["K"].act(.amend, on: place, writes: [CaseField.applicantPhone: "13911112222"])
        try town.settle()
        let record = try town["T"].record(place)
        let note = try #require(record.history.entries.first { $0.changeSet.kind == CaseAction.note.kind })
        let late = [note.placed.leaf.leaf: DateBracket(notBefore: start + 200, notAfter: nil)]
        for order in [record, arrived(record) { $0.reversed() }] {
            #expect(actions(order) == [.accept, .note, .amend])
            // What a clock says counts within what is proved of it.
            #expect(actions(order, late) == [.accept, .amend, .note])
        }
    }
}
