import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceModel

/// Why an exchange with another node failed.
package enum LinkError: CodedError, Sendable, Equatable, CustomStringConvertible {
    /// Nobody answers at the address.
    case unreachable(reason: String)
    /// The two ends did not accept each other's certificates; `refusal` is what this end's verification said.
    case tls(reason: String, refusal: Refusal?)
    /// No byte moved for so long.
    case stalled(after: Duration)
    /// The connection ended before the exchange did. `isStale`: it had been kept from an earlier exchange and no
    /// byte of an answer came, so dialling again at once is in order.
    case closed(reason: String, isStale: Bool)
    /// The other node refused the request, with the code and message that it gave.
    case status(Int, code: String?, message: String?)
    /// Something else answers there: a portal, a proxy, another program.
    case notTerrace(reason: String)
    /// The exchange was given up at this end.
    case cancelled
    /// Another exchange of this client is still open.
    case busy

    /// Stable code.
    package var code: String {
        switch self {
        case .unreachable: "link.unreachable"
        case .tls: "link.tls"
        case .stalled: "link.stalled"
        case .closed: "link.closed"
        case .status: "link.status"
        case .notTerrace: "link.notTerrace"
        case .cancelled: "link.cancelled"
        case .busy: "link.busy"
        }
    }

    package var description: String {
        switch self {
        case .unreachable(let reason):
            "the node cannot be reached (\(reason)): check the line, the address and the port"
        case .tls(let reason, let refusal):
            "no trust between the nodes: \(reason)\(refusal.map { " (\($0))" } ?? "")"
        case .stalled(let span):
            "nothing moved for \(span.components.seconds) s: the line hangs"
        case .closed(let reason, _):
            "the connection ended: \(reason)"
        case .status(let status, let code, let message):
            "the node answered \(status)\(code.map { " \($0)" } ?? "")\(message.map { ": \($0)" } ?? "")"
        case .notTerrace(let reason):
            "no node answers there (\(reason)): a portal or proxy may sit on the line"
        case .cancelled:
            "the exchange was given up"
        case .busy:
            "an exchange with this node is still open"
        }
    }

    /// - Parameter lost: an error of an established connection.
    init(lost error: any Error, isStale: Bool = false) {
        switch (error, TLSTrouble(error)) {
        case (let error as LinkError, _):
            self = error
        case (_, .notTLS):
            self = .notTerrace(reason: TLSTrouble.notTLS.words)
        case (_, .cut), (_, .leftHandshake):
            self = .closed(reason: "cut by the other end or on the way", isStale: isStale)
        case (_, .some(let trouble)):
            self = .tls(reason: trouble.words, refusal: nil)
        case (let error as HTTPParserError, nil):
            // An end of file inside a message is a cut; everything else is not HTTP as we speak it.
            self =
                error == .invalidEOFState
                ? .closed(reason: "cut inside a message", isStale: isStale)
                : .notTerrace(reason: "bad HTTP: \(error)")
        case (let error as IOError, nil):
            self = .closed(reason: error.description, isStale: isStale)
        default:
            self = .closed(reason: "\(error)", isStale: isStale)
        }
    }

    /// - Parameter dialling: an error on the way to a connection.
    init(dialling error: any Error) {
        switch error {
        case let error as LinkError:
            self = error
        case let error as NIOConnectionError:
            let reasons = error.connectionErrors.map { "\($0.error)" }
            let lookup = (error.dnsAError ?? error.dnsAAAAError).map { _ in "the name \(error.host) is not known" }
            self = .unreachable(reason: reasons.first ?? lookup ?? "no address")
        case is ChannelError, is IOError:
            self = .unreachable(reason: "\(error)")
        default:
            self = .unreachable(reason: "\(error)")
        }
    }
}
