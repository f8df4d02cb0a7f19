import ArgumentParser
import Foundation
import NodeServer
import ServiceModel
import SyncNode

struct CatalogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catalog", abstract: "Publish and look up service items.", subcommands: [CatalogImportCommand.self])
}

struct CatalogImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "import", abstract: "Publish what a file lists.")

    @OptionGroup var node: NodeOptions

    @Argument var file: String

    func run() throws {
        let node = try node.open()
        let plan = CatalogImportPlan(existing: try node.published(), reading: try CatalogFile.read(path: file))
        let publisher = Publisher(actor: "cli", channel: .imported)
        try node.publish(plan.published, by: publisher, now: SystemClock.now())
        try node.revise(plan.revised, by: publisher, now: SystemClock.now())
        print("\(plan.published.count) published, \(plan.revised.count) revised")
    }
}
