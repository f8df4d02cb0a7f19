import ArgumentParser

@main
struct Terrace: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "terrace",
        abstract: "A node of a city's government-service network.",
        subcommands: [TopologyCommand.self])
}
