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

    private func scrub(_ node: Town.Node) throws -> [Damage] {
        var scrub = Scrub(began: 0)
        var found: [Damage] = []
        while !scrub.isFinished { found += try scrub.step(node.replica, isSigned: { _ in true }) }
        return found
    }

    /// A digit of which a bit is another is no part of a unit's code any more; or it is, of another unit.
    @Test(arguments: ["!", "W"]) func oneThatNamesNoUnitHoldsNobodyUp(unit: String) throws {
        let town = try Town()
        let place = try town["V"].accept("孙一", route: ["T", "K"], number: 1)
        try town.settle()
        try town["K"].act(.forward, on: place, target: "B")
        try town.send("K", "C", isBelow: false)
        try town.change("C", "UPDATE widening SET unit = '\(unit)' WHERE unit = 'B'")
        // What comes behind it goes on.
        try town["V"].accept("孙二", route: ["T", "K", "C", "B"], number: 2)
        try town.settle()
        #expect(try count("service_case WHERE receipt = 'V-2'", at: town["B"]) == 1)
        #expect(
            try town["C"].replica.read { try $0.recordsOwedAgain(to: town["B"].unit, behind: 0, through: .max) } == [])
        let position = try town["C"].replica.read {
            try Int64.fetchOne($0.db, sql: "SELECT max(position) FROM widening")
        }
        let damage = Damage.widening(position: try #require(position))
        #expect(try scrub(town["C"]).contains(damage))
        var lives = 0
        let out = try town["C"].replica.takeOut(
            town["C"].replica.damage.notes, now: 7, isSigned: { _ in true }, seal: { _ in },
            goOn: { _, _ in lives += 1 })
        #expect(out.widenings == 1 && lives == 1 && out.runs.isEmpty)
        #expect(try count("vacated WHERE position = \(position ?? 0)", at: town["C"]) == 1)
        #expect(try scrub(town["C"]).isEmpty)
        #expect(try town["C"].replica.rebuild(keeping: false).allSatisfy(\.isSame))
        // Then a comparison tells that the branch lacks the case.
        let peer = try town["C"].replica.write { try $0.meet(unit: town["B"].unit, node: 1, incarnation: 1) }
        let common = try town["C"].replica.read { try $0.commonHoldings(with: peer, isBelow: true) }
        #expect(common.holdings.contains { $0.author == town["V"].author && $0.from == 1 })
    }

    private func count(_ sql: String, at node: Town.Node) throws -> Int {
        try node.replica.read { try Int.fetchOne($0.db, sql: "SELECT count(*) FROM \(sql)") ?? 0 }
    }
}
