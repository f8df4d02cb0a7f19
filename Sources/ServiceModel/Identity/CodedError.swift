/// An error that a person meets: a stable code, by which its message is found in their language, and what it is about.
package protocol CodedError: Error, Sendable {
    /// Stable, for logs, answers and documentation: `area.what`.
    var code: String { get }
    /// What it is about: a name, a path, a line; or, where the type tells it itself, the whole explanation in English.
    var subject: String { get }
}

extension CodedError where Self: CustomStringConvertible {
    package var subject: String { description }
}
