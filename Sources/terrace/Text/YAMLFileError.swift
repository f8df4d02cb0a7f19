import ServiceModel
import Yams

/// Why a YAML file cannot be read, with the line where it goes wrong.
package enum YAMLFileError: CodedError, Hashable, Sendable {
    case syntax(line: Int, String)
    case duplicateKey(line: Int, key: String)
    case shape(line: Int, expected: Words)
    case unknownKey(line: Int, key: String, known: [String])
    case missingKey(line: Int, key: String, of: Words)
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
            self = .syntax(line: 1, "unknown")
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

    package var words: Words {
        let place = line.map { Words("line \($0): ", "第\($0)行：") } ?? Words(name: "")
        return place + detail
    }

    private var detail: Words {
        switch self {
        case .syntax(_, let problem): Words("not YAML: \(problem)", "不是有效的YAML：\(problem)")
        case .duplicateKey(_, let key):
            Words("the key \(ShownText.of(key)) is given twice", "键\(ShownText.of(key))出现两次")
        case .shape(_, let expected): Words("expected ", "此处应为：") + expected
        case .unknownKey(_, let key, let known):
            Words(
                "unknown key \(ShownText.of(key)); known are \(known.joined(separator: ", "))",
                "没有键\(ShownText.of(key))：可用的有\(known.joined(separator: "、"))")
        case .missingKey(_, let key, let owner): owner + Words(" needs the key \(key)", "缺少键\(key)")
        case .fileTooLong(let limit): Words("the file is longer than \(limit) bytes", "文件超过\(limit)字节")
        case .aliases(let limit):
            Words(
                "more than \(limit) words that begin with *; write them out or in quotes",
                "以*开头的词超过\(limit)个：请写全或加引号")
        case .notUTF8: Words("not UTF-8; save the file again with that encoding", "不是UTF-8：请以该编码另存")
        case .empty: Words("the file is empty", "文件为空")
        }
    }
}
