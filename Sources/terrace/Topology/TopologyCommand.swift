import ArgumentParser
import Foundation
import ServiceModel

/// `terrace topology`: files that say which units a network has.
struct TopologyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topology",
        abstract: "Check or make up the file that says which units a network has.",
        subcommands: [TopologyCheckCommand.self, TopologyImportCommand.self, TopologyGenerateCommand.self])
}

/// `terrace topology check`.
struct TopologyCheckCommand: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say everything that is wrong with a topology file.",
        discussion: "Ends with 0 when the file can be imported, else with 1.")

    /// Problems that the text form lists.
    private static let mostListed = 200

    @Argument(help: "A .yaml or .csv file.")
    var file: String

    @Option(help: "text or json.")
    var format = Format.text

    func run() throws {
        let report = TopologyReport(path: file)
        switch format {
        case .json: print(try report.json())
        case .text: print(report.text(mostListed: Self.mostListed))
        }
        if !report.problems.isEmpty { throw ExitCode.failure }
    }
}

/// `terrace topology generate`.
struct TopologyGenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Make up a city of a given size, with invented names.",
        discussion: "The same options give the same file.")

    @Option(help: "Branch centres of the city.")
    var branches = 7

    @Option(help: "Counties and districts.")
    var counties = 9

    @Option(help: "Towns and streets, over all counties.")
    var towns = 155

    @Option(help: "Villages and communities, over all towns.")
    var villages = 4000

    @Option(help: "Number from which the names and the spread are drawn.")
    var seed: UInt64

    @Option(help: "Code of the city; all other codes begin with it.")
    var rootCode: String

    @Option(help: "Name of the city.")
    var rootName = "云川市"

    @Option(help: "File to write; left out: standard output.")
    var output: String?

    func run() throws {
        let text = try yaml()
        guard let output else {
            print(text, terminator: "")
            return
        }
        try Data(text.utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
    }

    /// The file, with the options that made it on top.
    func yaml() throws -> String {
        let generator = try TopologyGenerator(
            branches: branches, counties: counties, towns: towns, villages: villages, rootCode: rootCode,
            rootName: rootName)
        if let wrong = TopologyPlan(rows: [
            TopologyPlan.Row(line: 1, code: rootCode, name: rootName, tier: TopologyPlan.defaultTiers[0], parent: nil)
        ]).check().first {
            throw ValidationError(wrong.detail)
        }
        var random = SplitMix64(seed: seed)
        return TopologyYAML.write(
            units: generator.units(using: &random),
            comment: [
                "Made up: the names below the city are invented, the codes only follow the pattern of division codes.",
                "terrace topology generate --branches \(branches) --counties \(counties) --towns \(towns)"
                    + " --villages \(villages) --seed \(seed) --root-code \(rootCode) --root-name \(rootName)",
            ])
    }
}
