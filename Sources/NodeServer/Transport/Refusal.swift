import ServiceModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Why a peer, or a request of a peer, is not accepted.
///
/// Given by a verification it ends the handshake and the other end learns only that its certificate was refused;
/// given for a request it is answered as an error with code and words.
package struct Refusal: CodedError, Equatable {
    /// Stable code, for example `trust.expired`.
    package let code: String
    /// Names the thing and the way out. It is shown to people at the other end.
    package let words: Words
    /// HTTP status of the answer when a request is refused.
    package let status: Int
    /// Seconds after which the other end is to come again; nil when that is no use.
    package let retryAfter: Int64?

    package init(code: String, _ words: Words, status: Int = 403, retryAfter: Int64? = nil) {
        self.code = code
        self.words = words
        self.status = status
        self.retryAfter = retryAfter
    }

    /// Passes an error on to the other end.
    package init(_ error: some CodedError, status: Int = 403, retryAfter: Int64? = nil) {
        self.init(code: error.code, error.words, status: status, retryAfter: retryAfter)
    }
}

/// The body of an error answer: in every language, because who reads it may not have this end's language, nor its
/// release.
struct ErrorBody: Codable, Equatable {
    var code: String
    /// English.
    var message: String
    var chinese: String?
    /// Seconds, as in the header of that name, which a proxy on the way may have changed.
    var retryAfter: Int64?

    init(_ refusal: Refusal) {
        code = refusal.code
        message = refusal.words[.english]
        chinese = refusal.words[.chinese]
        retryAfter = refusal.retryAfter
    }

    /// Reads an error answer; nothing when it is not one of ours.
    init?(bytes: [UInt8]) {
        guard let body = try? JSONDecoder().decode(Self.self, from: Data(bytes)) else { return nil }
        self = body
    }

    /// What the other end said.
    /// - Parameter status: with which it came.
    func refusal(status: Int) -> Refusal {
        Refusal(
            code: ShownText.of(code), Words(fromOutside: message, chinese ?? message), status: status,
            retryAfter: retryAfter)
    }

    /// The body as JSON.
    func bytes() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else {
            preconditionFailure("strings and a number always encode")
        }
        return Array(data)
    }
}
