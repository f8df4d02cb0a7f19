import Hummingbird
import ServiceModel

/// What a route is called, takes and gives: what the document says of it.
package struct APIOperation: Sendable {
    package struct Parameter: Sendable {
        package enum Place: String, Encodable, Sendable {
            case path, query
        }

        package let name: String
        package let place: Place
        package let schema: JSONSchema

        static func path(_ name: String, _ what: String) -> Parameter {
            Parameter(name: name, place: .path, schema: .text(what))
        }

        static func query(_ name: String, _ schema: JSONSchema) -> Parameter {
            Parameter(name: name, place: .query, schema: schema)
        }
    }

    package let method: HTTPRequest.Method
    /// Below the root of the API, without a slash in front; a parameter stands in braces.
    package let path: String
    /// Unique, for programs that are made from the document.
    package let name: String
    package let summary: String
    package var parameters: [Parameter] = []
    package var body: JSONSchema?
    package var success: HTTPResponse.Status = .ok
    package let answer: JSONSchema
    /// The statuses with which it refuses.
    package var refusals: [HTTPResponse.Status] = []

    /// Whether the operation's path is that of a request.
    func answers(at path: String) -> Bool {
        let asked = path.split(separator: "/"), own = "\(APIRequest.root)/\(self.path)".split(separator: "/")
        return asked.count == own.count && zip(asked, own).allSatisfy { $0 == $1 || $1.hasPrefix("{") }
    }
}

/// A route: what it is, and what it does. Both the router and the document are made from it.
package struct APIRoute: Sendable {
    package let operation: APIOperation
    /// Blocks; it is called on a thread that may.
    let respond: @Sendable (APIRequest) throws -> APIAnswer
}

/// What is answered.
package struct APIAnswer: Sendable {
    let json: ByteBuffer
    var status = HTTPResponse.Status.ok
    /// Path of what was created.
    var location: String?

    init(_ value: some Encodable) throws { json = try APIJSON.buffer(value) }
}
