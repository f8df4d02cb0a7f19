import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceModel
import Trust

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Why an exchange with another node failed.
package enum LinkError: CodedError, Sendable, Equatable {
    /// Nobody answers at the address.
    case unreachable(reason: Words)
    /// The two ends did not accept each other's certificates; `refusal` is what this end's verification said.
    case tls(reason: Words, refusal: Refusal?)
    /// No byte moved for so long.
    case stalled(after: Duration)
    /// The connection ended before the exchange did. `isStale`: it had been kept from an earlier exchange and no
    /// byte of an answer came, so dialling again at once is in order.
    case closed(reason: Words, isStale: Bool)
    /// The other node refused the request, with what it gave as the reason.
    case status(Int, Refusal?)
    /// Something else answers there: a portal, a proxy, another program.
    case notTerrace(reason: Words)
    /// The exchange was given up at this end.
    case cancelled
    /// Another exchange of this client is still open.
    case inUse

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
        case .inUse: "link.inUse"
        }
    }

    package var words: Words {
        switch self {
        case .unreachable(let reason):
            Words("the node cannot be reached (", "无法连接对方节点（") + reason
                + Words("): check the line, the address and the port", "）：请检查线路、地址和端口")
        case .tls(_, let refusal?) where CertificateProblem.ofNoNode.contains(refusal.code):
            // What that certificate lacks is no concern of a node, and enrolling it again would not help.
            Words(
                "what answers there shows a certificate that is no node's of this network (\(refusal.code)): a "
                    + "portal or proxy may open the line, or the address is another network's",
                "应答者出示的不是本网络节点的证书（\(refusal.code)）：线路可能被认证门户或代理拆开，或地址属于另一网络")
        case .tls(let reason, let refusal?):
            Words("no trust between the nodes (", "两个节点互不信任（") + reason
                + Words("): \(refusal.code): ", "）：\(refusal.code): ") + refusal.words
        case .tls(let reason, nil):
            Words("no trust between the nodes (", "两个节点互不信任（") + reason
                + Words(
                    "): check the clocks of both; enroll this node again if the other one's log says so",
                    "）：请核对双方时钟，再看对方日志，必要时重新登记本节点")
        case .stalled(let span):
            Words(
                "nothing moved for \(span.components.seconds) s: the line hangs; it is dialled again",
                "线路已有\(span.components.seconds)秒没有动静：将自动重拨")
        case .closed(let reason, _):
            Words("the connection ended too early (", "连接提前中断（") + reason
                + Words("): nothing is lost, it goes on with the next one", "）：没有丢失，下次连接时继续")
        case .status(_, let refusal?):
            Words("the other node refused: ", "对方节点拒绝：") + Words(name: "\(refusal.code): ") + refusal.words
        case .status(let status, nil):
            Words(
                "what answers there failed with status \(status): see the log of the node or of the proxy before it",
                "对方以状态\(status)应答：请查看该节点或其代理的日志")
        case .notTerrace(let reason):
            Words("no node answers there (", "应答的不是梯田节点（") + reason
                + Words("): a portal or proxy may sit on the line", "）：线路上可能有认证门户或代理")
        case .cancelled: Words("the exchange was given up", "交换已放弃")
        case .inUse: Words("an exchange with this node is still open", "与该节点的交换尚未结束")
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
            self = .closed(reason: Words("cut by the other end or on the way", "被对方或在途中切断"), isStale: isStale)
        case (_, .some(let trouble)):
            self = .tls(reason: trouble.words, refusal: nil)
        case (let error as HTTPParserError, nil):
            // An end of file inside a message is a cut; everything else is not HTTP as we speak it.
            self =
                error == .invalidEOFState
                ? .closed(reason: Words("cut inside a message", "在报文中间断开"), isStale: isStale)
                : .notTerrace(reason: Words("bad HTTP: ", "HTTP报文有误：") + Words(name: "\(error)"))
        default:
            self = .closed(reason: Self.plain(error), isStale: isStale)
        }
    }

    /// - Parameter dialling: an error on the way to a connection.
    init(dialling error: any Error) {
        switch error {
        case let error as LinkError:
            self = error
        case let error as NIOConnectionError:
            let reasons = error.connectionErrors.map { Self.plain($0.error) }
            let lookup = (error.dnsAError ?? error.dnsAAAAError).map { _ in
                Words("the name \(error.host) is not known", "找不到主机名\(error.host)")
            }
            self = .unreachable(reason: reasons.first ?? lookup ?? Words("no address", "没有地址"))
        default:
            self = .unreachable(reason: Self.plain(error))
        }
    }

    /// What the system calls it, without the library's surroundings.
    private static func plain(_ error: any Error) -> Words {
        switch error {
        case let error as IOError: Words(name: String(cString: strerror(error.errnoCode)))
        case ChannelError.connectTimeout: Words("no answer in time", "没有及时应答")
        case ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed, ChannelError.outputClosed,
            ChannelError.inputClosed, ChannelError.eof:
            Words("the connection is closed", "连接已关闭")
        default: Words(name: "\(error)")
        }
    }
}
