import Foundation

/// JSON in a column, with keys in order so that equal content is equal text.
enum JSONText {
    static func array(_ values: [String]) throws -> String { try value(values) }
    static func object(_ values: [String: String]) throws -> String { try value(values) }

    /// - Throws: `ReplicaError.damaged`.
    static func strings(_ text: String) throws -> [String] {
        guard text != "[]" else { return [] }
        guard let values = try? JSONDecoder().decode([String].self, from: Data(text.utf8)) else {
            throw ReplicaError.damaged(text)
        }
        return values
    }

    static func value(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
