import Foundation
import ServiceModel

/// Why an enrollment message was not read or not built.
package enum EnrollmentMessageProblem: CodedError, Equatable, Sendable {
    /// More bytes than the message may have.
    case tooLarge(bytes: Int, limit: Int)
    /// No JSON of that message.
    case malformed
    /// A version that this program does not speak.
    case version(Int)
    /// The field is missing its form or passes its bound.
    case field(String)

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .tooLarge: "enrollment.message.tooLarge"
        case .malformed: "enrollment.message.malformed"
        case .version: "enrollment.message.version"
        case .field: "enrollment.message.field"
        }
    }

    package var words: Words {
        switch self {
        case .tooLarge(let bytes, let limit):
            Words(
                "an enrollment message of \(bytes) bytes, where \(limit) are allowed",
                "登记消息有\(bytes)字节，至多允许\(limit)字节")
        case .malformed:
            Words(
                "no enrollment message: check that the address is a Terrace node's",
                "不是登记消息：请核对该地址是否为梯田节点")
        case .version(let version):
            Words(
                "enrollment version \(version) is not spoken here, but version \(EnrollmentJSON.version): upgrade "
                    + (version > EnrollmentJSON.version ? "this node" : "the other node"),
                "本节点使用登记协议第\(EnrollmentJSON.version)版，不是第\(version)版：请升级"
                    + (version > EnrollmentJSON.version ? "本节点" : "对方节点"))
        case .field(let name):
            Words(
                "the field “\(name)” of the enrollment message is not allowed so: bring both nodes to the same release",
                "登记消息的“\(name)”一项不合要求：请将两个节点升级到同一版本")
        }
    }
}

/// JSON with sorted keys, so that the same message has the same bytes.
enum EnrollmentJSON {
    static let version = 1

    static func encode(_ message: some Encodable) throws(EnrollmentMessageProblem) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return try encoder.encode(message) } catch { throw .malformed }
    }

    static func decode<Message: Decodable & EnrollmentWire>(
        _ type: Message.Type,
        from data: Data,
        limit: Int
    ) throws(EnrollmentMessageProblem) -> Message {
        guard data.count <= limit else { throw .tooLarge(bytes: data.count, limit: limit) }
        let message: Message
        do { message = try JSONDecoder().decode(type, from: data) } catch { throw .malformed }
        guard message.version == version else { throw .version(message.version) }
        return message
    }
}

/// The form of an enrollment message in JSON.
protocol EnrollmentWire {
    var version: Int { get }
}
