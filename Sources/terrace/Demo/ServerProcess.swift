import Foundation
import ServiceModel
import Synchronization

/// A `terrace serve` of the demo's own: started from this very program, stopped by its own pid.
final class ServerProcess: Sendable {
    private struct Started {
        var processes: [Process] = []
        var isOver = false
    }

    private static let all = Mutex(Started())
    /// How long one may take to stop before it is killed, which costs nothing that was confirmed.
    private static let patience: TimeInterval = 10

    private let process: Process
    /// The port at which its children arrive.
    let port: Int
    /// Where its pages are.
    let pages: String

    /// Starts it and waits until it listens.
    /// - Throws: `DemoError.notStarted` with what it wrote.
    init(data: URL, arguments: [String] = []) throws {
        let log = data.appending(path: "serve.log")
        let process = try Self.make(["serve", "--data", data.path] + arguments)
        try Data().write(to: log)
        let handle = try FileHandle(forWritingTo: log)
        process.standardOutput = handle
        process.standardError = handle
        try Self.start(process)
        var port: Int?
        var pages: String?
        let until = Date().addingTimeInterval(20)
        while port == nil || pages == nil, process.isRunning, Date() < until {
            let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
            func last(_ words: String) -> String? {
                text.split(separator: "\n").first { $0.contains(words) }?.split(separator: " ").last.map(String.init)
            }
            port = last("listening on port").flatMap { Int($0) }
            pages = last("hall open at")
            if port == nil || pages == nil { Thread.sleep(forTimeInterval: 0.02) }
        }
        guard let port, let pages else {
            Self.stop(process)
            throw DemoError.notStarted((try? String(contentsOf: log, encoding: .utf8)) ?? log.path)
        }
        self.port = port
        self.pages = pages
        self.process = process
    }

    /// Known from its first moment: whoever stops all comes before it and it does not start, or finds it.
    private static func start(_ process: Process) throws {
        try all.withLock { all in
            guard !all.isOver else { throw CancellationError() }
            try process.run()
            all.processes.append(process)
        }
    }

    /// Whether everything was told to stop.
    static var isOver: Bool { all.withLock { $0.isOver } }

    /// Stops everything that was started by this program, for good.
    static func stopAll() {
        let processes = all.withLock { all in
            all.isOver = true
            return all.processes
        }
        for process in processes where process.isRunning { process.terminate() }
        for process in processes { stop(process) }
    }

    /// Tells it to stop and waits until it has.
    func stop() { Self.stop(process) }

    /// Tells it again and again: one that has only just been started does not listen to signals yet.
    private static func stop(_ process: Process) {
        let until = Date().addingTimeInterval(patience)
        while process.isRunning {
            if Date() < until { process.terminate() } else { kill(process.processIdentifier, SIGKILL) }
            for _ in 0..<25 where process.isRunning { Thread.sleep(forTimeInterval: 0.02) }
        }
    }

    /// Runs one command of this program to its end.
    /// - Returns: what it wrote.
    /// - Throws: `DemoError.failed` with its words when it ends with anything but 0.
    @discardableResult
    static func run(_ arguments: [String]) throws -> String {
        let process = try make(arguments)
        let output = Pipe(), errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        try start(process)
        defer { all.withLock { $0.processes.removeAll { $0 === process } } }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let problem = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw DemoError.failed(command: arguments.joined(separator: " "), text: problem + text)
        }
        return text
    }

    private static func make(_ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        return process
    }
}

/// Why the demo could not go on.
enum DemoError: CodedError, Equatable {
    case notStarted(String)
    case failed(command: String, text: String)
    /// Something did not happen within the time allowed.
    case late(String)
    /// The fixtures are not where the demo looks for them.
    case noFixtures(String)

    var code: String {
        switch self {
        case .notStarted: "demo.notStarted"
        case .failed: "demo.failed"
        case .late: "demo.late"
        case .noFixtures: "demo.noFixtures"
        }
    }

    var words: Words {
        switch self {
        case .notStarted(let log): Words("a node did not start:\n\(log)", "有节点未能启动：\n\(log)")
        case .failed(let command, let text):
            Words("`terrace \(command)` failed:\n\(text)", "terrace \(command) 失败：\n\(text)")
        case .late(let what): Words("waited in vain: \(what)", "未等到：\(what)")
        case .noFixtures(let path):
            Words(
                "no fixtures at \(path): run the demo in the project's folder, or give --fixtures",
                "\(path)处没有演示数据：请在项目目录中运行，或给出--fixtures")
        }
    }
}
