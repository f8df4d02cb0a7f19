import HTTPTypes
import NIOHTTP1
import ServiceModel
import SyncProtocol

/// Header fields of a message: names compare without case, order and repetition are kept.
package struct HeaderFields: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    package private(set) var fields: [(name: String, value: String)]

    package init(_ fields: [(name: String, value: String)] = []) {
        self.fields = fields
    }

    package init(dictionaryLiteral elements: (String, String)...) {
        self.fields = elements.map { (name: $0.0, value: $0.1) }
    }

    /// The first value under a name.
    package subscript(name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// Adds a field behind the others.
    package mutating func add(_ name: String, _ value: String) {
        fields.append((name: name, value: value))
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.fields.elementsEqual(right.fields) { $0.name.lowercased() == $1.name.lowercased() && $0.value == $1.value }
    }
}

/// What a request says before its body.
package struct RequestHead: Sendable, Equatable {
    /// Path without query.
    package let path: String
    package let headers: HeaderFields
}

/// What an answer says before its body.
package struct ResponseHead: Sendable, Equatable {
    package let status: Int
    package let headers: HeaderFields
}

/// What a listener answers.
package enum Route: String, Sendable, CaseIterable {
    /// An exchange: both bodies open at once.
    case exchange = "/sync/v1"
    /// Enrollment: one bounded body, one bounded answer.
    case enrollment = "/enroll/v1"

    /// Why nothing is served at a path. Another version of a route is known for what it is; the words are for who
    /// asked.
    static func unknown(_ path: String) -> Refusal {
        let (stem, version) = (path.prefix { $0 != "v" }, path.drop { $0 != "v" }.dropFirst())
        if let asked = UInt32(version), allCases.contains(where: { $0.rawValue.hasPrefix("\(stem)v") }) {
            return Refusal(ExchangeProblem.version(peer: SyncVersion.protocol, own: asked), status: 404)
        }
        return Refusal(
            code: "http.notFound", Words("nothing is served at this path", "此路径没有内容"), status: 404)
    }
}

/// Content types by which both ends know that they talk to Terrace and not to a proxy or a captive portal.
enum ContentType {
    static let prefix = "application/vnd.terrace."
    static let exchange = prefix + "sync"
    static let plain = prefix + "plain"
    static let error = "application/json"

    /// The type without parameters, in small letters.
    static func essence(_ value: String) -> String {
        String(value.prefix { $0 != ";" }.filter { $0 != " " }).lowercased()
    }
}

extension HeaderFields {
    init(_ fields: HTTPFields) {
        self.init(fields.map { (name: $0.name.rawName, value: $0.value) })
    }

    init(_ headers: HTTPHeaders) {
        self.init(headers.map { (name: $0.name, value: $0.value) })
    }

    /// Fields for an answer; names that HTTP does not allow are a mistake of the caller.
    func httpFields() -> HTTPFields {
        var result = HTTPFields()
        for field in fields {
            guard let name = HTTPField.Name(field.name) else {
                preconditionFailure("not a header name: \(field.name)")
            }
            result.append(HTTPField(name: name, value: field.value))
        }
        return result
    }
}
