import ArgumentParser
import Foundation
import NodeServer
import ServiceModel
import SyncNode

/// The command line. Exit codes: 0 done; 1 refused or found wrong, with a code and a reason on standard error; 64 the
/// words of the command are off.
@main
struct Terrace: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "terrace",
        abstract: "A node of a city's government-service network.",
        discussion: """
            Every node keeps its own replica, serves its counter with the line cut, and exchanges change sets with its
            parent and its children. Every command says more, with an example, with --help; results for programs come
            with --format json. Reasons come in Chinese where the first of LC_ALL, LC_MESSAGES and LANG that is set
            begins with zh, else in English.

            Exit codes: 0 done, 1 refused or found wrong (code and reason on standard error, or in the report), 64
            wrong usage.
            """,
        subcommands: [
            InitCommand.self, EnrollCommand.self, ServeCommand.self, SyncCommand.self, TopologyCommand.self,
            CatalogCommand.self, CaseCommand.self, VerifyCommand.self, NodeCommand.self, RebuildCommand.self,
            ScrubCommand.self, SalvageCommand.self, DoctorCommand.self, DemoCommand.self, CalendarCommand.self,
            StatsCommand.self, StatusCommand.self, BackupCommand.self, RestoreCommand.self, BundleCommand.self,
            RetireCommand.self, SimulateCommand.self, SwarmCommand.self, VersionCommand.self,
        ] + hunt)

    /// Only where bugs are planted.
    private static var hunt: [any ParsableCommand.Type] {
        #if PLANTED
            [HuntCommand.self]
        #else
            []
        #endif
    }

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let error as any CodedError {
            let text = ErrorText.text(error, in: .current)
            FileHandle.standardError.write(Data("terrace: \(text)\n".utf8))
            Foundation.exit(1)
        } catch {
            exit(withError: error)
        }
    }
}
