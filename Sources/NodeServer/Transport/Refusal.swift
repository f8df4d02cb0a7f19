import ServiceModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Why a peer, or a request of a peer, is not accepted.
///
/// Given by a verification it ends the handshake and the other end learns only that its certificate was refused;
/// given for a request it is answered as an error with code and message.
package struct Refusal: CodedError, Sendable, Equatable, CustomStringConvertible {
    /// Stable code, for example `trust.expired`.
    package let code: String
    /// For people: names the thing and the way out. It is shown to the other end.
    package let message: String
    /// HTTP status of the answer when a request is refused.
    package let status: Int

    package init(code: String, message: String, status: Int = 403) {
        self.code = code
        self.message = message
        self.status = status
    }

    package var description: String { "\(code): \(message)" }
}

/// The body of an error answer.
struct ErrorBody: Codable, Equatable {
    var code: String
    var message: String

    init(_ refusal: Refusal) {
        code = refusal.code
        message = refusal.message
    }

    /// Reads an error answer; nothing when it is not one of ours.
    init?(bytes: [UInt8]) {
        guard let body = try? JSONDecoder().decode(Self.self, from: Data(bytes)) else { return nil }
        self = body
    }

    /// The body as JSON.
    func bytes() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else {
            preconditionFailure("two strings always encode")
        }
        return Array(data)
    }
}
