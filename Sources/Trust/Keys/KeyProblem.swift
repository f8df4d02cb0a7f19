import ServiceModel

/// Why a private key was not read or did not do its work.
package enum KeyProblem: CodedError, Equatable, Sendable {
    /// The text is longer than `longestPEM`.
    case tooLong(kind: String)
    /// The text is no PEM of a private key of that kind.
    case malformed(kind: String)
    /// The cryptographic library did not sign.
    case signing(kind: String)
    /// The cryptographic library did not encrypt to a key of that kind.
    case encrypting(kind: String)

    /// Longest PEM text of a private key, in UTF-8 bytes.
    package static let longestPEM = 4 * 1024

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .tooLong: "key.tooLong"
        case .malformed: "key.malformed"
        case .signing: "key.signing"
        case .encrypting: "key.encrypting"
        }
    }

    package var words: Words {
        switch self {
        case .tooLong(let kind):
            Words(
                "the file of the \(kind) is longer than \(Self.longestPEM) bytes: give the file that the set-up wrote",
                "密钥文件（\(kind)）超过\(Self.longestPEM)字节：请使用建网或登记时写下的文件")
        case .malformed(let kind):
            Words(
                "no \(kind) in PEM: give the file that the set-up wrote, or restore it",
                "文件中没有PEM格式的密钥（\(kind)）：请使用建网或登记时写下的文件，或恢复它")
        case .signing(let kind):
            Words(
                "the \(kind) did not sign: restore its file and start again",
                "密钥（\(kind)）未能签名：请恢复其文件后重新开始")
        case .encrypting(let kind):
            Words(
                "nothing can be encrypted to the other node's \(kind): have that node enrolled again",
                "无法用对方的密钥（\(kind)）加密：请让对方重新登记")
        }
    }
}
