/// An error that a person meets: a stable code, and what to say about it.
package protocol CodedError: Error, Sendable, CustomStringConvertible {
    /// Stable, for logs, answers and documentation: `area.what`.
    var code: String { get }
    /// What is wrong, with what, and the way out; without the code.
    var words: Words { get }
}

extension CodedError {
    /// For logs.
    package var description: String { "\(code): \(words[.english])" }
}
