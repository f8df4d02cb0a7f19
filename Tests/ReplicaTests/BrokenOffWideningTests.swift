import ChangeSet
import GRDB
import ServiceModel
import Testing

@testable import Replica

/// A line is cut in the middle of what a widening owes, and that widening is gone when it goes on: how far it was sent
/// says nothing of the next one.
@Suite struct BrokenOffWideningTests {
    @Test func theNextOneIsSentFromItsBeginning() throws {
        let town = try Town()
        let early = try town["W"].accept("孙一", route: ["T", "K"], number: 1)
        try town.settle()
        let late = try town["V"].accept("孙二", route: ["T", "K"], number: 2)
        try town["V"].seal()
        for number in 1...3 {
            try town["V"].act(.note, on: late, writes: [CaseField.note + "\(number)": "x"])
            try town["V"].seal()
        }
        try town.settle()
        try town["K"].act(.forward, on: late, target: "B")
        try town.send("K", "C", isBelow: false)
        try town.send("C", "B", isBelow: true, budget: 1, most: 1)
        let peer = try town["B"].replica.write { try $0.meet(unit: town["C"].unit, node: 1, incarnation: 1) }
        let cursor = try town["B"].replica.read { try $0.cursors(peer, .casework).received }
        try #require(cursor.offset > 0)
        try town["C"].replica.write { try $0.dropWidenings("unit = 'B'") }
        try town["K"].act(.forward, on: early, target: "B")
        try town.send("K", "C", isBelow: false)
        try town.settle()
        let found = try town["B"].replica.read { try $0.serviceCase(receipt: "W-1") }
        #expect(found != nil)
    }
}
