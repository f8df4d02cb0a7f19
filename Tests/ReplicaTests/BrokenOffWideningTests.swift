import ChangeSet
import GRDB
import ServiceModel
import Testing

@testable import Replica

/// A line is cut in the middle of what a widening owes. It goes on from there, whatever lies before that widening; and
/// where that one is gone meanwhile, how far it was sent says nothing of the next one.
@Suite struct BrokenOffWideningTests {
    /// A case of five change sets at C that come to concern B, of which nothing was sent there yet.
    private func late(_ town: Town) throws -> Place {
        let late = try town["V"].accept("孙二", route: ["T", "K"], number: 2)
        try town["V"].seal()
        try note(3, on: late, by: town["V"])
        try town.settle()
        return late
    }

    /// Each in a run of its own.
    private func note(_ count: Int, on place: Place, by node: Town.Node) throws {
        for number in 1...count {
            try node.act(.note, on: place, writes: [CaseField.note + "\(number)": "x"])
            try node.seal()
        }
    }

    /// The first of it alone goes, and the line is cut.
    private func breakOff(_ town: Town) throws -> JournalCursor {
        try town.send("C", "B", isBelow: true, budget: 1, most: 1)
        let peer = try town["B"].replica.write { try $0.meet(unit: town["C"].unit, node: 1, incarnation: 1) }
        let cursor = try town["B"].replica.read { try $0.cursors(peer, .casework).received }
        try #require(cursor.offset > 0)
        return cursor
    }

    /// All of it, in as many batches as there are change sets.
    @Test func theNextOneIsSentFromItsBeginning() throws {
        let town = try Town()
        let early = try town["W"].accept("孙一", route: ["T", "K"], number: 1)
        try town["W"].seal()
        try note(2, on: early, by: town["W"])
        try town.settle()
        let late = try late(town)
        try town["K"].act(.forward, on: late, target: "B")
        try town.send("K", "C", isBelow: false)
        _ = try breakOff(town)
        try town["C"].replica.write { try $0.dropWidenings("unit = 'B'") }
        try town["K"].act(.forward, on: early, target: "B")
        try town.send("K", "C", isBelow: false)
        try town.send("C", "B", isBelow: true, budget: 1)
        #expect(try town.acts(at: "B")["孙一"] == 4)
    }

    /// What concerns B and what does not came to C with what it is owed for, and the latter is there no more.
    @Test func aPlaceGivenUpBeforeItHoldsNothingUp() throws {
        let town = try Town()
        let late = try late(town)
        try town["K"].act(.forward, on: late, target: "B")
        try town["K"].seal()
        try town["K"].accept("钱", number: 3)
        try town.send("K", "C", isBelow: false)
        // What comes behind what is owed is the last that is looked at.
        try town["K"].accept("李", number: 4)
        try town.send("K", "C", isBelow: false)
        let cursor = try breakOff(town)
        let position = try town["C"].replica.write { transaction in
            let find = "SELECT position FROM journal JOIN service_case USING (record) WHERE receipt = 'K-3'"
            let position = try #require(try Int64.fetchOne(transaction.db, sql: find))
            try transaction.vacate(position)
            return position
        }
        // The cursor stands between it and what is owed, and is known there.
        #expect(cursor.position == position)
        #expect(try town["C"].replica.read { try $0.recognizes(cursor) && !$0.isRolledBack(behind: cursor) })
        try expectAllComes(town)
    }

    @Test func oneThatCannotBeReadHoldsNothingUp() throws {
        let town = try Town()
        let early = try town["W"].accept("孙一", route: ["T", "K"], number: 1)
        try town.settle()
        let late = try late(town)
        for place in [early, late] {
            try town["K"].act(.forward, on: place, target: "B")
            try town["K"].seal()
        }
        try town.send("K", "C", isBelow: false)
        let owed = "SELECT min(position) FROM widening WHERE unit = 'B'"
        try town.change("C", "UPDATE widening SET unit = '!' WHERE position = (\(owed))")
        #expect(try town["C"].replica.read { try Int64.fetchOne($0.db, sql: owed) } != nil)
        _ = try breakOff(town)
        try expectAllComes(town)
    }

    private func expectAllComes(_ town: Town) throws {
        try town.send("C", "B", isBelow: true, budget: 1)
        #expect(try town.acts(at: "B")["孙二"] == 5)
        // And what comes behind it.
        try town["V"].accept("周", route: ["T", "K", "C", "B"], number: 5)
        try town.settle()
        #expect(try town.acts(at: "B")["周"] == 1)
    }
}
