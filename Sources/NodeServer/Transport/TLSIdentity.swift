import NIOCore
import NIOSSL
import ServiceModel

/// The certificates and the key with which a node shows itself at either end of a link.
package struct TLSIdentity: Sendable {
    /// A private key as it is stored.
    package enum PrivateKey: Sendable {
        /// PEM text, PKCS #8 or SEC 1.
        case pem(String)
        /// DER bytes, PKCS #8 or SEC 1.
        case der([UInt8])
    }

    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey

    /// - Parameters:
    ///   - chain: DER certificates, the node's own first.
    ///   - key: the private key of the first certificate.
    /// - Throws: `TLSIdentityError` naming the part that cannot be used.
    package init(chain: [[UInt8]], key: PrivateKey) throws(TLSIdentityError) {
        guard !chain.isEmpty else { throw .emptyChain }
        var certificates: [NIOSSLCertificate] = []
        for (index, bytes) in chain.enumerated() {
            do {
                certificates.append(try NIOSSLCertificate(bytes: bytes, format: .der))
            } catch {
                throw .certificateUnreadable(index: index)
            }
        }
        self.chain = certificates
        do {
            switch key {
            case .pem(let text): self.key = try NIOSSLPrivateKey(bytes: Array(text.utf8), format: .pem)
            case .der(let bytes): self.key = try NIOSSLPrivateKey(bytes: bytes, format: .der)
            }
        } catch {
            throw .keyUnreadable
        }
        do {
            // BoringSSL compares the key with the first certificate.
            _ = try NIOSSLContext(configuration: dialling(TransportLimits()))
        } catch {
            throw .keyOfAnotherCertificate
        }
    }

    /// For the end that accepts. The verification callback replaces BoringSSL's own check, which therefore needs
    /// no roots; it must not be `.none`, or no certificate would be asked for and no callback run.
    func accepting(_ limits: TransportLimits) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfigurationWithMTLS(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key),
            trustRoots: .certificates([])
        )
        configuration.minimumTLSVersion = .tlsv13
        configuration.shutdownTimeout = TimeAmount(span: limits.tlsCloseTime)
        return configuration
    }

    /// For the end that dials; the callback replaces the comparison of names, too.
    func dialling(_ limits: TransportLimits) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .noHostnameVerification
        configuration.trustRoots = .certificates([])
        configuration.certificateChain = chain.map { .certificate($0) }
        configuration.privateKey = .privateKey(key)
        configuration.minimumTLSVersion = .tlsv13
        configuration.shutdownTimeout = TimeAmount(span: limits.tlsCloseTime)
        return configuration
    }
}

/// Why certificates and key cannot be used.
package enum TLSIdentityError: CodedError, Sendable, Equatable {
    case emptyChain
    case certificateUnreadable(index: Int)
    case keyUnreadable
    case keyOfAnotherCertificate

    /// Stable code.
    package var code: String {
        switch self {
        case .emptyChain: "identity.emptyChain"
        case .certificateUnreadable: "identity.certificateUnreadable"
        case .keyUnreadable: "identity.keyUnreadable"
        case .keyOfAnotherCertificate: "identity.keyOfAnotherCertificate"
        }
    }

    package var words: Words {
        switch self {
        case .emptyChain: Words("no certificate: enroll this node first", "没有证书：请先登记本节点")
        case .certificateUnreadable(let index):
            Words(
                "certificate \(index) of the chain is not DER: copy it again or enroll anew",
                "证书链的第\(index)张不是DER格式：请重新复制或重新登记")
        case .keyUnreadable:
            Words(
                "the private key is neither PKCS #8 nor SEC 1: restore the key file or enroll anew",
                "私钥既非PKCS #8也非SEC 1：请恢复密钥文件或重新登记")
        case .keyOfAnotherCertificate:
            Words(
                "the private key does not belong to the first certificate: restore both from one backup or enroll anew",
                "私钥与第一张证书不符：请从同一备份恢复两者，或重新登记")
        }
    }
}

/// Runs a verification away from the event loop and gives its verdict to TLS.
///
/// - Parameters:
///   - limits: bounds the length of the chain.
///   - threads: where it runs; nil for the process's own.
///   - verify: judges the chain as presented, DER, leaf first.
///   - record: told of the verdict before TLS is.
func verificationCallback<Peer: Sendable>(
    limits: TransportLimits,
    on threads: (any TaskExecutor)? = nil,
    verify: @escaping @Sendable ([[UInt8]]) -> Result<Peer, Refusal>,
    record: @escaping @Sendable (Result<Peer, Refusal>) -> Void
) -> NIOSSLCustomVerificationCallback {
    { certificates, promise in
        Task(executorPreference: threads) {
            guard certificates.count <= limits.chainCertificates else {
                let words = Words(
                    "\(certificates.count) certificates, at most \(limits.chainCertificates) allowed",
                    "有\(certificates.count)张证书，至多允许\(limits.chainCertificates)张")
                record(.failure(Refusal(code: "tls.chainTooLong", words)))
                return promise.succeed(.failed)
            }
            do {
                let verdict = verify(try certificates.map { try $0.toDERBytes() })
                record(verdict)
                switch verdict {
                case .success: promise.succeed(.certificateVerified)
                case .failure: promise.succeed(.failed)
                }
            } catch {
                promise.fail(error)
            }
        }
    }
}
