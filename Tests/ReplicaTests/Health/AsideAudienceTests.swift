import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Testing

@testable import Replica

/// Relaying waits for nothing that this program derives: a case that it cannot derive goes down to whom it concerns.
@Suite struct AsideAudienceTests {
    /// It has the name of its table: a definition of any other name is found to be damage.
    private static let poison = """
        CREATE TRIGGER service_case BEFORE INSERT ON service_case WHEN NEW.applicant LIKE '毒%'
        BEGIN SELECT RAISE(ABORT, 'poison'); END
        """
    private static let cure = "DROP TRIGGER service_case"

    private func aside(_ town: Town) throws -> Int {
        try town["T"].replica.read { try $0.countOfSetAsideRecords() }
    }

    /// For whom the town has what, and what it owes to whom.
    private func told(_ town: Town) throws -> [String] {
        try town["T"].replica.read { transaction in
            try String.fetchAll(
                transaction.db,
                sql: """
                    SELECT record || ' ' || unit || ' ' || since FROM audience
                    UNION ALL SELECT 'owed ' || position || ' ' || coalesce(record, moved) || ' ' || unit FROM widening
                    ORDER BY 1
                    """)
        }
    }

    private func scrub(_ node: Town.Node) throws -> [String] {
        var scrub = Scrub(began: 0)
        var found: [Damage] = []
        while !scrub.isFinished { found += try scrub.step(node.replica, isSigned: { _ in true }) }
        return found.map(\.code)
    }

    /// The town between the city and two villages never derives it, and tells each of them what a healthy one would.
    @Test func goesDownToEachUnitAsFromAHealthyNode() throws {
        let sick = try Town(["C", "K", "T", "V", "W"]), well = try Town(["C", "K", "T", "V", "W"])
        try sick.change("T", Self.poison)
        for town in [sick, well] {
            let place = try town["C"].accept("毒", route: ["V"])
            try town.settle()
            #expect(try town["V"].record(place).history.entries.count == 1)
            #expect(throws: ReplicaError.self) { try town["W"].record(place) }
            // The other village is owed what was sent past it.
            try town["C"].act(.forward, on: place, target: "W")
            try town.settle()
            for name in ["V", "W"] {
                #expect(try town[name].record(place).state == town["C"].record(place).state, "\(name)")
            }
        }
        let expected = try told(well)
        #expect(try aside(sick) == 1 && aside(well) == 0)
        #expect(try told(sick) == expected && expected.count { $0.hasPrefix("owed ") && $0.hasSuffix(" W") } == 1)
        for keeping in [false, true, false] {
            #expect(try sick["T"].replica.rebuild(keeping: keeping).allSatisfy(\.isSame), "\(keeping)")
        }
        #expect(try scrub(sick["T"]).isEmpty && told(sick) == expected)

        try sick.change("T", Self.cure)
        try sick.reopen("T", program: "later")
        #expect(try aside(sick) == 0 && told(sick) == expected)
        #expect(try sick["T"].replica.rebuild(keeping: false).allSatisfy(\.isSame))
        #expect(try scrub(sick["T"]).isEmpty)
    }

    /// A rebuild throws away what was derived of it, and finds that it cannot derive it any more.
    @Test func goesDownAfterARebuildThatCannotDeriveIt() throws {
        let town = try Town(["C", "K", "T", "V"])
        let place = try town["C"].accept("毒", route: ["V"])
        try town.settle()
        let before = try told(town)
        try town.change("T", Self.poison)
        _ = try town["T"].replica.rebuild(keeping: true)
        #expect(try aside(town) == 1 && told(town) == before)
        try town["C"].act(.note, on: place, writes: ["note.1": "好"])
        try town.settle()
        #expect(try town["V"].record(place).history.entries.count == 2)
    }

    /// What the disk changes of that is found and put right.
    @Test func aRowThatTheDiskHasTakenIsMissed() throws {
        let town = try Town(["C", "K", "T", "V"])
        try town.change("T", Self.poison)
        let place = try town["C"].accept("毒", route: ["V"])
        try town.settle()
        let before = try told(town)
        try town.change("T", "DELETE FROM audience WHERE unit = 'V'")
        #expect(try scrub(town["T"]) == ["damage.derived"])
        let replica = town["T"].replica
        let out = try replica.takeOut(
            replica.damage.notes, now: 7, isSigned: { _ in true }, seal: { _ in Issue.record("not its own") },
            goOn: { _, _ in })
        #expect(out.wasMisled && out.runs.isEmpty)
        #expect(try aside(town) == 1 && told(town) == before && scrub(town["T"]).isEmpty)
        try town["C"].act(.note, on: place, writes: ["note.1": "好"])
        try town.settle()
        #expect(try town["V"].record(place).history.entries.count == 2)
    }

    /// Of two cases with one number, one is told anew when they are told apart, and not again with all that comes.
    @Test func oneThatWasToldApartIsOwedAnewOnce() throws {
        let town = try Town(["C", "K", "T"])
        try town.fork("T", as: "T2")
        let place = try town["T"].accept("毒", number: 1)
        try town["T"].act(.forward, on: place, target: "V")
        try town["T2"].accept("吴二", number: 2)
        for name in ["T", "T2"] { try town[name].seal() }
        try town.bring(from: "T", to: "K")
        try town.change("K", Self.poison)
        try town.bring(from: "T2", to: "K")
        func owed() throws -> [Int64] {
            try town["K"].replica.read { transaction in
                try Int64.fetchAll(
                    transaction.db,
                    sql: """
                        SELECT position FROM widening WHERE again = 0 AND record = (SELECT record FROM set_aside)
                        ORDER BY position
                        """)
            }
        }
        let before = try owed()
        try town["T"].act(.note, on: place, writes: ["note.1": "好"])
        try town["T"].seal()
        try town.bring(from: "T", to: "K")
        #expect(try town["K"].replica.read { try $0.countOfSetAsideRecords() } == 1)
        #expect(try !before.isEmpty && owed() == before)
    }
}
