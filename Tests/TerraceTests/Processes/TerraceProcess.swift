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

    static func run(_ words: String...) async throws -> Result { try await run(words) }

    /// - Parameters:
    ///   - program: instead of the built one, with `words` behind it: a shell that prepares the ground.
    ///   - language: of the person at the terminal.
    static func run(
        _ words: [String], by program: URL = program, language: String = "C.UTF-8"
    ) async throws -> Result {
        let (process, output, errors) = make(words, by: program, language: language)
        try process.run()
        async let text = Self.all(of: output)
        async let problem = Self.all(of: errors)
        let (said, complained) = await (text, problem)
        await Self.onThread { process.waitUntilExit() }
        return Result(status: process.terminationStatus, output: said, errors: complained)
    }

    /// Waits on a thread of its own: tests run on as few threads as there are cores, and a process takes its time.
    private static func onThread<T: Sendable>(_ wait: @escaping @Sendable () -> T) async -> T {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: wait()) }
        }
    }

    private static func all(of pipe: Pipe) async -> String {
        await onThread { String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) }
    }

    /// A server that is stopped when `body` has ended.
    static func serving<T>(_ words: [String], _ body: (_ port: Int) async throws -> T) async throws -> T {
        try await server(words, until: { $0.contains("listening on port") }) { text in
            let port = text.split(whereSeparator: \.isWhitespace).last.flatMap { Int($0) } ?? 0
            return try await body(port)
        }
    }

    /// A server that says in JSON where it listens, and where its hall is.
    static func servingJSON<T>(_ words: [String], _ body: ([[String: Any]]) async throws -> T) async throws -> T {
        try await server(words + ["--format", "json"], until: { $0.count(where: \.isNewline) >= 2 }) { text in
            let lines = text.split(separator: "\n").compactMap { line in
                try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            }
            return try await body(lines)
        }
    }

    private static func server<T>(
        _ words: [String], until isReady: @escaping @Sendable (String) -> Bool, _ body: (String) async throws -> T
    ) async throws -> T {
        let (process, output, _) = make(["serve"] + words)
        try process.run()
        let text = await onThread {
            var text = ""
            while !isReady(text), process.isRunning {
                text += String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
            }
            return text
        }
        let result: Swift.Result<T, any Error>
        do {
            result = .success(try await body(text))
        } catch {
            result = .failure(error)
        }
        process.terminate()
        await onThread { process.waitUntilExit() }
        return try result.get()
    }

    static func make(
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
    static func withCity<T>(
        in place: String? = nil, _ body: (_ data: String) async throws -> T
    ) async throws -> T {
        let folder = place.map { URL(filePath: $0) } ?? FileManager.default.temporaryDirectory
        let home = folder.appending(path: "terrace-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: home) }
        let data = home.appending(path: "city").path
        for words in [
            ["init", "--data", data, "--network", "滨湖市政务服务", "--unit", "3799", "--name", "滨湖市"],
            ["topology", "import", "--data", data, ProjectFiles.path("topology/demo.yaml")],
            ["catalog", "import", "--data", data, ProjectFiles.path("fixtures/catalog/items.json")],
        ] {
            try await succeed(words)
        }
        return try await body(data)
    }

    /// A city that serves, and a unit below it that has enrolled and has the catalog.
    struct Village {
        let city: String
        let data: String
        let port: Int
    }

    /// - Parameter place: where the city's directory is made; a temporary one when left out.
    static func withVillage<T>(
        cityIn place: String? = nil, unit: String = "379902", _ body: (Village) async throws -> T
    ) async throws -> T {
        let home = FileManager.default.temporaryDirectory.appending(path: "terrace-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: home) }
        return try await withCity(in: place) { city in
            try await serving(["--data", city, "--listen", "127.0.0.1:0"]) { port in
                let code = try await succeed(["enroll", "code", "--data", city, unit]).output
                let data = home.appending(path: unit).path
                try await succeed([
                    "enroll", "join", "--data", data, "--unit", unit, "--parent", "127.0.0.1:\(port)", "--code",
                    code.trimmingCharacters(in: .whitespacesAndNewlines),
                ])
                return try await body(Village(city: city, data: data, port: port))
            }
        }
    }

    @discardableResult
    static func succeed(_ words: [String]) async throws -> Result {
        let result = try await run(words)
        guard result.status == 0 else { throw Failure(words: words, text: result.errors + result.output) }
        return result
    }

    struct Failure: Error {
        let words: [String]
        let text: String
    }
}
