/// What kind of action a change set is, by its number in the bytes.
package struct ActionKind: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    package static func < (a: ActionKind, b: ActionKind) -> Bool { a.rawValue < b.rawValue }
}

/// A phase of a record's life, by its stable name.
package struct Phase: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package static func < (a: Phase, b: Phase) -> Bool { a.rawValue < b.rawValue }
}
