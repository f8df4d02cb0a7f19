import Foundation
import ServiceModel

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
    package static func explain(_ error: DecodingError) -> Words {
        switch error {
        case .keyNotFound(let key, _): Words("“\(key.stringValue)” is missing", "缺少“\(key.stringValue)”")
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            wrongKind(context.codingPath)
        case .dataCorrupted: notJSON
        @unknown default: notJSON
        }
    }
}

extension JSONTrouble {
    private static let notJSON = Words("no JSON", "不是JSON")

    private static func wrongKind(_ path: [any CodingKey]) -> Words {
        let name = path.map(\.stringValue).joined(separator: ".")
        return name.isEmpty
            ? Words("no JSON object", "不是JSON对象") : Words("“\(name)” is of the wrong kind", "“\(name)”的类型不对")
    }
}

private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Decoder {
    /// The first key, by name, that is not among those that are known. One that is passed over in silence would be
    /// lost without a word.
    package func unknownKey(besides known: Set<String>) throws -> String? {
        try container(keyedBy: AnyKey.self).allKeys.map(\.stringValue).filter { !known.contains($0) }.min()
    }
}

private struct Strict<Value: JSONInput>: Decodable {
    let value: Value

    init(from decoder: any Decoder) throws {
        if let unknown = try decoder.unknownKey(besides: Value.known) { throw APIProblem.unknownKey(unknown) }
        value = try Value(from: decoder)
    }
}
