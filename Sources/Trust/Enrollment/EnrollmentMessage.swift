import Foundation
import ServiceModel

/// Why an enrollment message was not read or not built.
package enum EnrollmentMessageProblem: CodedError, Equatable, Sendable, CustomStringConvertible {
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

    package var description: String {
        switch self {
        case .tooLarge(let bytes, let limit): "an enrollment message of \(bytes) bytes, where \(limit) are allowed"
        case .malformed: "no enrollment message: check that the address is a Terrace node's"
        case .version(let version):
            "enrollment version \(version) is not spoken here: bring both nodes to the same release"
        case .field(let name): "the field “\(name)” of the enrollment message is not allowed so"
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
