import ArgumentParser
import Dispatch
import Foundation
import NodeServer
import ServiceModel
import SyncNode

/// `terrace demo`.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show the main job: a city, a branch, a county, a town and two villages as real processes.",
        discussion: """
            Six nodes are founded and enrolled in a new folder and serve on loopback, over mutual TLS. The story is
            told step by step with what was measured; every claim in it is checked. It then stays up until Ctrl-C. With
            --no-stay it ends after the story: with 0 when every check held, else with 1. Ctrl-C and SIGTERM stop all
            that it started, at any moment; then it ends with 130. Example:
              terrace demo --no-stay --cases 50
            """)

    @Flag(inversion: .prefixedNo, help: "Stay up after the story.")
    var stay = true

    @Option(help: ArgumentHelp("The project's folder, for topology and catalog.", valueName: "folder"))
    var fixtures = "."

    /// With fewer there is too little to send for the line to be cut in the middle of it; more would not end soon.
    static let possibleCases = 50...50_000

    @Option(help: "How many cases the village accepts while its line is cut, from 50 to 50000.")
    var cases = 200

    func validate() throws {
        guard Self.possibleCases.contains(cases) else {
            throw ValidationError(
                Words(
                    "--cases takes \(Self.possibleCases.lowerBound) to \(Self.possibleCases.upperBound)",
                    "--cases 可为\(Self.possibleCases.lowerBound)至\(Self.possibleCases.upperBound)"))
        }
    }

    func run() async throws {
        let fixtures = URL(filePath: fixtures, directoryHint: .isDirectory)
        guard FileManager.default.fileExists(atPath: fixtures.appending(path: "topology/demo.yaml").path) else {
            throw DemoError.noFixtures(fixtures.path)
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: "terrace-demo-\(UUID().uuidString)")
        let network = DemoNetwork(folder: folder)
        // Ctrl-C may come at any moment of the story: everything that was started goes, then this program.
        Interruption.listen {
            ServerProcess.stopAll()
            try? FileManager.default.removeItem(at: folder)
        }
        let story = DemoStory(network: network, fixtures: fixtures, cases: cases)
        do {
            try await story.tell()
            if stay, story.failures == 0 {
                story.showWhatStays()
                while true { try await Task.sleep(for: .seconds(3600)) }
            }
        } catch {
            // An interruption takes the servers away under the story, and ends the program by itself.
            while ServerProcess.isOver { try await Task.sleep(for: .seconds(1)) }
            await network.stop()
            try? FileManager.default.removeItem(at: folder)
            throw error
        }
        await network.stop()
        try? FileManager.default.removeItem(at: folder)
        if story.failures > 0 { throw ExitCode.failure }
    }
}
