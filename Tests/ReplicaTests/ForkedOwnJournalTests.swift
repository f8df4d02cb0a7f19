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
}
