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

    /// What was noted, at C.
    private func takeOut(_ town: Town) throws -> (out: TakenOut, lives: Int) {
        var lives = 0
        let out = try town["C"].replica.takeOut(
            town["C"].replica.damage.notes, now: 7, isSigned: { _ in true }, seal: { _ in },
            goOn: { _, _ in lives += 1 })
        return (out, lives)
    }

    /// SQL that changes cells of what is owed to B, whatever their types: a table that is strict would not take them.
    private static func change(_ cells: String) -> String {
        """
        CREATE TEMP TABLE kept AS SELECT * FROM main.sqlite_master WHERE name = 'widening';
        PRAGMA writable_schema = ON;
        UPDATE main.sqlite_master SET sql = replace(sql, ') STRICT', ')') WHERE name = 'widening';
        PRAGMA writable_schema = RESET;
        UPDATE widening SET \(cells) WHERE unit = 'B';
        PRAGMA writable_schema = ON;
        UPDATE main.sqlite_master SET sql = (SELECT sql FROM temp.kept) WHERE name = 'widening';
        PRAGMA writable_schema = RESET;
        DROP TABLE temp.kept;
        """
    }

    /// A digit of which a bit is another is no part of a unit's code any more; or it is, of another unit.
    private static let changes = [
        "unit = '!'", "unit = 'W'", "record = 'x'", "record = record + 77", "record = NULL, moved = '!'",
        "record = NULL, moved = 'K'", "feed = 77", "feed = 'x'",
    ]

    @Test(arguments: changes) func oneThatCannotBeReadHoldsNobodyUp(change: String) throws {
        let town = try Town()
        let place = try town["V"].accept("孙一", route: ["T", "K"], number: 1)
        try town.settle()
        try town["K"].act(.forward, on: place, target: "B")
        try town.send("K", "C", isBelow: false)
        try town.change("C", Self.change(change))
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
        let (out, lives) = try takeOut(town)
        #expect(out.widenings == 1 && lives == 1 && out.runs.isEmpty)
        #expect(try count("vacated WHERE position = \(position ?? 0)", at: town["C"]) == 1)
        #expect(try scrub(town["C"]).isEmpty)
        #expect(try town["C"].replica.rebuild(keeping: false).allSatisfy(\.isSame))
        // Then a comparison tells that the branch lacks the case.
        let peer = try town["C"].replica.write { try $0.meet(unit: town["B"].unit, node: 1, incarnation: 1) }
        let common = try town["C"].replica.read { try $0.commonHoldings(with: peer, isBelow: true) }
        #expect(common.holdings.contains { $0.author == town["V"].author && $0.from == 1 })
    }

    // MARK: - Its digest

    /// At C something is owed to B, a case of C's own comes right behind it, which is sealed or is not, and a run of
    /// W's is damaged.
    private func beforeOwnCase(_ change: String, isSealed: Bool) throws -> (town: Town, position: Int64) {
        let town = try Town()
        let place = try town["V"].accept("孙一", route: ["T", "K"], number: 1)
        try town["W"].accept("孙二", route: ["T", "K"], number: 2)
        try town.settle()
        try town["K"].act(.forward, on: place, target: "B")
        try town.send("K", "C", isBelow: false)
        let position = try town["C"].replica.read { try $0.journalHead().position }
        #expect(try count("widening WHERE position = \(position)", at: town["C"]) == 1)
        try town["C"].accept("周", number: 3)
        if isSealed { try town["C"].seal() }
        let run = "(SELECT run.id FROM run JOIN author ON author.id = author WHERE unit = 'W' AND feed = 2)"
        try town.change("C", "\(Self.change(change)) UPDATE run SET packed = x'' WHERE id = \(run)")
        return (town, position)
    }

    private func rolling(_ town: Town, at position: Int64) throws -> UInt64? {
        try town["C"].replica.read { try $0.rolling(at: position) }
    }

    /// It must not keep what is damaged beside it from being taken out either.
    @Test(arguments: ["0.5", "'x'", "x'00'", "77"], [false, true])
    func oneThatIsNoDigestIsWrittenAgain(cell: String, isSealed: Bool) throws {
        let (town, position) = try beforeOwnCase("rolling = \(cell)", isSealed: isSealed)
        if isSealed {
            // What is owed is sent meanwhile.
            try town.send("C", "B", isBelow: true)
            #expect(try count("service_case WHERE receipt = 'V-1'", at: town["B"]) == 1)
            #expect(town["C"].replica.damage.notes.contains(.widening(position)) == (cell != "77"))
        }
        #expect(try scrub(town["C"]).contains(.widening(position: position)))
        let (out, lives) = try takeOut(town)
        #expect(out.mended > 0 && out.widenings == 0 && out.runs.count == 1 && lives == 1)
        let proper = try town["C"].replica.read { transaction in
            let before = try transaction.rolling(at: position - 1)
            return try transaction.content(ofWideningAt: position)?.rolling(behind: before ?? 0)
        }
        #expect(try rolling(town, at: position) == proper)
        try expectOwnCaseStays(town)
    }

    /// Neither can be read, and nothing tells what the digest was.
    @Test(arguments: [false, true]) func oneThatSaysNothingAnyMoreTakesNothingWithIt(isSealed: Bool) throws {
        let (town, position) = try beforeOwnCase("rolling = 0.5, unit = '!'", isSealed: isSealed)
        #expect(try scrub(town["C"]).contains(.widening(position: position)))
        let (out, lives) = try takeOut(town)
        #expect(out.widenings == 1 && out.runs.count == 1 && lives == 1)
        #expect(try count("widening WHERE position = \(position)", at: town["C"]) == 0)
        #expect(try count("vacated WHERE position = \(position)", at: town["C"]) == 0)
        try expectOwnCaseStays(town)
    }

    private func expectOwnCaseStays(_ town: Town) throws {
        #expect(try count("service_case WHERE receipt = 'C-3'", at: town["C"]) == 1)
        #expect(try count("service_case WHERE receipt = 'W-2'", at: town["C"]) == 0)
        #expect(try scrub(town["C"]).isEmpty)
        try town["C"].accept("李", number: 4)
        #expect(try count("service_case WHERE receipt = 'C-4'", at: town["C"]) == 1)
    }

    /// Where the order of arrival ends with it, what is written next goes on.
    @Test func whatIsWrittenBehindOneGoesOn() throws {
        let town = try Town()
        let place = try town["V"].accept("孙一", route: ["T", "K"], number: 1)
        try town.settle()
        try town["K"].act(.forward, on: place, target: "B")
        try town.send("K", "C", isBelow: false)
        try town.change("C", Self.change("rolling = 0.5"))
        try town["C"].accept("周", number: 3)
        #expect(try scrub(town["C"]).contains { if case .widening = $0 { true } else { false } })
        #expect(try takeOut(town).out.runs.isEmpty)
        #expect(try count("service_case WHERE receipt = 'C-3'", at: town["C"]) == 1)
        #expect(try scrub(town["C"]).isEmpty)
    }

    /// No change set stands behind the first, in which it would be found.
    @Test func oneBetweenOthersIsFoundByItself() throws {
        let town = try Town()
        let places = try [1, 2].map { try town["V"].accept("孙\($0)", route: ["T", "K"], number: $0) }
        try town.settle()
        for place in places { try town["K"].act(.forward, on: place, target: "B") }
        try town.send("K", "C", isBelow: false)
        let owed = try town["C"].replica.read {
            try Int64.fetchAll($0.db, sql: "SELECT position FROM widening ORDER BY position")
        }
        let first = try #require(owed.dropLast().last)
        try #require(owed.last == first + 1)
        let proper = try rolling(town, at: first)
        try town.change("C", "UPDATE widening SET rolling = rolling + 1 WHERE position = \(first)")
        #expect(try scrub(town["C"]).contains(.widening(position: first)))
        let (out, lives) = try takeOut(town)
        #expect(out.mended == 1 && out.widenings == 0 && lives == 0)
        #expect(try rolling(town, at: first) == proper)
        #expect(try scrub(town["C"]).isEmpty)
    }

    private func count(_ sql: String, at node: Town.Node) throws -> Int {
        try node.replica.read { try Int.fetchOne($0.db, sql: "SELECT count(*) FROM \(sql)") ?? 0 }
    }
}
