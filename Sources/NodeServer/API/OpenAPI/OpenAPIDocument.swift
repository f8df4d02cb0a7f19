import HTTPTypes

/// The table of routes as an OpenAPI 3.1 document.
struct OpenAPIDocument: Encodable {
    struct Info: Encodable {
        let title = "Terrace"
        let version = "1"
        let description = "What the counter of one node can do. It answers from its own replica; no line is needed."
    }

    struct Content: Encodable {
        struct Media: Encodable {
            let schema: JSONSchema
        }

        let json: Media

        init(_ schema: JSONSchema) { json = Media(schema: schema) }

        enum CodingKeys: String, CodingKey {
            case json = "application/json"
        }
    }

    struct Parameter: Encodable {
        let name: String
        let place: APIOperation.Parameter.Place
        let required: Bool
        let schema: JSONSchema

        enum CodingKeys: String, CodingKey {
            case name, required, schema
            case place = "in"
        }
    }

    struct Body: Encodable {
        let required = true
        let content: Content
    }

    struct Header: Encodable {
        let description: String
        let schema: JSONSchema
    }

    struct Answer: Encodable {
        let description: String
        var headers: [String: Header]?
        let content: Content
    }

    struct Operation: Encodable {
        let operationId: String
        let summary: String
        let parameters: [Parameter]?
        let requestBody: Body?
        let responses: [String: Answer]

        /// With which every operation may refuse: the input, the host's name, a fault of the program, the disk.
        private static let refusals: [HTTPResponse.Status] = [
            .badRequest, .misdirectedRequest, .internalServerError, .serviceUnavailable,
        ]

        init(_ operation: APIOperation) {
            operationId = operation.name
            summary = operation.summary
            parameters =
                operation.parameters.isEmpty
                ? nil
                : operation.parameters.map {
                    Parameter(name: $0.name, place: $0.place, required: $0.place == .path, schema: $0.schema)
                }
            requestBody = operation.body.map { Body(content: Content($0)) }
            var done = Answer(description: "Done.", content: Content(operation.answer))
            if operation.success == .created {
                done.headers = ["Location": Header(description: "Path of what was made.", schema: .text(""))]
            }
            var responses = ["\(operation.success.code)": done]
            let bodied: [HTTPResponse.Status] = operation.body == nil ? [] : [.contentTooLarge, .unsupportedMediaType]
            for status in operation.refusals + bodied + Self.refusals {
                responses["\(status.code)"] = Answer(
                    description: "\(status.reasonPhrase).", content: Content(ProblemAnswer.schema))
            }
            self.responses = responses
        }
    }

    let openapi = "3.1.0"
    let info = Info()
    /// By path and method.
    let paths: [String: [String: Operation]]

    init(_ operations: [APIOperation]) {
        var paths: [String: [String: Operation]] = [:]
        for operation in operations {
            paths["\(APIRequest.root)/\(operation.path)", default: [:]][operation.method.rawValue.lowercased()] =
                Operation(operation)
        }
        self.paths = paths
    }
}
