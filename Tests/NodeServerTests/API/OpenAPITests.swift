import Foundation
import Testing

@testable import NodeServer

@Suite struct OpenAPITests {
    @Test func theDocumentAndTheRoutesAgree() async throws {
        try await HallTown.with { town in
            let receipt = try await town.accept()
            let document = try await town.client.get("openapi.json").object
            #expect(document["openapi"] as? String == "3.1.0")
            let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
            let described = Set(paths.flatMap { path, methods in methods.keys.map { "\($0) \(path)" } })
            #expect(
                described == [
                    "get /api/v1/status", "get /api/v1/doctor", "get /api/v1/items", "get /api/v1/items/{code}",
                    "get /api/v1/cases",
                    "post /api/v1/cases", "get /api/v1/cases/{receipt}", "post /api/v1/cases/{receipt}/actions",
                    "post /api/v1/cases/{receipt}/fetch", "get /api/v1/stats", "get /api/v1/openapi.json",
                ])
            for (path, methods) in paths {
                let real = path.dropFirst("/api/v1/".count).replacing("{code}", with: HallTown.item)
                    .replacing("{receipt}", with: receipt)
                for method in ["get", "post", "put", "delete"] {
                    guard let operation = methods[method] else {
                        let answer = try await town.client.ask(method.uppercased(), String(real))
                        #expect(answer.code == "api.method", "\(method) \(path) answers and is not described")
                        continue
                    }
                    let body = real.hasSuffix("actions") ? ["action": "note", "text": "a"] : HallTown.submission()
                    let answer =
                        method == "get"
                        ? try await town.client.get(String(real)) : try await town.client.post(String(real), body)
                    let responses = try #require(operation["responses"] as? [String: [String: Any]])
                    let response = try #require(responses["\(answer.status)"], "\(method) \(path): \(answer.status)")
                    // The case is here, so that it cannot be asked for.
                    let isRight = path.hasSuffix("fetch") ? answer.code == "case.isHere" : answer.status < 300
                    #expect(isRight, "\(method) \(path): \(answer.json)")
                    for status in [400, 421, 500, 503] { #expect(responses["\(status)"] != nil, "\(path): \(status)") }
                    let headers = response["headers"] as? [String: Any] ?? [:]
                    #expect((headers["Location"] != nil) == (answer.headers["location"] != nil), "\(method) \(path)")
                    let problems = Self.problems(answer.json, try Self.schema(of: response), at: "\(method) \(path)")
                    #expect(problems.isEmpty, "\(problems)")
                    if let content = operation["requestBody"] as? [String: Any] {
                        #expect(Self.problems(body, try Self.schema(of: content), at: "body of \(path)").isEmpty)
                    }
                }
            }
        }
    }

    @Test func theSchemasOfInputNameWhatIsKnown() {
        func names(_ schema: JSONSchema) -> Set<String> {
            guard case .object(let properties) = schema else { return [] }
            return Set(properties.map(\.name))
        }
        #expect(names(SubmissionInput.schema) == SubmissionInput.known)
        #expect(names(StepInput.schema) == StepInput.known)
    }

    @Test func theCheckOfThisTestFindsWhatIsWrong() {
        let schema: [String: Any] = [
            "type": "object", "required": ["a"], "additionalProperties": false,
            "properties": [
                "a": ["type": "array", "items": ["type": "integer"]], "b": ["type": "string", "enum": ["x"]],
            ],
        ]
        let wrong: [[String: Any]] = [[:], ["a": 1], ["a": ["x"]], ["a": [1], "c": 1], ["a": [], "b": "y"]]
        for value in wrong { #expect(!Self.problems(value, schema, at: "").isEmpty, "\(value)") }
        #expect(Self.problems(["a": [1], "b": "x"] as [String: Any], schema, at: "").isEmpty)
    }

    private static func schema(of part: [String: Any]) throws -> [String: Any] {
        let media = (part["content"] as? [String: Any])?["application/json"] as? [String: Any]
        return try #require(media?["schema"] as? [String: Any])
    }

    /// Where a value is not what its schema says.
    private static func problems(_ value: Any, _ schema: [String: Any], at path: String) -> [String] {
        switch schema["type"] as? String {
        case "string":
            guard let text = value as? String else { return ["\(path) is no text"] }
            let choices = schema["enum"] as? [String]
            return choices?.contains(text) == false ? ["\(path): \(text)"] : []
        case "integer": return value is Int ? [] : ["\(path) is no integer"]
        case "boolean": return value is Bool ? [] : ["\(path) is no boolean"]
        case "array":
            guard let list = value as? [Any], let items = schema["items"] as? [String: Any] else {
                return ["\(path) is no list"]
            }
            return list.enumerated().flatMap { problems($1, items, at: "\(path)[\($0)]") }
        case "object":
            guard let object = value as? [String: Any] else { return ["\(path) is no object"] }
            let properties = schema["properties"] as? [String: [String: Any]]
            let missing = (schema["required"] as? [String] ?? []).filter { object[$0] == nil }
            return missing.map { "\(path).\($0) is missing" }
                + object.flatMap { name, value in
                    let more = schema["additionalProperties"]
                    if let schema = properties?[name] ?? more as? [String: Any] {
                        return problems(value, schema, at: "\(path).\(name)")
                    }
                    return more as? Bool == false ? ["\(path).\(name) is not described"] : []
                }
        default: return ["\(path) has no type"]
        }
    }
}
