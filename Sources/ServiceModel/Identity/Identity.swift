/// The name of a change set in every place that refers to one: the first 16 bytes of its leaf digest.
package struct Leaf: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let value: Bytes16
    package init(_ value: Bytes16) { self.value = value }
    package static func < (a: Leaf, b: Leaf) -> Bool { a.value < b.value }
    package var description: String { value.description }
}

/// The name of a charter entry: the first 16 bytes of its chain digest Cn. A *pin* is one of these.
package struct EntryDigest: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let value: Bytes16
    package init(_ value: Bytes16) { self.value = value }
    package static func < (a: EntryDigest, b: EntryDigest) -> Bool { a.value < b.value }
    package var description: String { value.description }
}

/// The name of an author, a node in one incarnation: the first 16 bytes of its opening's SHA-256.
package struct AuthorID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let value: Bytes16
    package init(_ value: Bytes16) { self.value = value }
    package static func < (a: AuthorID, b: AuthorID) -> Bool { a.value < b.value }
    package var description: String { value.description }
}

/// The code of a service unit, which is not a division code: branch centres and zones have none.
package struct UnitCode: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let text: String

    /// Longest code, in characters.
    package static let longest = 32

    /// Letters, digits, `-` and `_` of ASCII, at most `longest`; nil for anything else.
    package init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= Self.longest,
            text.utf8.allSatisfy({ byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            })
        else { return nil }
        self.text = text
    }

    package static func < (a: UnitCode, b: UnitCode) -> Bool { a.text < b.text }
    package var description: String { text }
}

/// What a fold knows of an author, from its opening.
package struct Author: Hashable, Comparable, Sendable {
    package let id: AuthorID
    package let unit: UnitCode
    /// Which enrollment of the unit this certificate came from, counted from 1 by the issuer.
    package let enrollment: UInt32
    /// How many incarnations this one closes.
    package let depth: UInt32

    package init(id: AuthorID, unit: UnitCode, enrollment: UInt32, depth: UInt32) {
        self.id = id
        self.unit = unit
        self.enrollment = enrollment
        self.depth = depth
    }

    package static func < (a: Author, b: Author) -> Bool {
        (a.unit, a.enrollment, a.depth, a.id) < (b.unit, b.enrollment, b.depth, b.id)
    }
}

/// The three journals that each author keeps, in the order in which they travel.
package enum Feed: UInt8, CaseIterable, Comparable, Sendable {
    case charter = 1
    case casework = 2
    case published = 3

    package static func < (a: Feed, b: Feed) -> Bool { a.rawValue < b.rawValue }
}
