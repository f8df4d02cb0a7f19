import ServiceModel

/// Why a private key was not read or did not sign.
package enum KeyProblem: CodedError, Equatable, Sendable, CustomStringConvertible {
    /// The text is longer than `longestPEM`.
    case tooLong(kind: String)
    /// The text is no PEM of a private key of that kind.
    case malformed(kind: String)
    /// The cryptographic library did not sign.
    case signing(kind: String)

    /// Longest PEM text of a private key, in UTF-8 bytes.
    package static let longestPEM = 4 * 1024

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .tooLong: "key.tooLong"
        case .malformed: "key.malformed"
        case .signing: "key.signing"
        }
    }

    package var description: String {
        switch self {
        case .tooLong(let kind):
            "the file of the \(kind) is longer than \(Self.longestPEM) bytes: give the file that the set-up wrote"
        case .malformed(let kind): "no \(kind) in PEM: give the file that the set-up wrote, or restore it"
        case .signing(let kind): "the \(kind) did not sign: restore its file and start again"
        }
    }
}
