import NIOCore
import ServiceModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Why a listener could not start.
package enum ListenError: CodedError, Sendable, Equatable, CustomStringConvertible {
    case portTaken(host: String, port: Int)
    case permissionDenied(host: String, port: Int)
    case addressUnavailable(host: String)
    case failed(reason: String)

    /// Stable code.
    package var code: String {
        switch self {
        case .portTaken: "listen.portTaken"
        case .permissionDenied: "listen.permissionDenied"
        case .addressUnavailable: "listen.addressUnavailable"
        case .failed: "listen.failed"
        }
    }

    package var description: String {
        switch self {
        case .portTaken(let host, let port):
            "port \(port) on \(host) is taken by another program: stop that program or choose another port"
        case .permissionDenied(let host, let port):
            "this account may not listen on \(host):\(port): choose a port above 1023 or grant the right"
        case .addressUnavailable(let host):
            "\(host) is no address of this machine: choose one of its addresses or 0.0.0.0"
        case .failed(let reason):
            "cannot listen: \(reason)"
        }
    }

    init(_ error: any Error, host: String, port: Int) {
        switch error {
        case let error as IOError where error.errnoCode == EADDRINUSE:
            self = .portTaken(host: host, port: port)
        case let error as IOError where error.errnoCode == EACCES || error.errnoCode == EPERM:
            self = .permissionDenied(host: host, port: port)
        case let error as IOError where error.errnoCode == EADDRNOTAVAIL:
            self = .addressUnavailable(host: host)
        case is SocketAddressError, is SocketAddressError.FailedToParseIPByteBuffer:
            self = .addressUnavailable(host: host)
        default:
            self = .failed(reason: "\(error)")
        }
    }
}
