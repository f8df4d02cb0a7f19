import ServiceModel

/// A connection that a listener did not let in.
package struct HandshakeFailure: CodedError, Sendable, Equatable {
    package enum Reason: Sendable, Equatable {
        /// The verification refused the presented chain.
        case refused(Refusal)
        /// No certificate was presented.
        case noCertificate
        /// The bytes were not TLS.
        case notTLS
        /// The handshake did not end in time.
        case timedOut
        /// The other end left before the handshake ended.
        case left
        /// The other end gave up; it may have refused this node's certificate. TLS's own word for it.
        case alert(String)
        /// The listener holds as many connections as it may.
        case tooManyConnections
        /// The handshake ended without a verified chain, as a resumed one does.
        case unverified
        /// Another failure, in TLS's own words.
        case tls(String)
    }

    /// Address and port of the other end.
    package let remote: String
    package let reason: Reason

    /// Stable code.
    package var code: String {
        switch reason {
        case .refused: "handshake.refused"
        case .noCertificate: "handshake.noCertificate"
        case .notTLS: "handshake.notTLS"
        case .timedOut: "handshake.timedOut"
        case .left: "handshake.left"
        case .alert: "handshake.alert"
        case .tooManyConnections: "handshake.tooManyConnections"
        case .unverified: "handshake.unverified"
        case .tls: "handshake.tls"
        }
    }

    package var words: Words {
        switch reason {
        case .refused(let refusal): Words("\(remote) was refused: ", "拒绝了\(remote)：") + refusal.words
        case .noCertificate: Words("\(remote) presented no certificate", "\(remote)没有出示证书")
        case .notTLS: Words("\(remote) does not speak TLS", "\(remote)没有使用TLS")
        case .timedOut: Words("\(remote) did not finish its handshake in time", "\(remote)没有按时完成握手")
        case .left: Words("\(remote) left before the handshake ended", "\(remote)在握手结束前离开")
        case .alert(let name): Words("\(remote) gave up with the alert \(name)", "\(remote)以警报\(name)放弃")
        case .tooManyConnections:
            Words("\(remote) came when as many connections were open as may be", "\(remote)到来时连接数已达上限")
        case .unverified: Words("\(remote) came without a verified chain", "\(remote)没有经过核验的证书链")
        case .tls(let what): Words("\(remote): \(what)", "\(remote)：TLS失败：\(what)")
        }
    }

    init(remote: String, reason: Reason) {
        self.remote = remote
        self.reason = reason
    }

    /// - Parameter refusal: what the verification said on this connection, if it refused.
    init(remote: String, error: any Error, refusal: Refusal?) {
        self.remote = remote
        if let refusal {
            self.reason = .refused(refusal)
            return
        }
        self.reason =
            switch TLSTrouble(error) {
            case .notTLS: .notTLS
            case .noCertificate: .noCertificate
            case .alert(let name): .alert(name)
            case .leftHandshake, .cut: .left
            case .other(let words): .tls(words)
            case nil: .tls("\(error)")
            }
    }
}
