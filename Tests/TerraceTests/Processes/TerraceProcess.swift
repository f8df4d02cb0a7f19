import Foundation

/// The built program, run as a person would.
struct TerraceProcess {
    struct Result {
        let status: Int32
        let output: String
        let errors: String
    }

    /// Beside the test bundle.
    static let program = (Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0]))
        .resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "terrace")

    static func run(_ words: String...) throws -> Result { try run(words) }

    static func run(_ words: [String]) throws -> Result {
        let (process, output, errors) = make(words)
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let problem = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
            errors: String(decoding: problem, as: UTF8.self))
    }

    /// A server that is stopped when `body` has ended.
    static func serving<T>(_ words: [String], _ body: (_ port: Int) throws -> T) throws -> T {
        let (process, output, _) = make(["serve"] + words)
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        var text = ""
        while !text.contains("listening on port"), process.isRunning {
            text += String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        }
        let port = text.split(whereSeparator: \.isWhitespace).last.flatMap { Int($0) } ?? 0
        return try body(port)
    }

    static func make(_ words: [String]) -> (Process, output: Pipe, errors: Pipe) {
        let process = Process()
        process.executableURL = program
        process.arguments = words
        process.environment = ["LANG": "C.UTF-8"]
        process.standardInput = FileHandle.nullDevice
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        return (process, output, errors)
    }

    /// A founded city in a temporary folder with the demo's topology and catalog.
    static func withCity<T>(_ body: (_ data: String) throws -> T) throws -> T {
        let folder = FileManager.default.temporaryDirectory.appending(path: "terrace-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(try foundCity(in: folder))
    }

    /// - Returns: its data directory.
    static func foundCity(in folder: URL) throws -> String {
        let data = folder.appending(path: "city").path
        for words in [
            ["init", "--data", data, "--network", "滨湖市政务服务", "--unit", "3799", "--name", "滨湖市"],
            ["topology", "import", "--data", data, ProjectFiles.path("topology/demo.yaml")],
            ["catalog", "import", "--data", data, ProjectFiles.path("fixtures/catalog/items.json")],
        ] {
            let result = try run(words)
            guard result.status == 0 else { throw Failure(words: words, text: result.errors + result.output) }
        }
        return data
    }

    struct Failure: Error {
        let words: [String]
        let text: String
    }
}
