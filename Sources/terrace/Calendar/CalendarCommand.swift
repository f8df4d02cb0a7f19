import ArgumentParser
import Foundation
import NodeServer
import ServiceModel
import SyncNode

/// `terrace calendar`.
struct CalendarCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calendar",
        abstract: "The working days that deadlines are counted by.",
        subcommands: [CalendarImportCommand.self])
}

/// `terrace calendar import`.
struct CalendarImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Publish the working days of whole years, at the root.",
        discussion: """
            The file lists holidays and worked weekend days (fixtures/calendars shows one). Each year becomes an
            entry of the charter and goes to every node; deadlines of cases are counted again where it arrives. The same
            file twice changes nothing. A year that is published again takes the place of what was there. Example:
              terrace calendar import --data city fixtures/calendars/cn-2025-2026.yaml
            """)

    @OptionGroup var node: NodeOptions

    @Argument(help: "A .yaml file.")
    var file: String

    @Option(help: "table or json.")
    var format = OutputFormat.table

    func run() throws {
        let bytes: [UInt8]
        do {
            bytes = try BoundedFile.bytes(path: file, limit: YAMLDocument.longestFile)
        } catch let error as CocoaError {
            throw NodeError.file(file, FileTrouble(error))
        }
        let years = try CalendarYAML.read(bytes).years()
        let (new, unchanged) = try node.open().importCalendar(years, now: SystemClock.now())
        struct Output: Encodable {
            let published: [Int]
            let unchanged: [Int]
        }
        switch format {
        case .json: try Output(published: new, unchanged: unchanged).printJSON()
        case .table:
            func list(_ years: [Int]) -> String {
                years.isEmpty ? "none" : years.map(String.init).joined(separator: " ")
            }
            print("published: \(list(new)); unchanged: \(list(unchanged))")
        }
    }
}
