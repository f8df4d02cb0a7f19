import ServiceModel
import Testing

@testable import Replica

/// The name of a line is told by telephone, and typed at the root a while later.
@Suite struct ForkNamesTests {
    /// Names of the lines by how many change sets each has.
    private func names(_ town: Town) throws -> [Int: String] {
        let branches = try town["K"].replica.read { try $0.forkEvidence() }.first?.branches ?? []
        #expect(Set(branches.map(\.name)).count == branches.count)
        return Dictionary(branches.map { ($0.changeSets, $0.name) }) { one, _ in one }
    }

    private func accept(_ count: Int, _ town: Town, at name: String, from number: Int) throws {
        for number in number..<number + count {
            try town[name].accept("\(name)\(number)", number: number)
            try town.send(name, "K", isBelow: false)
        }
    }

    @Test func aLineKeepsItsNameWhileItsMachineWorksOn() throws {
        let town = try Town(["C", "K", "T"])
        try accept(1, town, at: "T", from: 1)
        try town.fork("T", as: "T2")
        try accept(1, town, at: "T", from: 10)
        try accept(2, town, at: "T2", from: 20)
        let before = try names(town)
        #expect(before.keys.sorted() == [1, 2])
        try accept(3, town, at: "T", from: 11)
        let after = try names(town)
        #expect(after == [4: before[1], 2: before[2]])
    }

    /// A machine of the two is copied once more: what they have in common names neither, and the third keeps its name.
    @Test func linesThatPartAgainHaveNamesOfTheirOwn() throws {
        let town = try Town(["C", "K", "T"])
        try accept(1, town, at: "T", from: 1)
        try town.fork("T", as: "T2")
        try accept(1, town, at: "T", from: 10)
        try accept(5, town, at: "T2", from: 20)
        let before = try names(town)
        try town.fork("T", as: "T3")
        try accept(1, town, at: "T", from: 11)
        try accept(2, town, at: "T3", from: 30)
        let parted = try names(town)
        #expect(parted.keys.sorted() == [2, 3, 5] && parted[5] == before[5])
        #expect(!parted.values.contains { $0 == before[1] })
        try accept(2, town, at: "T", from: 12)
        try accept(3, town, at: "T3", from: 32)
        #expect(try names(town) == [4: parted[2], 6: parted[3], 5: before[5]])
    }
}
