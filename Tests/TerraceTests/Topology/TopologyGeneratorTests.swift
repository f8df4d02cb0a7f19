import Foundation
import ServiceModel
import Simulator
import Testing

@testable import terrace

struct TopologyGeneratorTests {
    private func units(
        _ branches: Int, _ counties: Int, _ towns: Int, _ villages: Int, seed: UInt64 = 1
    ) throws -> [UnitEntry] {
        var random = SeededGenerator(state: seed)
        return try TopologyGenerator(
            branches: branches, counties: counties, towns: towns, villages: villages, rootCode: "37",
            rootName: "云川市"
        ).units(using: &random)
    }

    private func plan(_ units: [UnitEntry]) throws -> TopologyPlan {
        try TopologyYAML.read(Array(TopologyYAML.write(units: units).utf8))
    }

    /// Bounds included.
    @Test(arguments: [
        (0, 0, 0, 0), (1, 1, 1, 1), (7, 9, 155, 4000), (96, 98, 98, 98), (0, 1, 600, 0), (0, 1, 1, 600),
        (0, 2, 1200, 5), (3, 5, 2, 7), (0, 33, 33, 19_800),
    ])
    func anySizeIsSound(branches: Int, counties: Int, towns: Int, villages: Int) throws {
        let units = try units(branches, counties, towns, villages)
        #expect(units.count { $0.kind == .branch } == branches)
        #expect(units.count { $0.tier == 1 } == branches + counties)
        #expect(units.count { $0.tier == 2 } == towns)
        #expect(units.count { $0.tier == 3 } == villages)
        let plan = try plan(units)
        #expect(plan.check() == [])
        #expect(try plan.units() == units.sorted { ($0.tier, $0.code) < ($1.tier, $1.code) })
        let siblings = Dictionary(grouping: units) { $0.parent }
        #expect(siblings.values.allSatisfy { Set($0.map(\.name)).count == $0.count })
    }

    @Test(arguments: [
        (97, 0, 0, 0), (0, 99, 0, 0), (0, 0, 1, 0), (0, 1, 601, 0), (0, 1, 0, 1), (0, 1, 1, 601), (-1, 0, 0, 0),
        (0, 98, 100, 19_900), (0, 1, .max, 0),
    ])
    func refusedSizes(branches: Int, counties: Int, towns: Int, villages: Int) {
        #expect { try units(branches, counties, towns, villages) } throws: { error in
            (error as? TopologyGeneratorError)?.code == "generate.size"
        }
    }

    @Test(arguments: ["", "37-1", "滨", String(repeating: "3", count: 25)])
    func refusedRootCodes(code: String) {
        #expect(throws: TopologyGeneratorError.rootCode(code)) {
            try TopologyGenerator(
                branches: 0, counties: 0, towns: 0, villages: 0, rootCode: code, rootName: "云川市")
        }
    }

    @Test func seedDecides() throws {
        #expect(try units(2, 3, 10, 50, seed: 5) == units(2, 3, 10, 50, seed: 5))
        #expect(try units(2, 3, 10, 50, seed: 5) != units(2, 3, 10, 50, seed: 6))
    }

    @Test func everyTownHasAVillageWhereThereAreEnough() throws {
        let units = try units(0, 9, 155, 4000)
        let parents = Set(units.compactMap(\.parent))
        #expect(units.filter { $0.tier < 3 }.allSatisfy { parents.contains($0.code) })
    }

    /// The first numbers of the published algorithm for seed 1234567.
    @Test func publishedVectors() {
        var random = SeededGenerator(state: 1_234_567)
        #expect(
            (0..<5).map { _ in random.next() } == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ])
    }

    /// The file in the project is what the command on its second line makes.
    @Test func binzhouIsAsGenerated() throws {
        let text = try String(contentsOfFile: ProjectFiles.path("topology/binzhou.yaml"), encoding: .utf8)
        let line = try #require(text.split(separator: "\n").dropFirst().first)
        let words = line.split(separator: " ").map(String.init)
        #expect(words.prefix(4) == ["#", "terrace", "topology", "generate"])
        let command = try TopologyGenerateCommand.parse(Array(words.dropFirst(4)))
        #expect(try command.yaml() == text)
        #expect((command.branches, command.counties, command.towns, command.villages) == (7, 9, 155, 4000))
        #expect(command.rootCode == "3716")
    }

    @Test func refusedNameOfTheRoot() throws {
        let command = try TopologyGenerateCommand.parse(["--seed", "1", "--root-code", "37", "--root-name", "a\nb"])
        #expect(throws: (any Error).self) { try command.yaml() }
    }
}
