import ArgumentParser
import Foundation
import NodeServer
import ServiceModel
import SyncNode

/// A file of items on its way into the catalog.
struct CatalogFileOptions: ParsableArguments {
    @OptionGroup var node: NodeOptions

    @Argument(help: "A JSON array of items, or a table with a header line (.csv).")
    var file: String

    @Option(help: "Name of who does it.")
    var actor = "cli"

    @Option(help: "table or json.")
    var format = OutputFormat.table

    /// Refusals that the table lists.
    private static let mostListed = 200

    /// Writes what the plan says and reports it.
    /// - Parameter change: what of the plan is wanted.
    func take(bringingBack: Bool = false, _ change: (CatalogImportPlan) -> CatalogImportPlan) throws {
        let node = try node.open()
        let reading = try CatalogFile.read(naming: file, tiers: TierNames(node.genesis.tiers))
        let retired = bringingBack ? [:] : try node.retired()
        let plan = change(CatalogImportPlan(existing: try node.published(), retired: retired, reading: reading))
        let publisher = Publisher(actor: actor, channel: .imported)
        let now = SystemClock.now()
        try node.publish(plan.published, by: publisher, now: now)
        try node.revise(plan.revised, by: publisher, now: now)
        let report = CatalogReport(plan)
        print(format == .json ? try report.json() : report.text(mostListed: Self.mostListed))
    }
}

extension CatalogFile {
    /// - Throws: `NodeError.file` when it cannot be read, and what `read` throws.
    fileprivate static func read(naming path: String, tiers: TierNames) throws -> CatalogReading {
        do {
            return try read(path: path, tiers: tiers)
        } catch let error as any CodedError {
            throw error
        } catch {
            throw NodeError.file(path, FileTrouble(error))
        }
    }
}

/// `terrace catalog import`.
struct CatalogImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Publish what a file lists, and revise what it lists otherwise.",
        discussion: """
            Items of this unit that are new are published, those that differ become the next version, those that are
            alike stay; what the file does not name stays too. What a table has no column for is kept. An entry that
            cannot be taken is reported with its line, its code and the reason, and the others are taken all the
            same: this ends with 0. A file that cannot be read as a whole ends with 1 and changes nothing. The same
            file twice changes nothing. Example:
              terrace catalog import --data city fixtures/catalog/items.json
            """)

    @OptionGroup var options: CatalogFileOptions

    func run() throws { try options.take { $0 } }
}

/// `terrace catalog publish`.
struct CatalogPublishCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish new items from a file; also brings back those that were retired.",
        discussion: """
            Codes that this unit has published already are refused, with line, code and reason; the others are
            taken: this ends with 0. A file that cannot be read as a whole ends with 1. Example:
              terrace catalog publish new-items.csv
            """)

    @OptionGroup var options: CatalogFileOptions

    func run() throws { try options.take(bringingBack: true) { $0.publishing } }
}

/// `terrace catalog revise`.
struct CatalogReviseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revise",
        abstract: "Publish the next version of items of this unit, with the content that a file gives them.",
        discussion: """
            Codes that this unit has not published are refused, with line, code and reason; the others are taken:
            this ends with 0. A file that cannot be read as a whole ends with 1. Example:
              terrace catalog revise items.csv --format json
            """)

    @OptionGroup var options: CatalogFileOptions

    func run() throws { try options.take { $0.revising } }
}
