import ArgumentParser
import Foundation
import ServiceModel
import Simulator
import SyncNode

/// `terrace topology`: files that say which units a network has.
struct TopologyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topology",
        abstract: """
            Check or make up the file that says which units a network has; put units elsewhere; join the charter's \
            branches after a restore of the root.
            """,
        subcommands: [
            TopologyCheckCommand.self, TopologyImportCommand.self, TopologyMoveCommand.self,
            TopologyJoinCommand.self, TopologyGenerateCommand.self,
        ])
}

/// `terrace topology check`.
struct TopologyCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say everything that is wrong with a topology file.",
        discussion: """
            Ends with 0 when the file can be imported, else with 1. Example:
              terrace topology check topology/demo.yaml
            """)

    /// Problems that the table lists.
    private static let mostListed = 200

    @Argument(help: "A .yaml or .csv file.")
    var file: String

    @Option(help: "table or json.")
    var format = OutputFormat.table

    func run() throws {
        let report = TopologyReport(path: file)
        switch format {
        case .json: print(try report.json())
        case .table: print(report.text(mostListed: Self.mostListed))
        }
        if !report.problems.isEmpty { throw ExitCode.failure }
    }
}

/// `terrace topology generate`.
struct TopologyGenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Make up a city of a given size, with invented names.",
        discussion: """
            The same options give the same file. With --format json a summary is printed, and --output is needed for the
            file itself. Example:
              terrace topology generate --counties 2 --towns 10 --villages 80 --seed 7 --root-code 3799 --output x.yaml
            """)

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

    @Option(help: "table or json.")
    var format = OutputFormat.table

    func validate() throws {
        if format == .json, output == nil {
            throw ValidationError(Words("say with --output where the file is to go", "请用 --output 指明写到哪个文件"))
        }
    }

    func run() throws {
        let text = try yaml()
        guard let output else {
            print(text, terminator: "")
            return
        }
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
        } catch {
            throw NodeError.file(output, FileTrouble(error))
        }
        let report = TopologyReport(path: output)
        switch format {
        case .json: print(try report.json())
        case .table: print(report.text(mostListed: 0))
        }
    }

    /// The file, with the options that made it on top.
    func yaml() throws -> String {
        let generator = try TopologyGenerator(
            branches: branches, counties: counties, towns: towns, villages: villages, rootCode: rootCode,
            rootName: rootName)
        if let wrong = TopologyPlan(rows: [
            TopologyPlan.Row(line: 1, code: rootCode, name: rootName, tier: TopologyPlan.defaultTiers[0], parent: nil)
        ]).check().first {
            throw TopologyRejected(problems: [wrong])
        }
        var random = SeededGenerator(state: seed)
        return TopologyYAML.write(
            units: generator.units(using: &random),
            comment: [
                "Made up: the names below the city are invented, the codes only follow the pattern of division codes.",
                "terrace topology generate --branches \(branches) --counties \(counties) --towns \(towns)"
                    + " --villages \(villages) --seed \(seed) --root-code \(rootCode) --root-name \(rootName)",
            ])
    }
}
