import ServiceModel

/// Why the replica could not do what was asked. Nothing of it was kept.
package enum ReplicaError: CodedError, Equatable, Sendable {
    /// The data directory holds no replica yet.
    case absent(String)
    /// The file is no replica, or one of a later version.
    case unreadable(String)
    /// The disk is full, read-only or failing; the text is SQLite's.
    case storage(String)
    /// Another program holds the file for longer than the patience allows.
    case busy
    /// A stored message cannot be read back: the disk has changed it.
    case damaged(String)

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .absent: "replica.absent"
        case .unreadable: "replica.unreadable"
        case .storage: "replica.storage"
        case .busy: "replica.busy"
        case .damaged: "replica.damaged"
        }
    }

    package var subject: String {
        switch self {
        case .absent(let text), .unreadable(let text), .storage(let text), .damaged(let text): text
        case .busy: ""
        }
    }
}
