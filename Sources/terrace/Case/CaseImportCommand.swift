import ArgumentParser
import Foundation
import NodeServer
import ServiceModel
import SyncNode

/// `terrace case import`.
struct CaseImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in cases from a file of JSON lines, each with what was done to it.",
        discussion: """
            A line: {"id": …, "item": …, "day": "yyyy-mm-dd", "actor": …, "channel": …, "fields": {…}, "materials": […],
            "actions": [{"action": "decide", "outcome": "granted", "day": …}, …]}. The id is the file's own name for the
            case: the same file twice changes nothing. A line that is refused leaves nothing of itself and is reported
            with its number, its code and the reason. With “-” the lines come from standard input. With --format json
            every line is answered by a line as soon as it is on disk. Ends with 0 when no line was refused, else
            with 1.
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
        if file == "-" {
            handle = .standardInput
        } else if let opened = FileHandle(forReadingAtPath: file) {
            handle = opened
        } else {
            throw NodeError.file(file, "cannot be read")
        }
        let node = try node.open()
        var reader = LineReader(handle, longest: CaseLine.longest)
        var counts: [String: Int] = [:]
        var waiting: [(line: Int, one: CaseToImport)] = []

        func tell(_ answer: Answer) throws {
            counts[answer.result, default: 0] += 1
            if format == .json {
                print(String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
                fflush(nil)
            } else if answer.result == "refused" {
                print("line \(answer.line): \(answer.code ?? ""): \(answer.reason ?? "")")
            }
        }
        func flush() throws {
            guard !waiting.isEmpty else { return }
            for (waited, result) in zip(waiting, try node.importCases(waiting.map(\.one), now: SystemClock.now())) {
                var answer = Answer(line: waited.line, id: waited.one.key, result: result.name)
                switch result {
                case .taken(let reference): answer.receipt = reference.receipt
                case .unchanged: break
                case .refused(let error): (answer.code, answer.reason) = (error.code, error.subject)
                }
                try tell(answer)
            }
            waiting = []
            if format == .table { progress(counts) }
        }

        while let line = try reader.next() {
            do {
                let one = try CaseLine(json: line).caseToImport(at: node, now: SystemClock.now())
                waiting.append((reader.number, one))
            } catch let error as any CodedError {
                try tell(
                    Answer(
                        line: reader.number, id: "", result: "refused", code: error.code, reason: error.subject))
            }
            if waiting.count >= min(max(group, 1), Node.casesPerImport) { try flush() }
        }
        try flush()
        if format == .table {
            let counted = ["taken", "unchanged", "refused"].map { "\(counts[$0] ?? 0) \($0)" }
            print(counted.joined(separator: ", "))
        }
        if counts["refused"] ?? 0 > 0 { throw ExitCode.failure }
    }

    private func progress(_ counts: [String: Int]) {
        guard isatty(STDERR_FILENO) == 1 else { return }
        FileHandle.standardError.write(Data("\r\(counts.values.reduce(0, +)) cases".utf8))
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
