import Foundation
import ServiceModel
import Yams

/// A YAML file read to its nodes, within limits that keep a hostile file from taking memory or time.
enum YAMLDocument {
    /// Longest file, in bytes.
    static let longestFile = 16 << 20
    /// Most aliases. A few cannot multiply a small file into a great one.
    static let mostAliases = 16

    /// The root of the only document in `bytes`.
    /// - Throws: `YAMLFileError`.
    static func root(of bytes: [UInt8]) throws(YAMLFileError) -> Node {
        guard bytes.count <= longestFile else { throw .fileTooLong(limit: longestFile) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
        guard aliases(in: bytes) <= mostAliases else { throw .aliases(limit: mostAliases) }
        do {
            // Plain text is never read as a number or a date: codes have leading zeros.
            guard let node = try Yams.compose(yaml: text, .basic) else { throw YAMLFileError.empty }
            return node
        } catch let error as YAMLFileError {
            throw error
        } catch let error as YamlError {
            throw YAMLFileError(error)
        } catch {
            throw .syntax(line: 1, "\(error)")
        }
    }

    /// Counts what may be an alias: a star at the beginning of a word.
    private static func aliases(in bytes: [UInt8]) -> Int {
        var count = 0
        var before = UInt8(ascii: "\n")
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "*"), " \t\r\n,[]{}:?-".utf8.contains(before), index + 1 < bytes.count,
                bytes[index + 1] > UInt8(ascii: " ")
            {
                count += 1
            }
            before = byte
        }
        return count
    }
}

extension Node {
    /// Line of the file where the node begins, from 1.
    var line: Int { mark?.line ?? 1 }

    /// The node's text, empty for an empty value, `~` and `null`.
    /// - Throws: `YAMLFileError.shape` for a list or a mapping.
    func text(_ what: Words) throws(YAMLFileError) -> String {
        guard case .scalar(let scalar) = self else {
            throw .shape(line: line, expected: what + Words(" as text", "，为文本"))
        }
        return scalar.style == .plain && ["~", "null"].contains(scalar.string) ? "" : scalar.string
    }

    /// The items of a list.
    /// - Throws: `YAMLFileError.shape` for anything else.
    func items(_ what: Words) throws(YAMLFileError) -> [Node] {
        guard case .sequence(let sequence) = self else {
            throw .shape(line: line, expected: what + Words(" as a list", "，为列表"))
        }
        return Array(sequence)
    }

    /// The values of a mapping by their keys.
    /// - Throws: `YAMLFileError`: `.shape` for anything else, `.unknownKey`, `.missingKey`.
    func fields(
        _ what: Words, required: [String], optional: [String] = []
    ) throws(YAMLFileError) -> [String: Node] {
        guard case .mapping(let mapping) = self else {
            throw .shape(line: line, expected: what + Words(" as a mapping", "，为映射"))
        }
        var fields: [String: Node] = [:]
        for (key, value) in mapping {
            let name = try key.text(Words("a key", "键"))
            guard required.contains(name) || optional.contains(name) else {
                throw .unknownKey(line: key.line, key: name, known: required + optional)
            }
            fields[name] = value
        }
        for name in required where fields[name] == nil { throw .missingKey(line: line, key: name, of: what) }
        return fields
    }
}
