import ArgumentParser
import NodeServer
import ServiceModel
import SyncNode

/// Which item a command changes, by whom.
struct CatalogItemOptions: ParsableArguments {
    @OptionGroup var node: NodeOptions

    @Argument(help: "Code of the item, or author/sequence of its record.")
    var item: String

    @Option(help: "Name of who does it.")
    var actor = "cli"

    @Option(help: "table or json.")
    var format = OutputFormat.table

    var reference: CatalogReference { CatalogReference(typed: item) }
    var publisher: Publisher { Publisher(actor: actor) }
}

/// `terrace catalog retire`.
struct CatalogRetireCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retire",
        abstract: "Offer an item no more from a day on.",
        discussion: """
            Only the unit that published it may. Cases that were accepted under it go on. `publish` brings it back
            as a new record. Ends with 1 when it is refused. Example:
              terrace catalog retire CODE --from 2027-01-01 --reason 事项取消
            """)

    @OptionGroup var on: CatalogItemOptions

    @Option(help: ArgumentHelp("First day without it; today when left out.", valueName: "yyyy-mm-dd"))
    var from: String?

    @Option(help: "Why, as citizens may read it.")
    var reason: String

    func run() throws {
        let node = try on.node.open()
        let now = SystemClock.now()
        let retirement = CatalogRetirement(reason: reason, from: try CivilDay.parse(from, now: now))
        try node.retire(on.reference, retirement, by: on.publisher, now: now)
        struct Output: Encodable {
            let item: String
            let retiredFrom: String
        }
        let day = CivilDay.text(retirement.from)
        switch on.format {
        case .json: try Output(item: on.item, retiredFrom: day).printJSON()
        case .table: print("retired from \(day) on")
        }
    }
}

/// `terrace catalog override`.
struct CatalogOverrideCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "override",
        abstract: "Set this unit's own window, phone, hours or shorter promise for an item from above.",
        discussion: """
            It holds for this unit and those below it. What is not named stays as this unit has set it; an empty
            text takes it back. Nothing else of an item can be changed from below, and a promise only made shorter.
            Ends with 1 when it is refused. Example:
              terrace catalog override CODE --window 3号窗口 --promised 3个工作日
            """)

    @OptionGroup var on: CatalogItemOptions

    @Option(help: "Window or counter.")
    var window: String?

    @Option(help: "Telephone number.")
    var phone: String?

    @Option(help: "Opening hours.")
    var hours: String?

    @Option(help: ArgumentHelp("Promised limit, for example 3个工作日.", valueName: "limit"))
    var promised: String?

    @Flag(help: "End this unit's override altogether, from today on.")
    var end = false

    func validate() throws {
        let isChange = [window, phone, hours, promised].contains { $0 != nil }
        guard end != isChange else {
            throw ValidationError(
                Words("name what this unit changes, or --end to take it all back", "请指明本单位改动什么，或用 --end 全部撤回"))
        }
    }

    func run() throws {
        let node = try on.node.open()
        let now = SystemClock.now()
        if end {
            try node.endOverride(
                of: on.reference, CatalogRetirement(reason: "", from: now.day), by: on.publisher, now: now)
            return try say(nil)
        }
        let standing = try node.ownOverride(of: on.reference, on: now.day)
        let place = ServicePlace(
            window: window ?? standing?.place.window ?? "", phone: phone ?? standing?.place.phone ?? "",
            hours: hours ?? standing?.place.hours ?? "")
        let limit = try promised.map { try LimitText.limit("promised", $0) } ?? standing?.promised
        try node.override(on.reference, place: place, promised: limit, by: on.publisher, now: now)
        try say(try node.offer(on.reference, on: now.day).item)
    }

    private struct Output: Encodable {
        let item: String
        var window: String?
        var phone: String?
        var hours: String?
        var promised: String?
        var isEnded = false
    }

    /// - Parameter offered: the item as it is offered now; nil when the override was ended.
    private func say(_ offered: CatalogItem?) throws {
        var output = Output(item: on.item, isEnded: offered == nil)
        if let offered {
            output.window = offered.place.window
            output.phone = offered.place.phone
            output.hours = offered.place.hours
            output.promised = offered.promised?.words
        }
        guard on.format == .table else { return try output.printJSON() }
        let parts = [output.window, output.phone, output.hours, output.promised]
        print(
            output.isEnded
                ? "ended" : parts.map { $0.flatMap { $0.isEmpty ? nil : $0 } ?? "-" }.joined(separator: "  "))
    }
}
