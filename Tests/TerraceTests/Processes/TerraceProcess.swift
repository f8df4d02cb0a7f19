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

    /// - Parameters:
    ///   - program: instead of the built one, with `words` behind it: a shell that prepares the ground.
    ///   - language: of the person at the terminal.
    static func run(_ words: [String], by program: URL = program, language: String = "C.UTF-8") throws -> Result {
        let (process, output, errors) = make(words, by: program, language: language)
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

    /// A server that says in JSON where it listens, and hall and all.
    static func servingJSON<T>(_ words: [String], _ body: ([[String: Any]]) throws -> T) throws -> T {
        let (process, output, _) = make(["serve"] + words + ["--format", "json"])
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        var text = ""
        while text.count(where: \.isNewline) < 2, process.isRunning {
            text += String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        }
        let lines = text.split(separator: "\n").compactMap { line in
            try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        }
        return try body(lines)
    }

    private static func make(
        _ words: [String], by program: URL = program, language: String = "C.UTF-8"
    ) -> (Process, output: Pipe, errors: Pipe) {
        let process = Process()
        process.executableURL = program
        process.arguments = words
        process.environment = ["LANG": language, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
        process.standardInput = FileHandle.nullDevice
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        return (process, output, errors)
    }

    /// A founded city with the demo's topology and catalog.
    /// - Parameter place: a folder that is there; a temporary one when left out.
    static func withCity<T>(in place: String? = nil, _ body: (_ data: String) throws -> T) throws -> T {
        let folder = place.map { URL(filePath: $0) } ?? FileManager.default.temporaryDirectory
        let home = folder.appending(path: "terrace-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: home) }
        let data = home.appending(path: "city").path
        for words in [
            ["init", "--data", data, "--network", "滨湖市政务服务", "--unit", "3799", "--name", "滨湖市"],
            ["topology", "import", "--data", data, ProjectFiles.path("topology/demo.yaml")],
            ["catalog", "import", "--data", data, ProjectFiles.path("fixtures/catalog/items.json")],
        ] {
            try succeed(words)
        }
        return try body(data)
    }

    /// A city that serves, and a unit below it that has enrolled and has the catalog.
    struct Village {
        let city: String
        let data: String
        let port: Int
    }

    /// - Parameter place: where the city's directory is made; a temporary one when left out.
    static func withVillage<T>(
        cityIn place: String? = nil, unit: String = "379902", _ body: (Village) throws -> T
    ) throws -> T {
        let home = FileManager.default.temporaryDirectory.appending(path: "terrace-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: home) }
        return try withCity(in: place) { city in
            try serving(["--data", city, "--listen", "127.0.0.1:0"]) { port in
                let code = try succeed(["enroll", "code", "--data", city, unit]).output
                let data = home.appending(path: unit).path
                try succeed([
                    "enroll", "join", "--data", data, "--unit", unit, "--parent", "127.0.0.1:\(port)", "--code",
                    code.trimmingCharacters(in: .whitespacesAndNewlines),
                ])
                return try body(Village(city: city, data: data, port: port))
            }
        }
    }

    @discardableResult
    private static func succeed(_ words: [String]) throws -> Result {
        let result = try run(words)
        guard result.status == 0 else { throw Failure(words: words, text: result.errors + result.output) }
        return result
    }

    struct Failure: Error {
        let words: [String]
        let text: String
    }
}
