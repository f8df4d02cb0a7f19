import Foundation
import NodeServer
import ServiceModel
import SyncNode

/// One line of a case file: a case with what was done to it.
///
///     {"id": "2026-17", "item": "370105001", "day": "2026-03-02", "actor": "c01",
///      "fields": {"applicant.name": "王小明", "form.reason": "医疗"}, "materials": ["id-card"],
///      "actions": [{"action": "decide", "outcome": "granted", "day": "2026-03-04", "actor": "c07"}]}
struct CaseLine: Decodable {
    private enum Key: String, CodingKey, CaseIterable { case id, actions }

    private static let known = SubmissionInput.known.union(Key.allCases.map(\.rawValue))

    /// An action of which every key is known.
    private struct Step: Decodable {
        let input: StepInput

        init(from decoder: any Decoder) throws {
            if let unknown = try decoder.unknownKey(besides: StepInput.known) {
                throw CaseLineError.unknownKey(unknown, action: decoder.codingPath.last?.intValue.map { $0 + 1 })
            }
            input = try StepInput(from: decoder)
        }
    }

    /// All that is read of a line that was refused.
    private struct Name: Decodable {
        let id: String
    }

    /// The file's own name for the case; the same one is taken in once.
    let id: String
    let submission: SubmissionInput
    let steps: [StepInput]

    /// What was done under a misspelt key would be missing for ever: the same id is not taken a second time.
    init(from decoder: any Decoder) throws {
        if let unknown = try decoder.unknownKey(besides: Self.known) {
            throw CaseLineError.unknownKey(unknown, action: nil)
        }
        let keys = try decoder.container(keyedBy: Key.self)
        id = try keys.decode(String.self, forKey: .id)
        submission = try SubmissionInput(from: decoder)
        steps = try keys.decodeIfPresent([Step].self, forKey: .actions)?.map(\.input) ?? []
    }

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
            throw CaseLineError.malformed(JSONTrouble.explain(error))
        }
        guard steps.count <= Self.mostActions else { throw CaseLineError.tooManyActions }
    }

    /// The id of a line that was refused, where one can be read.
    static func id(in json: Data) -> String? { (try? JSONDecoder().decode(Name.self, from: json))?.id }

    /// What the node is to take in.
    /// - Throws: `CaseInputError`, and why the item cannot be accepted here.
    func caseToImport(at node: Node, now: Moment) throws -> CaseToImport {
        let submission = try submission.submission(at: node, actor: "import", channel: .imported, now: now)
        let acceptance = try node.acceptance(submission)
        let steps = try steps.map { try $0.step(day: submission.day, actor: "import", now: now) }
        return CaseToImport(key: id, acceptance: acceptance, steps: steps)
    }
}

/// Why a line of a case file was not taken.
enum CaseLineError: CodedError, Hashable {
    case tooLong(Int)
    case malformed(Words)
    /// A key that means nothing, of the line or of one of its actions, which are counted from 1.
    case unknownKey(String, action: Int?)
    case tooManyActions

    var code: String {
        switch self {
        case .tooLong: "import.lineTooLong"
        case .malformed: "import.malformed"
        case .unknownKey: "import.unknownKey"
        case .tooManyActions: "import.tooManyActions"
        }
    }

    var words: Words {
        switch self {
        case .tooLong(let bytes):
            Words("\(bytes) bytes, where \(CaseLine.longest) are allowed", "有\(bytes)字节，至多\(CaseLine.longest)字节")
        case .malformed(let why): why
        case .unknownKey(let key, nil):
            Words("“\(key)” means nothing in a line: correct it or leave it out", "行中的“\(key)”没有意义：请改正或删去")
        case .unknownKey(let key, let number?):
            Words(
                "“\(key)” means nothing in action \(number): correct it or leave it out",
                "第\(number)个动作中的“\(key)”没有意义：请改正或删去")
        case .tooManyActions:
            Words("more than \(CaseLine.mostActions) actions: split the case", "超过\(CaseLine.mostActions)个动作：请拆分办件")
        }
    }
}
