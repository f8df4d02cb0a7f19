import Foundation
import ServiceModel

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

    private enum CodingKeys: String, CodingKey { case file, units, tiers, problems }

    /// Reads and checks the file; that it cannot be read is one of the problems.
    init(path: String) {
        file = path
        do {
            let plan = try TopologyFile.read(path: path)
            units = plan.rows.count
            tierOrder = plan.tiers
            tiers = Dictionary(grouping: plan.rows) { $0.tier }.filter { plan.tiers.contains($0.key) }
                .mapValues(\.count)
            problems = plan.check().map { Problem($0) }
        } catch {
            units = 0
            tierOrder = []
            tiers = [:]
            problems = Self.problems(of: error)
        }
    }

    private static func problems(of error: any Error) -> [Problem] {
        switch error {
        case let error as TopologyRejected: error.problems.map { Problem($0) }
        case let error as CSVError: [Problem(code: error.code, line: error.line, unit: nil, message: "\(error)")]
        case let error as YAMLFileError: [Problem(code: error.code, line: error.line, unit: nil, message: "\(error)")]
        case let error as TopologyFileError: [Problem(code: error.code, line: nil, unit: nil, message: "\(error)")]
        default: [Problem(code: "topologyFile.unreadable", line: nil, unit: nil, message: "\(error)")]
        }
    }

    /// One line for each problem and one for the whole.
    func text(mostListed: Int) -> String {
        var lines = problems.prefix(mostListed).map(\.message)
        if problems.count > mostListed { lines.append("and \(problems.count - mostListed) more") }
        if problems.isEmpty {
            let counts = tierOrder.compactMap { tier in tiers[tier].map { "\(tier) \($0)" } }
            lines.append("\(file): \(units) units (\(counts.joined(separator: ", "))), no problems")
        } else {
            lines.append("\(file): \(problems.count) \(problems.count == 1 ? "problem" : "problems")")
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
    init(_ problem: TopologyProblem) {
        self.init(
            code: problem.kind.rawValue, line: problem.line, unit: problem.unit.isEmpty ? nil : problem.unit,
            message: "\(problem)")
    }
}
