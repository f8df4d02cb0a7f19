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
package enum ListenError: CodedError, Sendable, Equatable {
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

    package var words: Words {
        switch self {
        case .portTaken(let host, let port):
            Words(
                "port \(port) on \(host) is taken by another program: stop that program or choose another port",
                "\(host)的端口\(port)已被另一程序占用：请停止它或另选端口")
        case .permissionDenied(let host, let port):
            Words(
                "this account may not listen on \(host):\(port): choose a port above 1023 or grant the right",
                "此账户无权监听\(host):\(port)：请选1023以上的端口，或授予权限")
        case .addressUnavailable(let host):
            Words(
                "\(host) is no address of this machine: choose one of its addresses or 0.0.0.0",
                "\(host)不是本机的地址：请选本机的地址或0.0.0.0")
        case .failed(let reason): Words("cannot listen: \(reason)", "无法监听：\(reason)")
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
