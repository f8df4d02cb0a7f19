import ServiceModel

/// Why bytes from outside were refused. Nothing of what they said has been kept.
package enum WireError: CodedError, Equatable, Sendable {
    /// The bytes end too early or are no message of that kind.
    case malformed(String)
    /// A length, count or depth passes its bound in `Limits`.
    case tooLarge(String)
    /// The deflate stream is damaged.
    case inflate
    /// The seal's signature does not fit its content.
    case seal
    /// The Merkle tree cannot be closed: hashes are missing or left over.
    case tree
    /// An author that was not introduced.
    case unknownAuthor
    /// An opening or genesis whose signature does not fit.
    case signature

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .malformed: "wire.malformed"
        case .tooLarge: "wire.tooLarge"
        case .inflate: "wire.inflate"
        case .seal: "wire.seal"
        case .tree: "wire.tree"
        case .unknownAuthor: "wire.unknownAuthor"
        case .signature: "wire.signature"
        }
    }

    package var subject: String {
        switch self {
        case .malformed(let part), .tooLarge(let part): part
        case .inflate, .seal, .tree, .unknownAuthor, .signature: ""
        }
    }
}
