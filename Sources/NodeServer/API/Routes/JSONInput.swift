import Foundation

/// What a request's body says, as a JSON object all of whose keys are known.
package protocol JSONInput: Decodable {
    /// The keys that it may have.
    static var known: Set<String> { get }
    static var schema: JSONSchema { get }
}

extension JSONInput {
    /// - Throws: `APIProblem.malformed`, `APIProblem.unknownKey`, and what the input itself refuses.
    static func read(_ body: Data) throws -> Self {
        do {
            return try JSONDecoder().decode(Strict<Self>.self, from: body).value
        } catch let error as DecodingError {
            throw APIProblem.malformed(JSONTrouble.explain(error))
        }
    }
}

/// What a decoder found wrong, in a few words.
package enum JSONTrouble {
    package static func explain(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, _): "“\(key.stringValue)” is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "“\(context.codingPath.map(\.stringValue).joined(separator: "."))” is of the wrong kind"
        case .dataCorrupted: "no JSON"
        @unknown default: "no JSON"
        }
    }
}

private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

private struct Strict<Value: JSONInput>: Decodable {
    let value: Value

    init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        if let unknown = keys.filter({ !Value.known.contains($0) }).min() { throw APIProblem.unknownKey(unknown) }
        value = try Value(from: decoder)
    }
}
