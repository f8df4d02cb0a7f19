import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Testing

@testable import Replica

/// Two cases under one number each keep the row that they have here, by which this node remembers what it took in.
@Suite struct TwinRowTests {
    /// K with two cases under the first number, the one of T first.
    private func twins() throws -> Town {
        let town = try Town(["C", "K", "T"])
        try town.fork("T", as: "T2")
        try town["T"].accept("吴一", number: 1)
        try town["T2"].accept("吴二", number: 2)
        for name in ["T", "T2"] {
            try town[name].seal()
            try town.bring(from: name, to: "K")
        }
        return town
    }

    private func rows(_ town: Town) throws -> [String: Int64] {
        try town["K"].replica.read { transaction in
            Dictionary(try transaction.serviceCases(limit: 9).map { ($0.applicant, $0.record) }) { one, _ in one }
        }
    }

    /// Takes the run out in which the case of T was created, as a disk that has changed it makes the node do.
    private func takeOut(_ town: Town) throws {
        let run = try town["K"].replica.read {
            try Int64.fetchOne($0.db, sql: "SELECT min(id) FROM run WHERE feed = 2")
        }
        try town.change("K", "UPDATE run SET packed = x'' WHERE id = \(try #require(run))")
        _ = try town["K"].replica.takeOut(
            [.run(#require(run))], now: 7, isSigned: { _ in true }, seal: { _ in }, goOn: { _, _ in })
        #expect(try town.acts(at: "K") == ["吴二": 1])
    }

    @Test func whatWasTakenOutComesBackToItsOwnRow() throws {
        let town = try twins()
        let before = try rows(town)
        #expect(before.count == 2)
        try takeOut(town)
        try town.bring(from: "T", to: "K")
        #expect(try rows(town) == before)
        try town.expectDerived("K")
        _ = try town["K"].replica.rebuild(keeping: true)
        #expect(try rows(town) == before)
    }

    /// The other case is gone, and with it the proof that there were two.
    @Test func whatComesOfTheOneThatIsLeftBelongsToIt() throws {
        let town = try twins()
        try takeOut(town)
        #expect(try town["K"].replica.read { try $0.forkEvidence() }.isEmpty)
        try town["T2"].act(.note, on: Place(author: town["T2"].author, feed: .casework, sequence: 1))
        try town["T2"].seal()
        try town.bring(from: "T2", to: "K")
        #expect(try town.acts(at: "K") == ["吴二": 2])
        try town.expectDerived("K")
    }

    /// One of the two was never sealed, and its machine goes on under another name.
    @Test func whatIsLeftBehindIsNoCaseBesideTheOther() throws {
        let town = try Town(["C", "K", "T"])
        try town["T"].accept("周一", number: 1)
        try town["T"].seal()
        try town.fork("T", as: "T2")
        try town["T"].accept("吴一", number: 2)
        let place = try town["T2"].accept("吴二", number: 3)
        try town["T2"].seal()
        try town.bring(from: "T2", to: "T", 2)
        #expect(try town.acts(at: "T") == ["周一": 1, "吴一": 1, "吴二": 1])
        try town.goOn("T")
        try town["T2"].act(.note, on: place)
        try town["T2"].seal()
        try town.bring(from: "T2", to: "T", 3)
        #expect(try town.acts(at: "T") == ["周一": 1, "吴二": 2])
        try town.expectDerived("T")
    }

    /// The row that told which of the two it was is missing.
    @Test func whatIsLostIsNotNamedAfterTheOther() throws {
        let town = try Town(["C", "K", "T"])
        try town["T"].accept("周一", number: 1)
        try town["T"].seal()
        try town.fork("T", as: "T2")
        for number in 2...3 { try town["T"].accept("吴一", number: number) }
        try town["T2"].accept("吴二", number: 4)
        try town["T2"].seal()
        try town.bring(from: "T2", to: "T", 2)
        let find = "SELECT id FROM run WHERE feed = 2 AND signature IS NULL"
        let open = try #require(try town["T"].replica.read { try Int64.fetchOne($0.db, sql: find) })
        try town.change("T", "DELETE FROM journal WHERE run = \(open) AND offset = 0")
        let out = try town["T"].replica.takeOut(
            [.run(open)], now: 7, isSigned: { _ in true }, seal: { _ in }, goOn: { _, _ in })
        let said = out.lost.flatMap(\.said)
        #expect(said.map(\.sequence) == [2] && said.allSatisfy { $0.receipt == nil && $0.applicant == nil })
    }

    /// The disk has put an act under the other case, and it is put back without another life of the database.
    @Test func whatIsPutBackToItsCaseIsOwedAsBefore() throws {
        let town = try twins()
        let place = Place(author: town["T"].author, feed: .casework, sequence: 1)
        try town["T"].act(.forward, on: place, target: "V")
        try town["T"].seal()
        try town.bring(from: "T", to: "K", 2)
        let rows = try rows(town)
        let one = try #require(rows["吴一"]), two = try #require(rows["吴二"])
        func owed() throws -> Int {
            try town["K"].replica.read { transaction in
                let find = "SELECT count(*) FROM widening WHERE record = ? AND unit = 'V' AND again = 0"
                return try Int.fetchOne(transaction.db, sql: find, arguments: [one]) ?? 0
            }
        }
        #expect(try owed() == 1)
        let last = "(SELECT max(position) FROM journal WHERE record = \(one))"
        try town.change("K", "UPDATE journal SET record = \(two) WHERE position = \(last)")
        #expect(try town.acts(at: "K") == ["吴一": 1, "吴二": 2])
        let out = try town["K"].replica.takeOut(
            [.record(one), .record(two)], now: 7, isSigned: { _ in true }, seal: { _ in },
            goOn: { _, _ in })
        #expect(out.wasMisled && out.runs.isEmpty)
        #expect(try town.acts(at: "K") == ["吴一": 2, "吴二": 1])
        #expect(try owed() == 1)
        try town.expectDerived("K")
    }

    /// What is derived of the first case fails just when the second one is told apart from it.
    @Test func whoIsToldOfACaseStaysWhenItIsSetAside() throws {
        let town = try Town(["C", "K", "T"])
        try town.fork("T", as: "T2")
        let place = try town["T"].accept("毒", number: 1)
        try town["T"].act(.forward, on: place, target: "V")
        try town["T2"].accept("吴二", number: 2)
        for name in ["T", "T2"] { try town[name].seal() }
        try town.bring(from: "T", to: "K")
        func units() throws -> Set<String> {
            try town["K"].replica.read { transaction in
                let find = "SELECT unit FROM audience WHERE record = (SELECT min(id) FROM record)"
                return try String.fetchSet(transaction.db, sql: find)
            }
        }
        let before = try units()
        #expect(before.contains("V"))
        try town.change(
            "K",
            """
            CREATE TRIGGER poison BEFORE INSERT ON service_case WHEN NEW.applicant = '毒'
            BEGIN SELECT RAISE(ABORT, 'poison'); END
            """)
        try town.bring(from: "T2", to: "K")
        #expect(try town["K"].replica.read { try $0.setAsideRecords() }.count == 1)
        #expect(try units() == before)
        try town.change("K", "DROP TRIGGER poison")
        try town["T"].act(.note, on: place, writes: ["note.1": "好"])
        try town["T"].seal()
        try town.bring(from: "T", to: "K")
        #expect(try town["K"].replica.read { try $0.setAsideRecords() }.isEmpty)
        #expect(try units() == before)
        #expect(try town.acts(at: "K") == ["毒": 3, "吴二": 1])
        try town.expectDerived("K")
    }
}
