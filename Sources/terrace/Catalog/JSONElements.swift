/// Finds the elements of a JSON array and the lines where they begin, so that each is decoded, and refused, alone.
///
/// Only brackets, commas and strings are looked at; what stands inside an element is for a decoder.
struct JSONElements {
    struct Element {
        /// Line where it begins, from 1.
        let line: Int
        let bytes: ArraySlice<UInt8>
    }

    /// Longest element, in bytes.
    static let longest = 256 << 10
    /// Deepest nesting inside an element.
    static let deepest = 8

    private enum State {
        case before, between, inside, string, escape, after
    }

    private let text: ArraySlice<UInt8>
    private let most: Int
    private var state = State.before
    private var line = 1
    private var depth = 0
    private var start: (index: Int, line: Int)?
    private var found: [Element] = []

    /// - Throws: `CatalogFileError`.
    static func of(_ text: ArraySlice<UInt8>, most: Int) throws(CatalogFileError) -> [Element] {
        var scan = JSONElements(text: text, most: most)
        for index in text.indices { try scan.take(text[index], at: index) }
        switch scan.state {
        case .after: return scan.found
        case .before: throw .notAnArray(line: scan.line)
        default: throw .unclosed(line: scan.start?.line ?? scan.line)
        }
    }

    private init(text: ArraySlice<UInt8>, most: Int) {
        self.text = text
        self.most = most
    }

    private mutating func take(_ byte: UInt8, at index: Int) throws(CatalogFileError) {
        if byte == UInt8(ascii: "\n") { line += 1 }
        switch (state, byte) {
        case (.escape, _): state = .string
        case (.string, UInt8(ascii: "\\")): state = .escape
        case (.string, UInt8(ascii: "\"")): state = .inside
        case (.string, _), (_, 0x20), (_, 0x09), (_, 0x0A), (_, 0x0D): break
        case (.before, UInt8(ascii: "[")): state = .between
        case (.before, _): throw .notAnArray(line: line)
        case (.after, _): throw .afterArray(line: line)
        case (.inside, UInt8(ascii: ",")) where depth == 0: try end(at: index)
        case (.inside, UInt8(ascii: "]")) where depth == 0:
            try end(at: index)
            state = .after
        case (.between, UInt8(ascii: "]")) where found.isEmpty: state = .after
        case (.between, UInt8(ascii: "]")), (.between, UInt8(ascii: ",")): throw .notAnArray(line: line)
        case (.between, _):
            start = (index, line)
            state = .inside
            try open(byte)
        default: try open(byte)
        }
    }

    private mutating func open(_ byte: UInt8) throws(CatalogFileError) {
        switch byte {
        case UInt8(ascii: "\""): state = .string
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            depth += 1
            if depth > Self.deepest { throw .tooDeep(line: line, limit: Self.deepest) }
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            depth -= 1
            if depth < 0 { throw .notAnArray(line: line) }
        default: break
        }
    }

    private mutating func end(at index: Int) throws(CatalogFileError) {
        guard let start else { throw .notAnArray(line: line) }
        guard index - start.index <= Self.longest else { throw .itemTooLong(line: start.line, limit: Self.longest) }
        guard found.count < most else { throw .tooManyItems(line: start.line, limit: most) }
        found.append(Element(line: start.line, bytes: text[start.index..<index]))
        self.start = nil
        state = .between
    }
}
