import NIOCore
import ServiceModel

/// Where the hall listens.
package struct HallAddress: Hashable, Sendable {
    package let host: String
    package let port: Int
    /// Whether only this machine gets there.
    package let isLoopback: Bool

    /// - Parameter anywhere: allows an address that other machines reach. Nobody is asked who they are.
    /// - Throws: `HallError.notLoopback`.
    package init(_ endpoint: PeerEndpoint, anywhere: Bool = false) throws(HallError) {
        host = endpoint.host
        port = endpoint.port
        isLoopback = Self.isLoopback(endpoint.host)
        guard isLoopback || anywhere else { throw .notLoopback(endpoint.host) }
    }

    /// `host:port` as a link has it, with the port that was bound.
    package func authority(port: Int) -> String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// `localhost`, 127.0.0.0/8 or ::1.
    static func isLoopback(_ host: String) -> Bool {
        if host.lowercased() == "localhost" { return true }
        switch try? SocketAddress(ipAddress: host, port: 0) {
        case .v4: return host.hasPrefix("127.")
        case .v6(let address):
            return withUnsafeBytes(of: address.address.sin6_addr) { bytes in
                bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
            }
        default: return false
        }
    }
}

/// Why the hall does not open.
package enum HallError: CodedError, Hashable {
    case notLoopback(String)

    /// Stable, for logs, answers and documentation.
    package var code: String { "hall.notLoopback" }

    package var words: Words {
        switch self {
        case .notLoopback(let host):
            Words(
                "other machines could reach the hall at \(host), and it asks nobody who they are: use 127.0.0.1, or "
                    + "say --hall-anywhere",
                "其他机器可以访问\(host)上的大厅，而它不核验身份：请用127.0.0.1，或加--hall-anywhere")
        }
    }
}
