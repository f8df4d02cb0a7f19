/// Text from outside, short enough for a message and without what would disturb a terminal.
package enum ShownText {
    /// - Parameter most: characters that are kept.
    package static func of(_ text: some StringProtocol, upTo most: Int = 48) -> String {
        let scalars = text.unicodeScalars
        let kept = scalars.prefix(most).map { scalar -> Character in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
            default: Character(scalar)
            }
        }
        return String(kept) + (scalars.dropFirst(most).isEmpty ? "" : "…")
    }
}
