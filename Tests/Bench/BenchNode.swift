import Foundation

/// `terrace` as a process of its own, at one unit of the town that is measured.
final class BenchNode {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// What `terrace sync` says of an exchange, in bytes of body before TLS.
    struct Exchange: Decodable {
        let sentBytes: Int
        let receivedBytes: Int
        let sentBatches: Int
        let roundTrips: Int

        var bytes: Int { sentBytes + receivedBytes }
    }

    let unit: String
    let data: URL
    private let program: URL
    private var server: Process?

    init(_ unit: String, in folder: URL, program: URL) {
        self.unit = unit
        self.program = program
        data = folder.appending(path: unit)
    }

    /// Runs a command to its end.
    /// - Returns: what it wrote, and the seconds that it took.
    @discardableResult
    func run(_ words: [String]) throws -> (text: String, seconds: Double) {
        let process = process(words)
        let output = Pipe()
        process.standardOutput = output
        var text = ""
        let seconds = try PlainFloor.measured {
            try process.run()
            text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
        }
        guard process.terminationStatus == 0 else {
            throw Failure(
                description: "ended with \(process.terminationStatus): terrace \(words.joined(separator: " "))")
        }
        return (text, seconds)
    }

    /// One exchange with the parent at that port.
    @discardableResult
    func sync(to port: Int) throws -> (exchange: Exchange, seconds: Double) {
        let (text, seconds) = try run(["sync", "--format", "json", "--uplink", "127.0.0.1:\(port)"])
        return (try JSONDecoder().decode(Exchange.self, from: Data(text.utf8)), seconds)
    }

    /// Starts the server.
    /// - Returns: the port, and the seconds until it listens.
    func serve(_ words: [String]) throws -> (port: Int, seconds: Double) {
        let process = process(["serve"] + words)
        let output = Pipe()
        process.standardOutput = output
        var text = ""
        let seconds = try PlainFloor.measured {
            try process.run()
            while !text.contains("listening on port"), !text.contains("hall open at"), process.isRunning {
                text += String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
            }
        }
        server = process
        guard process.isRunning else { throw Failure(description: "terrace serve ended: \(text)") }
        return (text.split { !$0.isNumber }.last.flatMap { Int($0) } ?? 0, seconds)
    }

    func stop() {
        server?.terminate()
        server?.waitUntilExit()
        server = nil
    }

    /// What the serving process takes of memory, in KiB: its own, and all that is resident.
    func memory() throws -> (own: Int, resident: Int) {
        guard let pid = server?.processIdentifier else { throw Failure(description: "\(unit) does not serve") }
        let text = try String(contentsOfFile: "/proc/\(pid)/smaps_rollup", encoding: .utf8)
        func sum(_ names: [String]) -> Int {
            text.split(separator: "\n").filter { line in names.contains { line.hasPrefix($0 + ":") } }
                .compactMap { $0.split(separator: " ").dropFirst().first.flatMap { Int($0) } }.reduce(0, +)
        }
        return (sum(["Private_Clean", "Private_Dirty"]), sum(["Rss"]))
    }

    var databaseBytes: Int {
        get throws { try PlainFloor.size(ofFile: data.appending(path: "replica.sqlite").path) }
    }

    private func process(_ words: [String]) -> Process {
        let process = Process()
        process.executableURL = program
        process.arguments = words + ["--data", data.path]
        process.standardInput = FileHandle.nullDevice
        return process
    }
}
