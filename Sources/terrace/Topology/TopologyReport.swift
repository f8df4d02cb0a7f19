import Foundation
import ServiceModel
import SyncNode

/// What there is to say about one topology file, for people and for programs.
struct TopologyReport: Encodable {
    /// One mistake. `line` is nil for the file as a whole.
    struct Problem: Encodable, Hashable {
        let code: String
        let line: Int?
        let unit: String?
        let message: String
    }

    let file: String
    /// Units in the file; 0 when it cannot be read.
    let units: Int
    /// Units by the name of their tier; only tiers that the file has.
    let tiers: [String: Int]
    let problems: [Problem]
    private let tierOrder: [String]
    private let language: Language

    private enum CodingKeys: String, CodingKey { case file, units, tiers, problems }

    /// Reads and checks the file; that it cannot be read is one of the problems.
    /// - Parameter language: of the messages.
    init(path: String, in language: Language = .current) {
        file = path
        self.language = language
        do {
            let plan = try TopologyFile.read(path: path)
            units = plan.rows.count
            tierOrder = plan.tiers
            tiers = Dictionary(grouping: plan.rows) { $0.tier }.filter { plan.tiers.contains($0.key) }
                .mapValues(\.count)
            problems = plan.check().map { Problem($0, in: language) }
        } catch {
            units = 0
            tierOrder = []
            tiers = [:]
            problems = Self.problems(of: error, path, in: language)
        }
    }

    private static func problems(of error: any Error, _ path: String, in language: Language) -> [Problem] {
        if let rejected = error as? TopologyRejected { return rejected.problems.map { Problem($0, in: language) } }
        let error = error as? any CodedError ?? TopologyFileError.unreadable(path, FileTrouble(error))
        let line = (error as? CSVError)?.line ?? (error as? YAMLFileError)?.line
        return [Problem(code: error.code, line: line, unit: nil, message: error.words[language])]
    }

    /// One line for each problem and one for the whole.
    func text(mostListed: Int) -> String {
        var lines = problems.prefix(mostListed).map { "\($0.code): \($0.message)" }
        let more = problems.count - mostListed
        if more > 0 { lines.append(Words("and \(more) more", "另有\(more)处")[language]) }
        if problems.isEmpty {
            let counts = tierOrder.compactMap { tier in tiers[tier].map { "\(tier) \($0)" } }.joined(separator: ", ")
            lines.append(
                Words(
                    "\(file): \(units) units (\(counts)), no problems",
                    "\(file)：\(units)个单位（\(counts)），没有问题")[language])
        } else {
            let count = problems.count
            lines.append(
                Words("\(file): \(count) \(count == 1 ? "problem" : "problems")", "\(file)：\(count)处问题")[language])
        }
        return lines.joined(separator: "\n")
    }

    /// The report as JSON with sorted keys.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension TopologyReport.Problem {
    fileprivate init(_ problem: TopologyProblem, in language: Language) {
        self.init(
            code: problem.kind.rawValue, line: problem.line, unit: problem.unit.isEmpty ? nil : problem.unit,
            message: problem.words[language])
    }
}
