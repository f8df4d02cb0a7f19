import ChangeSet
import Foundation
import ServiceModel
import Testing

@testable import Replica

/// Two machines that write under one author's name do not stop the links that pass both on.
@Suite struct ForkOnALinkTests {
    @Test func bothBranchesOfAForkTravelOn() throws {
        let town = try Town(["C", "K", "T"])
        try town["T"].accept("周一", number: 1)
        try town.send("T", "K", isBelow: false)
        try town.fork("T", as: "T2")
        try town["T"].accept("周二", number: 2)
        try town.send("T", "K", isBelow: false)
        try town["T2"].accept("周三", number: 3)
        try town.send("T2", "K", isBelow: false)
        // Each goes on from its own run, and neither knows of the other.
        try town["T"].accept("周四", number: 4)
        try town.send("T", "K", isBelow: false)
        try town["T2"].accept("周五", number: 5)
        try town.send("T2", "K", isBelow: false)
        #expect(try town["K"].fingerprint("T").cases == 5 - 2, "two places are written twice")
        try town.send("K", "C", isBelow: false)
        #expect(try town["C"].rows() == town["K"].rows())
        #expect(try town["C"].fingerprint("T") == town["K"].fingerprint("T"))
    }

    @Test func aConflictHasOneIdInWhateverOrderTheBranchesCame() throws {
        let town = try Town(["C", "K", "T"])
        try town.fork("T", as: "T2")
        let place = try town["T"].accept("吴一", number: 1)
        try town["T2"].accept("吴二", number: 2)
        try town.send("T", "K", isBelow: false)
        try town.send("T2", "K", isBelow: false)
        try town.send("T2", "C", isBelow: false)
        try town.send("T", "C", isBelow: false)
        let records = try ["C", "K"].map { try town[$0].record(place) }
        #expect(records.allSatisfy { $0.history.entries.count == 2 })
        #expect(Set(records.map { $0.history.entries[0].placed.leaf }).count == 2, "they came in two orders")
        #expect(Set(records.map { $0.acceptance?.placed.leaf }).count == 1)
    }
}
