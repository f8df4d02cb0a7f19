import ServiceModel
import Yams

/// Why a YAML file cannot be read, with the line where it goes wrong.
package enum YAMLFileError: CodedError, Hashable, Sendable, CustomStringConvertible {
    case syntax(line: Int, String)
    case duplicateKey(line: Int, key: String)
    case shape(line: Int, expected: String)
    case unknownKey(line: Int, key: String, known: [String])
    case missingKey(line: Int, key: String, of: String)
    case fileTooLong(limit: Int)
    case aliases(limit: Int)
    case notUTF8
    case empty

    init(_ error: YamlError) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            self = .syntax(line: mark.line, problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            self = .duplicateKey(line: context.mark.line, key: duplicates.first ?? "")
        case .reader(let problem, _, _, _), .writer(let problem), .emitter(let problem), .representer(let problem):
            self = .syntax(line: 1, problem)
        default:
            self = .syntax(line: 1, "not YAML")
        }
    }

    /// Stable across versions.
    package var code: String {
        switch self {
        case .syntax: "yaml.syntax"
        case .duplicateKey: "yaml.duplicateKey"
        case .shape: "yaml.shape"
        case .unknownKey: "yaml.unknownKey"
        case .missingKey: "yaml.missingKey"
        case .fileTooLong: "yaml.fileTooLong"
        case .aliases: "yaml.aliases"
        case .notUTF8: "yaml.notUTF8"
        case .empty: "yaml.empty"
        }
    }

    /// Line of the file, from 1; nil where the file as a whole is meant.
    package var line: Int? {
        switch self {
        case .syntax(let line, _), .duplicateKey(let line, _), .shape(let line, _), .unknownKey(let line, _, _),
            .missingKey(let line, _, _):
            line
        case .fileTooLong, .aliases, .notUTF8, .empty: nil
        }
    }

    package var description: String {
        (line.map { "line \($0): " } ?? "") + code + ": " + detail
    }

    private var detail: String {
        switch self {
        case .syntax(_, let problem): problem
        case .duplicateKey(_, let key): "the key \(TopologyProblem.shown(key)) is given twice"
        case .shape(_, let expected): "expected \(expected)"
        case .unknownKey(_, let key, let known):
            "unknown key \(TopologyProblem.shown(key)); known are \(known.joined(separator: ", "))"
        case .missingKey(_, let key, let owner): "\(owner) needs the key \(key)"
        case .fileTooLong(let limit): "the file is longer than \(limit) bytes"
        case .aliases(let limit): "more than \(limit) words that begin with *; write them out or in quotes"
        case .notUTF8: "not UTF-8; save the file again with that encoding"
        case .empty: "the file is empty"
        }
    }
}
