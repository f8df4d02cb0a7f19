import Foundation

/// JSON in a column, with keys in order so that equal content is equal text.
enum JSONText {
    static func array(_ values: [String]) throws -> String { try text(values) }
    static func object(_ values: [String: String]) throws -> String { try text(values) }

    private static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
