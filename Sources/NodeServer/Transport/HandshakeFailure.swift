import ServiceModel

/// A connection that a listener did not let in.
package struct HandshakeFailure: CodedError, Sendable, Equatable, CustomStringConvertible {
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

    package var description: String {
        switch reason {
        case .refused(let refusal): "\(remote) refused: \(refusal)"
        case .noCertificate: "\(remote) presented no certificate"
        case .notTLS: "\(remote) does not speak TLS"
        case .timedOut: "\(remote) did not finish its handshake in time"
        case .left: "\(remote) left before the handshake ended"
        case .alert(let name): "\(remote) gave up with the alert \(name)"
        case .tooManyConnections: "\(remote) came when as many connections were open as may be"
        case .unverified: "\(remote) came without a verified chain"
        case .tls(let words): "\(remote): \(words)"
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
