import ServiceModel

/// Why bytes from outside were refused. Nothing of what they said has been kept.
package enum WireError: CodedError, Equatable, Sendable {
    /// The bytes end too early or are no message of that kind.
    case malformed(String)
    /// A length, count or depth passes its bound in `Limits`.
    case tooLarge(String)
    /// The deflate stream is damaged.
    case inflate
    /// The seal's signature does not fit its content.
    case seal
    /// The Merkle tree cannot be closed: hashes are missing or left over.
    case tree
    /// An author that was not introduced.
    case unknownAuthor
    /// An opening or genesis whose signature does not fit.
    case signature

    /// A run leaves out what the receiver does not have either.
    package static let missingContext = malformed("run context")

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .malformed: "wire.malformed"
        case .tooLarge: "wire.tooLarge"
        case .inflate: "wire.inflate"
        case .seal: "wire.seal"
        case .tree: "wire.tree"
        case .unknownAuthor: "wire.unknownAuthor"
        case .signature: "wire.signature"
        }
    }

    package var words: Words {
        switch self {
        case .malformed(let part):
            Words(
                "what came is no \(part): nothing of it was kept; look for what damages bytes on the line",
                "收到的内容不是有效的\(part)：没有保留；请检查线路上是什么损坏了数据")
        case .tooLarge(let part):
            Words("\(part) is larger than allowed: shorten it or split it", "\(part)超过了上限：请缩短或拆分")
        case .inflate:
            Words(
                "the compressed stream is damaged: nothing of it was kept; look for what damages bytes on the line",
                "压缩数据已损坏：没有保留；请检查线路上是什么损坏了数据")
        case .seal:
            Words(
                "a seal's signature does not fit what it covers: nothing of it was kept; the journal was tampered with",
                "封印的签名与其内容不符：没有保留；日志被人改动过")
        case .tree:
            Words(
                "the hashes of a sealed run do not close: nothing of it was kept; the journal was tampered with",
                "封存段的哈希不能闭合：没有保留；日志被人改动过")
        case .unknownAuthor:
            Words(
                "it was written by a node that was not introduced: nothing of it was kept; exchange again",
                "作者节点尚未介绍：没有保留；请再次交换")
        case .signature:
            Words(
                "a signature does not fit what it covers: nothing of it was kept; it was tampered with",
                "签名与其内容不符：没有保留；内容被人改动过")
        }
    }
}
