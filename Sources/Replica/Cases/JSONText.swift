import Foundation

/// JSON in a column, with keys in order so that equal content is equal text.
enum JSONText {
    static func array(_ values: [String]) -> String {
        var out: [UInt8] = [UInt8(ascii: "[")]
        for value in values {
            if out.count > 1 { out.append(UInt8(ascii: ",")) }
            append(value, to: &out, escapes: Self.shortEscapes)
        }
        out.append(UInt8(ascii: "]"))
        return String(decoding: out, as: UTF8.self)
    }

    static func object(_ values: [String: String]) -> String {
        var out: [UInt8] = [UInt8(ascii: "{")]
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            if out.count > 1 { out.append(UInt8(ascii: ",")) }
            append(key, to: &out)
            out.append(UInt8(ascii: ":"))
            append(value, to: &out)
        }
        out.append(UInt8(ascii: "}"))
        return String(decoding: out, as: UTF8.self)
    }

    /// As `JSONEncoder` has them, which wrote arrays once.
    private static let shortEscapes: [UInt8: String] = [8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r"]

    /// RFC 8259, section 7: quotation mark, reverse solidus and control characters are escaped. By hand, since every
    /// step of every case comes by here, and every unit of a charter.
    private static func append(_ text: String, to out: inout [UInt8], escapes: [UInt8: String] = [:]) {
        out.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
            case 0..<0x20:
                if let short = escapes[byte] {
                    out += Array(short.utf8)
                    continue
                }
                let digits = Array("0123456789abcdef".utf8)
                out += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }

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
