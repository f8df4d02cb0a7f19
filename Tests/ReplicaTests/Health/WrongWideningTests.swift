import GRDB
import Testing

@testable import Replica

/// What is owed to a unit hangs on a number in a row; a disk that has changed it must not show a case to strangers.
@Suite struct WrongWideningTests {
    @Test(arguments: [0, 1]) func nobodyIsOwedWhatDoesNotConcernThem(again: Int) throws {
        let town = try Town()
        let handedOn = try town["V"].accept("孙一", route: ["T", "K"], number: 1)
        try town["W"].accept("孙二", route: ["T", "K"], number: 2)
        try town.settle()
        try town["K"].act(.forward, on: handedOn, target: "B")
        try town.send("K", "C", isBelow: false)
        let other = "(SELECT record FROM audience WHERE unit = 'W')"
        try town.change("C", "UPDATE widening SET record = \(other), again = \(again) WHERE unit = 'B'")
        #expect(town["C"].replica.db("SELECT count(*) FROM widening WHERE unit = 'B' AND record = \(other)") == 1)
        try town.settle()
        #expect(town["B"].replica.db("SELECT count(*) FROM audience WHERE unit = 'W'") == 0)
    }
}

extension Replica {
    fileprivate func db(_ sql: String) -> Int? { try? read { try Int.fetchOne($0.db, sql: sql) } }
}
