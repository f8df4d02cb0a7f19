import NIOCore
import NIOSSL
import ServiceModel

/// What went wrong in TLS, as far as BoringSSL tells.
enum TLSTrouble: Equatable {
    /// The other end's bytes are not TLS.
    case notTLS
    /// The other end sent no certificate.
    case noCertificate
    /// The other end gave up and said why; the alert's name in small letters.
    case alert(String)
    /// The other end left in the middle of the handshake.
    case leftHandshake
    /// The connection ended without TLS's closing word.
    case cut
    /// Anything else, by BoringSSL's name in small letters.
    case other(String)

    /// Nothing when the error is not one of TLS.
    init?(_ error: any Error) {
        switch error {
        case NIOSSLError.handshakeFailed(let inner), NIOSSLError.shutdownFailed(let inner):
            self.init(inner)
        case let error as BoringSSLError:
            self.init(error)
        case NIOSSLError.uncleanShutdown:
            self = .cut
        case let error as NIOSSLError:
            self = .other("\(error)")
        default:
            return nil
        }
    }

    private init(_ error: BoringSSLError) {
        switch error {
        case .sslError(let stack), .unknownError(let stack), .invalidSNIName(let stack), .failedToSetALPN(let stack):
            if stack.contains(.eofDuringHandshake) || stack.contains(.eofDuringAdditionalCertficiateChainValidation) {
                self = .leftHandshake
            } else if let first = stack.first {
                self.init(reason: Self.reason(of: first))
            } else {
                self = .other("unknown")
            }
        case .zeroReturn, .syscallError:
            self = .cut
        default:
            self = .other("\(error)")
        }
    }

    private init(reason: String) {
        switch reason {
        case "wrong_version_number", "http_request", "https_proxy_request":
            self = .notTLS
        case "peer_did_not_return_a_certificate":
            self = .noCertificate
        case _ where reason.contains("alert_"):
            self = .alert(reason.split(separator: "alert_", maxSplits: 1).last.map(String.init) ?? reason)
        default:
            self = .other(reason)
        }
    }

    /// BoringSSL's name of an error: what stands last in `error:1000007d:SSL routines:…:NAME at file:line`.
    private static func reason(of error: BoringSSLInternalError) -> String {
        let message = error.description.split(separator: " at ", maxSplits: 1).first ?? ""
        return (message.split(separator: ":").last.map(String.init) ?? "unknown").lowercased()
    }

    /// For people, without a full stop; TLS's own names stay as they are.
    var words: Words {
        switch self {
        case .notTLS: Words("the other end does not speak TLS", "对方没有使用TLS")
        case .noCertificate: Words("the other end sent no certificate", "对方没有出示证书")
        case .alert(let name):
            Words("the other end refused with «", "对方拒绝：«") + Words(name: "\(name.replacing("_", with: " "))»")
        case .leftHandshake: Words("the other end left during the handshake", "对方在握手时离开")
        case .cut: Words("the connection was cut", "连接被切断")
        case .other(let name): Words(name: name.replacing("_", with: " "))
        }
    }
}
