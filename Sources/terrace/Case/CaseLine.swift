import ChangeSet
import Foundation
import Replica
import ServiceModel
import SyncNode

/// One line of a case file: a case with what was done to it.
///
///     {"id": "2026-17", "item": "370105001", "day": "2026-03-02", "actor": "c01",
///      "fields": {"applicant.name": "王小明", "form.reason": "医疗"}, "materials": ["id-card"],
///      "actions": [{"action": "decide", "outcome": "granted", "day": "2026-03-04", "actor": "c07"}]}
struct CaseLine: Decodable {
    struct Step: Decodable {
        var action: String
        var day: String?
        var actor: String?
        var text: String?
        var outcome: String?
        var target: String?
        var level: String?
        var missing: [String]?
        var fields: [String: String]?
    }

    /// The file's own name for the case; the same one is taken in once.
    var id: String
    var item: String
    var day: String?
    var actor: String?
    var channel: String?
    var onBehalf: String?
    var fields: [String: String]?
    var materials: [String]?
    /// Day by which the materials follow that may.
    var deferredUntil: String?
    var actions: [Step]?

    /// Longest line, in bytes.
    static let longest = 256 * 1024
    /// Most actions of one line.
    static let mostActions = 64

    /// - Throws: `CaseLineError`.
    init(json: Data) throws {
        guard json.count <= Self.longest else { throw CaseLineError.tooLong(json.count) }
        do {
            self = try JSONDecoder().decode(CaseLine.self, from: json)
        } catch let error as DecodingError {
            throw CaseLineError.malformed(Self.explain(error))
        }
        guard (actions ?? []).count <= Self.mostActions else { throw CaseLineError.tooManyActions }
    }

    /// What the node is to take in.
    /// - Throws: `CaseLineError`, and why the item cannot be accepted here.
    func caseToImport(at node: Node, now: Moment) throws -> CaseToImport {
        let accepted = try CivilDay.parse(day, now: now)
        var submission = Submission(
            item: .code(item), fields: fields ?? [:], materials: Set(materials ?? []), day: accepted,
            actor: actor ?? "import")
        submission.deferredUntil = try deferredUntil.map { try CivilDay.parse($0, now: now) }
        submission.channel = try channel.map(Self.channel) ?? .imported
        submission.onBehalf = onBehalf ?? ""
        let acceptance = try node.acceptance(submission)
        let steps = try (actions ?? []).map { try Self.step($0, after: accepted, now: now) }
        return CaseToImport(key: id, acceptance: acceptance, steps: steps)
    }

    private static func step(_ line: Step, after accepted: Int32, now: Moment) throws -> CaseStep {
        guard let action = CaseAction(name: line.action), action != .accept else {
            throw CaseLineError.unknownAction(line.action)
        }
        let day = try line.day.map { try CivilDay.parse($0, now: now) } ?? accepted
        var step = CaseStep(action, day: day, actor: line.actor ?? "import")
        step.text = line.text ?? ""
        step.missing = line.missing ?? []
        step.fields = line.fields ?? [:]
        if let target = line.target {
            guard let unit = UnitCode(target) else { throw NodeError.unknownUnit(target) }
            step.target = unit
        }
        if action == .decide {
            guard let outcome = line.outcome.flatMap(Outcome.init(rawValue:)) else {
                throw CaseLineError.unknownOutcome(line.outcome ?? "")
            }
            step.fields[CaseField.decision] = outcome.rawValue
        }
        if action == .evaluate {
            guard let level = line.level.flatMap(Satisfaction.init(rawValue:)) else {
                throw CaseLineError.unknownLevel(line.level ?? "")
            }
            step.fields[CaseField.evaluation] = level.rawValue
            if !step.text.isEmpty { step.fields[CaseField.evaluationReason] = step.text }
        }
        return step
    }

    private static func channel(_ name: String) throws -> Channel {
        guard let channel = Channel.allCases.first(where: { $0.name == name }) else {
            throw CaseLineError.unknownChannel(name)
        }
        return channel
    }

    private static func explain(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, _): "“\(key.stringValue)” is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "“\(context.codingPath.map(\.stringValue).joined(separator: "."))” is of the wrong kind"
        case .dataCorrupted: "no JSON"
        @unknown default: "no JSON"
        }
    }
}

/// Why a line of a case file was not taken.
enum CaseLineError: CodedError, Hashable, CustomStringConvertible {
    case tooLong(Int)
    case malformed(String)
    case tooManyActions
    case unknownAction(String)
    case unknownOutcome(String)
    case unknownLevel(String)
    case unknownChannel(String)

    var code: String {
        switch self {
        case .tooLong: "import.lineTooLong"
        case .malformed: "import.malformed"
        case .tooManyActions: "import.tooManyActions"
        case .unknownAction: "import.unknownAction"
        case .unknownOutcome: "import.unknownOutcome"
        case .unknownLevel: "import.unknownLevel"
        case .unknownChannel: "import.unknownChannel"
        }
    }

    var description: String {
        switch self {
        case .tooLong(let bytes): "\(bytes) bytes, where \(CaseLine.longest) are allowed"
        case .malformed(let why): why
        case .tooManyActions: "more than \(CaseLine.mostActions) actions: split the case"
        case .unknownAction(let name):
            "no action “\(name)”: there are \(CaseAction.allCases.dropFirst().map(\.name).joined(separator: ", "))"
        case .unknownOutcome(let name): "outcome “\(name)”: a decision is granted or refused"
        case .unknownLevel(let name):
            "level “\(name)”: there are \(Satisfaction.allCases.map(\.rawValue).joined(separator: ", "))"
        case .unknownChannel(let name):
            "channel “\(name)”: there are \(Channel.allCases.map(\.name).joined(separator: ", "))"
        }
    }
}
