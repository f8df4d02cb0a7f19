import SyncProtocol

/// What this program speaks, for those who do not run the protocol themselves.
package enum SyncVersion {
    package static let `protocol` = protocolVersion
}
