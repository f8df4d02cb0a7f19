import ArgumentParser
import Foundation
import NodeServer
import Replica
import ServiceModel
import SyncNode

/// What a list of items is narrowed by.
struct CatalogFilterOptions: ParsableArguments {
    @OptionGroup var node: NodeOptions

    @Option(help: "Only those of this department.")
    var department: String?

    @Option(help: ArgumentHelp("Only those of this kind, by name or number.", valueName: "行政许可|01|…"))
    var kind: String?

    @Option(help: "Only those that this unit has published.")
    var owner: String?

    @Option(help: ArgumentHelp("Only those under which cases may be accepted on a day.", valueName: "yyyy-mm-dd|today"))
    var offeredOn: String?

    @Option(help: "Only those that this unit may accept.")
    var acceptedAt: String?

    @Option(help: "At most so many.")
    var limit = 10_000

    @Option(help: "table or json.")
    var format = OutputFormat.table

    /// Prints the items that pass.
    func list(matching text: String? = nil) throws {
        var filter = CatalogFilter()
        filter.text = text.map { SearchQuery($0) }
        filter.department = department
        filter.kind = try kind.map { text in
            guard let kind = ItemKind(named: text) else {
                throw NodeError.badInput(text, wanted: Words("a kind such as 行政许可 or 01", "事项类别，如行政许可或01"))
            }
            return kind
        }
        filter.owner = try owner.map(Self.unit)
        filter.offeredOn = try offeredOn.map { day in
            try CivilDay.parse(day == "today" ? nil : day, now: SystemClock.now())
        }
        filter.acceptedAt = try acceptedAt.map(Self.unit)
        filter.limit = limit
        let rows = try node.openToRead().replica.read { try $0.catalogItems(filter) }.map(CatalogLineOutput.init)
        switch format {
        case .json: try rows.printJSON()
        case .table: for row in rows { TextTable.show(row.text) }
        }
    }

    private static func unit(_ text: String) throws -> UnitCode {
        guard let unit = UnitCode(text) else { throw NodeError.unknownUnit(text) }
        return unit
    }
}

/// `terrace catalog list`.
struct CatalogListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the items that are held here, by code.",
        discussion: """
            Two units may publish one code: each item is listed with its owner. Ends with 0, also when none is. Example:
              terrace catalog list --kind 行政许可 --offered-on today
            """)

    @OptionGroup var filter: CatalogFilterOptions

    func run() throws { try filter.list() }
}

/// `terrace catalog search`.
struct CatalogSearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Find items by a few characters of name, alias, tag, occasion, department or code.",
        discussion: """
            All that is typed must be there, in any order; where nothing has it all, what has most of it is listed.
            The best comes first. Ends with 0, also when nothing is found. Example:
              terrace catalog search 营业执照 变更
            """)

    @OptionGroup var filter: CatalogFilterOptions

    @Argument(help: "For example 救助, or 营业执照 变更.")
    var text: [String]

    func run() throws { try filter.list(matching: text.joined(separator: " ")) }
}

/// `terrace catalog show`.
struct CatalogShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one item as a unit offers it, with its versions and overrides.",
        discussion: """
            Of several items of one code the one is shown whose owner is nearest above this unit; the others are
            named. Ends with 1 when there is none. Example:
              terrace catalog show 1137990200890101454371000121000
            """)

    @OptionGroup var node: NodeOptions

    @Argument(help: "Code of the item, or author/sequence of its record.")
    var item: String

    @Option(help: "Show it as this unit offers it; this node's own when left out.")
    var unit: String?

    @Option(help: ArgumentHelp("The day for which overrides count; today when left out.", valueName: "yyyy-mm-dd"))
    var day: String?

    @Option(help: "Show this version as it was published.")
    var version: UInt32?

    @Option(help: "table or json.")
    var format = OutputFormat.table

    func run() throws {
        let node = try node.openToRead()
        let day = try CivilDay.parse(day, now: SystemClock.now())
        var unit = node.name.unit
        if let text = self.unit {
            guard let code = UnitCode(text) else { throw NodeError.unknownUnit(text) }
            unit = code
        }
        let output = try node.replica.read { transaction in
            try CatalogItemOutput(
                typed: item, for: unit, on: day, version: version, tiers: node.genesis.tiers, transaction)
        }
        switch format {
        case .json: try output.printJSON()
        case .table: try write(output)
        }
    }

    private func write(_ output: CatalogItemOutput) throws {
        TextTable.show("record \(output.record), owner \(output.owner), version \(output.version)")
        TextTable.show(output.offeredBy.map { "as \($0) offers it" } ?? "as it is published")
        if let day = output.retiredFrom { TextTable.show("retired from \(day): \(output.retiredReason ?? "")") }
        for line in try output.item.prettyJSON().split(separator: "\n") { TextTable.show(String(line)) }
        for version in output.versions { TextTable.show("version \(version.version)  \(version.name)") }
        for override in output.overrides {
            let parts = [override.window, override.phone, override.hours, override.promised].map { $0 ?? "-" }
            let marks = [
                override.retiredFrom.map { "ended \($0)" }, override.counts ? nil : "does not count",
            ].compactMap { $0 }
            TextTable.show((["override by \(override.unit)"] + parts + marks).joined(separator: "  "))
        }
        for other in output.others { TextTable.show("also \(other)") }
    }
}
