import ArgumentParser

/// `terrace catalog`.
struct CatalogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catalog",
        abstract: "Publish and look up service items.",
        discussion: """
            An item belongs to the unit that published it, in versions; it goes to the units below and above that
            unit. Units below may set their own window, phone, hours and a shorter promise. Cases keep the version
            that they were accepted under. Exit codes: 0 done, 1 refused or a file that cannot be read, 64 wrong
            usage.
            """,
        subcommands: [
            CatalogImportCommand.self, CatalogListCommand.self, CatalogShowCommand.self, CatalogSearchCommand.self,
            CatalogPublishCommand.self, CatalogReviseCommand.self, CatalogRetireCommand.self,
            CatalogOverrideCommand.self,
        ])
}
