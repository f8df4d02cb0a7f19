import ArgumentParser
import Foundation
import NodeServer
import Replica
import ServiceModel
import SyncNode

/// `terrace case import`.
struct CaseImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in cases from a file of JSON lines, each with what was done to it.",
        discussion: """
            A line: {"id": …, "item": …, "day": "yyyy-mm-dd", "actor": …, "channel": …, "fields": {…}, "materials": […],
            "certificates": […], "actions": [{"action": "decide", "outcome": "granted", "day": …}, …]}. The id is the
            file's own name for the case: the same file twice changes nothing. A line that is refused, for a key that
            is not known too, leaves nothing of itself and is reported with its number, its code and the reason. With
            “-” the lines come from standard input. With --format json every line is answered by a line as soon as it
            is on disk; else progress goes to standard error. Ends with 0 when no line was refused, else with 1.
            Example:
              terrace case import --data village cases.jsonl
            """)

    @OptionGroup var node: NodeOptions

    @Argument(help: "A .jsonl file, or - for standard input.")
    var file: String

    @Option(help: "How many cases are written by one transaction.")
    var group = Node.casesPerImport

    @Option(help: "table or json.")
    var format = OutputFormat.table

    private struct Answer: Encodable {
        let line: Int
        let id: String
        let result: String
        var receipt: String?
        var code: String?
        var reason: String?
    }

    func run() throws {
        let handle: FileHandle
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: file, isDirectory: &isDirectory), isDirectory.boolValue {
            throw NodeError.file(file, FileTrouble(EISDIR))
        }
        do {
            handle = file == "-" ? .standardInput : try FileHandle(forReadingFrom: URL(filePath: file))
        } catch {
            throw NodeError.file(file, FileTrouble(error))
        }
        let node = try node.open()
        var reader = LineReader(handle, longest: CaseLine.longest)
        var counts: [String: Int] = [:]
        var progress = ImportProgress()
        var waiting: [(line: Int, one: CaseToImport)] = []

        func tell(_ answer: Answer) throws {
            counts[answer.result, default: 0] += 1
            if format == .table { progress.show(counts) }
            if format == .json {
                print(String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
                fflush(nil)
            } else if answer.result == "refused" {
                let line = Words("line \(answer.line)", "第\(answer.line)行")[.current]
                print("\(line): \(answer.code ?? ""): \(answer.reason ?? "")")
            }
        }
        func flush() throws {
            guard !waiting.isEmpty else { return }
            for (waited, result) in zip(waiting, try node.importCases(waiting.map(\.one), now: SystemClock.now())) {
                var answer = Answer(line: waited.line, id: waited.one.key, result: result.name)
                switch result {
                case .taken(let reference): answer.receipt = reference.receipt
                case .unchanged: break
                case .refused(let error):
                    (answer.code, answer.reason) = (error.code, ErrorText.words(error, in: .current))
                }
                try tell(answer)
            }
            waiting = []
        }

        while let line = try reader.next() {
            do {
                let one = try CaseLine(json: line).caseToImport(at: node, now: SystemClock.now())
                waiting.append((reader.number, one))
            } catch let error as ReplicaError {
                // It is the database that fails, and not the line.
                throw error
            } catch let error as any CodedError {
                try tell(
                    Answer(
                        line: reader.number, id: CaseLine.id(in: line) ?? "", result: "refused", code: error.code,
                        reason: ErrorText.words(error, in: .current)))
            }
            if waiting.count >= min(max(group, 1), Node.casesPerImport) { try flush() }
        }
        try flush()
        progress.end()
        if format == .table { print(ImportProgress.words(counts)[.current]) }
        if counts["refused"] ?? 0 > 0 { throw ExitCode.failure }
    }

}

/// How far an import is, on standard error: in place on a terminal, else a line now and then.
private struct ImportProgress {
    /// Lines of the file between two of the progress.
    private static let step = 1000

    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var hasShown = false

    mutating func show(_ counts: [String: Int]) {
        let lines = counts.values.reduce(0, +)
        guard lines % (isTerminal ? 16 : Self.step) == 0 else { return }
        hasShown = true
        let text = Words("\(lines) lines: ", "已读\(lines)行：") + Self.words(counts)
        FileHandle.standardError.write(Data((isTerminal ? "\r\(text[.current])" : "\(text[.current])\n").utf8))
    }

    func end() { if isTerminal, hasShown { FileHandle.standardError.write(Data("\n".utf8)) } }

    static func words(_ counts: [String: Int]) -> Words {
        let (taken, unchanged, refused) = (counts["taken"] ?? 0, counts["unchanged"] ?? 0, counts["refused"] ?? 0)
        return Words(
            "\(taken) taken, \(unchanged) unchanged, \(refused) refused", "收下\(taken)，不变\(unchanged)，拒绝\(refused)")
    }
}

extension ImportedCase {
    fileprivate var name: String {
        switch self {
        case .taken: "taken"
        case .unchanged: "unchanged"
        case .refused: "refused"
        }
    }
}
