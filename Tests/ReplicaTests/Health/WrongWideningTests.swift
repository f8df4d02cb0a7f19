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
        #expect(try count("widening WHERE unit = 'B' AND record = \(other)", at: town["C"]) == 1)
        try town.settle()
        #expect(try count("audience WHERE unit = 'W'", at: town["B"]) == 0)
    }

    private func count(_ sql: String, at node: Town.Node) throws -> Int {
        try node.replica.read { try Int.fetchOne($0.db, sql: "SELECT count(*) FROM \(sql)") ?? 0 }
    }
}
