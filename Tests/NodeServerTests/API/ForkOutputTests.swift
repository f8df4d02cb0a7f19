import ServiceModel
import Simulator
import Testing

@testable import NodeServer

/// How much of a line a cut would keep.
@Suite struct ForkOutputTests {
    private static let (city, town) = ("3799", "379902001")

    /// The root cannot be cut, so that both of its lines stand whole.
    @Test(arguments: [(town, 1), (city, 2)]) func aLineOfTheRootIsNotShortened(name: String, kept: Int) throws {
        let network = try SimulatedNetwork(
            units: [
                UnitEntry(code: UnitCode(Self.city)!, name: "市", tier: 0, parent: nil, kind: .centre),
                UnitEntry(code: UnitCode(Self.town)!, name: "镇", tier: 1, parent: UnitCode(Self.city), kind: .centre),
            ], tiers: ["city", "town"], nodes: [Self.town], seed: 7)
        func accept(_ numbers: ClosedRange<Int>) throws {
            let route = name == Self.city ? [Self.town] : []
            for number in numbers { try network.accept(at: name, number: number, route: route) }
        }
        try accept(1...1)
        try network.settle(rounds: 1)
        let copy = try network.clone(name)
        try accept(2...3)
        let original = try network.sit(name, at: copy)
        try accept(4...5)
        for machine in [original, copy, original, copy] {
            try network.sit(name, at: machine)
            try network.settle(rounds: 1)
        }
        let forks = try network[Self.city].replica.read { try ForkOutput.all($0, naming: 1) }
        #expect(forks.map(\.unit) == [name])
        #expect(forks.first?.branches.map(\.changeSets) == [2, 2])
        #expect(forks.first?.branches.map(\.kept) == [kept, kept])
    }
}
