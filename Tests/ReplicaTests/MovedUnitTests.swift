import ChangeSet
import Foundation
import ServiceModel
import Testing

@testable import Replica

/// A unit that was moved changes what may be seen, and not what was sent.
@Suite struct MovedUnitTests {
    private func move(_ town: Town, _ unit: String, under parent: String) throws {
        try town["C"].enter(
            .move(
                .with {
                    $0.unit = unit
                    $0.parent = parent
                }))
    }

    @Test(arguments: [1, 1 << 18])
    func whatWasPassedOverIsNotTakenForSent(budget: Int) throws {
        let town = try Town(["C", "B"])
        let first = try town["C"].accept("郑一", route: ["V"])
        try town.send("C", "B", isBelow: true)
        #expect(throws: ReplicaError.self) { try town["B"].record(first) }
        try move(town, "V", under: "B")
        let second = try town["C"].accept("郑二", route: ["B"], number: 2)
        // The run before the second one can be seen now, and the branch has it not.
        try town.send("C", "B", isBelow: true, budget: budget)
        for place in [first, second] { #expect(try town["B"].record(place).state == town["C"].record(place).state) }
        for name in ["B", "C"] { #expect(try town[name].replica.rebuild(keeping: false).allSatisfy(\.isSame)) }
    }

    @Test func aLongHistoryIsOwedPieceByPiece() throws {
        let town = try Town(["C", "B"])
        let places = try (1...20).map { try town["C"].accept("郑\($0)", route: ["V"], number: $0) }
        try town.send("C", "B", isBelow: true)
        try move(town, "V", under: "B")
        // Cut after any batch, it goes on where it was.
        var rows = try town["B"].rows()
        for _ in 0..<6 {
            try town.send("C", "B", isBelow: true, budget: 400, most: 1)
            let now = try town["B"].rows()
            #expect(now > rows)
            rows = now
        }
        try town.send("C", "B", isBelow: true, budget: 400)
        for place in places { #expect(try town["B"].record(place).history.entries.count == 1) }
        let taken = try town.send("C", "B", isBelow: true)
        #expect(taken == 0)
    }

    /// What was to come with the unit does not, when that has left again before it came.
    @Test func aCaseThatIsForwardedComesWholeThoughTheUnitHasLeftAgain() throws {
        let town = try Town(["C", "B"])
        let places = try (1...20).map { try town["C"].accept("郑\($0)", route: ["V"], number: $0) }
        try town.send("C", "B", isBelow: true)
        try town["C"].act(.forward, on: places[19], target: "B")
        try town["C"].seal()
        try move(town, "V", under: "B")
        try town.send("C", "B", isBelow: true, budget: 400, most: 3)
        try move(town, "V", under: "T")
        try town.send("C", "B", isBelow: true)
        #expect(try town["B"].record(places[19]).state == town["C"].record(places[19]).state)
        #expect(throws: ReplicaError.self) { try town["B"].record(places[18]) }
    }

    @Test func whatAMovedUnitWroteStillGoesUp() throws {
        let town = try Town(["C", "K", "T"])
        let place = try town["T"].accept("郑一")
        try town.send("T", "K", isBelow: false)
        // The county hears of the move before it has passed on what it was told.
        try move(town, "T", under: "B")
        try town.send("C", "K", isBelow: true, feeds: [.charter])
        try town.send("K", "C", isBelow: false)
        #expect(try town["C"].record(place).history.entries.count == 1)
    }
}
