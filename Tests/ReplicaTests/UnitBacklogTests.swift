import ChangeSet
import Foundation
import ServiceModel
import Testing

@testable import Replica

/// What is in hand below a unit. Day 20000 is Friday 2024-10-04.
@Suite struct UnitBacklogTests {
    private static func promise(_ promised: TimeLimit?, _ statutory: TimeLimit?) -> Promise {
        Promise(
            item: "370100", itemName: "临时救助", version: 1, department: "民政局", itemKind: "05", statutory: statutory,
            promised: promised, instant: false)
    }

    @Test func whatIsOpenAndWhatIsOverdue() throws {
        let town = try Town(["C", "K", "T"])
        let five = TimeLimit(count: 5, unit: .workingDays), twenty = TimeLimit(count: 20, unit: .workingDays)
        let (county, village) = (town["K"], town["T"])
        let granted = [CaseField.decision: "granted"]
        // Due on Friday 11, day 20007.
        try county.accept("一", number: 1, promise: Self.promise(five, twenty))
        // Nothing was promised: due by law, on the same day, and on Friday 1 November.
        try village.accept("二", number: 2, promise: Self.promise(nil, five))
        try village.accept("三", number: 3, promise: Self.promise(nil, twenty))
        // No limit at all.
        try village.accept("四", number: 4, promise: Self.promise(nil, nil))
        // The clock stands still.
        let paused = try county.accept("五", number: 5, promise: Self.promise(five, twenty))
        try county.act(.correct, on: paused, day: 20_001)
        // Decided, and to be delivered yet.
        let decided = try county.accept("六", number: 6, promise: Self.promise(five, twenty))
        try county.act(.decide, on: decided, day: 20_003, writes: granted)
        let delivered = try county.accept("七", number: 7, promise: Self.promise(five, twenty))
        try county.act(.decide, on: delivered, day: 20_003, writes: granted)
        try county.act(.deliver, on: delivered, day: 20_004)
        let withdrawn = try county.accept("八", number: 8, promise: Self.promise(five, twenty))
        try county.act(.withdraw, on: withdrawn, day: 20_003)
        // In the hands of the city itself, which no unit below it has.
        let raised = try county.accept("九", route: ["K", "C"], number: 9, promise: Self.promise(five, twenty))
        try county.act(.forward, on: raised, day: 20_001, target: "C")
        try town.settle()

        func backlogs(_ node: String, below unit: String, _ today: Int32) throws -> [String: UnitBacklog] {
            let unit = try #require(UnitCode(unit))
            let found = try town[node].replica.read { try $0.backlogs(below: unit, on: today) }
            return Dictionary(found.map { ($0.key.text, $0.value) }, uniquingKeysWith: { $1 })
        }
        #expect(try backlogs("C", below: "C", 20_007) == ["K": UnitBacklog(open: 6, overdue: 0)])
        #expect(try backlogs("C", below: "C", 20_008) == ["K": UnitBacklog(open: 6, overdue: 2)])
        #expect(try backlogs("C", below: "C", 20_100) == ["K": UnitBacklog(open: 6, overdue: 3)])
        for node in ["C", "K"] {
            #expect(try backlogs(node, below: "K", 20_008) == ["T": UnitBacklog(open: 3, overdue: 1)])
        }
        #expect(try backlogs("T", below: "T", 20_008).isEmpty)
    }
}
