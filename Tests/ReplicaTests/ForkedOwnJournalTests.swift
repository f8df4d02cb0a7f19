import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Testing

@testable import Replica

/// One of two machines of a copied disk goes on writing while the other one's line comes in.
@Suite struct ForkedOwnJournalTests {
    /// It went on behind what the other one had sealed, which nothing contradicted, before it learned of the fork.
    @Test func whatWasWrittenBehindTheOtherLineIsSealed() throws {
        let town = try Town(["C", "K", "T"])
        try town["T"].accept("周一", number: 1)
        try town["T"].seal()
        try town.fork("T", as: "T2")
        try town["T2"].accept("周二", number: 2)
        try town["T2"].seal()
        try town.bring(from: "T2", to: "T", 2)
        #expect(try town["T"].accept("吴三", number: 3).sequence == 3)
        try town["T2"].accept("周三", number: 4)
        try town["T2"].seal()
        try town.bring(from: "T2", to: "T", 3)
        #expect(try town["T"].replica.read { try $0.forkEvidence() }.count == 1)
        try town["T"].seal()
        #expect(try town["T"].replica.read { try !$0.hasUnsealed(town["T"].author) })
        try town["T"].accept("吴四", number: 5)
        try town.send("T", "K", isBelow: false)
        #expect(try town.acts(at: "K") == ["周一": 1, "周二": 1, "周三": 1, "吴三": 1, "吴四": 1])
        let branches = try town["K"].replica.read { try $0.forkEvidence() }.first?.branches
        #expect(branches?.map(\.changeSets).sorted() == [1, 2])
    }

    /// It begins anew and leaves an open run behind, which contradicted the other line; then that run comes sealed: a
    /// copy of this disk had gone on with it.
    @Test func anOpenRunThatProvesAForkComesBackSealed() throws {
        let town = try Town(["C", "K", "T"])
        try town["T"].accept("周一", number: 1)
        try town["T"].seal()
        try town.fork("T", as: "T2")
        try town["T2"].accept("周二", number: 2)
        try town["T2"].seal()
        try town["T"].accept("吴二", number: 3)
        try town.fork("T", as: "T3")
        try town["T3"].seal()
        try town.bring(from: "T2", to: "T", 2)
        #expect(try town["T"].replica.read { try $0.forkEvidence() }.count == 1)
        try town.goOn("T")
        #expect(try town.acts(at: "T") == ["周一": 1, "周二": 1])
        try town.bring(from: "T3", to: "T", 2)
        #expect(try town.acts(at: "T") == ["周一": 1, "周二": 1, "吴二": 1])
        let evidence = try town["T"].replica.read { try $0.forkEvidence() }
        #expect(evidence.map { $0.branches.count } == [2])
        try town.expectDerived("T")
    }

    /// What names the creation of its case by distance, in a run before it, belongs to no case until it is sealed.
    @Test func whatIsSealedGoesToItsOwnCaseAtOnce() throws {
        let town = try Town(["C", "K", "T"])
        try town["T"].accept("周一", number: 1)
        try town["T"].seal()
        try town.fork("T", as: "T2")
        let places = try (2..<12).map { try town["T"].accept("吴\($0)", number: $0) }
        try town["T"].seal()
        for place in places { try town["T"].act(.note, on: place, writes: ["note.1": "记"]) }
        for number in 2..<12 { try town["T2"].accept("周\(number)", number: 20 + number) }
        try town["T2"].seal()
        try town.bring(from: "T2", to: "T", 2)
        let node = town["T"]
        try node.replica.write { transaction in
            try transaction.sealAndDerive(node.author, key: node.key, quoted: .none, time: node.time)
        }
        let acts = try town.acts(at: "T")
        #expect((2..<12).map { acts["吴\($0)"] } == Array(repeating: 2, count: 10))
        #expect((2..<12).map { acts["周\($0)"] } == Array(repeating: 1, count: 10))
        try town.expectDerived("T")
    }

    /// A seal has nothing to do with the cases that have no part in it.
    @Test func aSealDerivesOnlyWhatHasAPartInIt() throws {
        let town = try Town(["C", "K", "T"])
        try town["T"].accept("周一", number: 1)
        try town["T"].seal()
        try town.fork("T", as: "T2")
        for number in 2..<12 { try town["T"].accept("吴\(number)", number: number) }
        try town["T"].seal()
        for number in 2..<12 { try town["T2"].accept("周\(number)", number: 20 + number) }
        try town["T2"].seal()
        try town.bring(from: "T2", to: "T", 2)
        try town["T"].accept("吴", number: 50)
        try town.change(
            "T",
            """
            CREATE TABLE derived (record INTEGER) STRICT;
            CREATE TRIGGER note_derived AFTER INSERT ON service_case BEGIN
                INSERT INTO derived VALUES (new.record);
            END
            """)
        let node = town["T"]
        try node.replica.write { transaction in
            try transaction.sealAndDerive(node.author, key: node.key, quoted: .none, time: node.time)
        }
        #expect(try node.replica.read { try !$0.hasUnsealed(node.author) })
        #expect(try node.replica.read { try Int.fetchOne($0.db, sql: "SELECT count(*) FROM derived") } == 0)
    }
}
