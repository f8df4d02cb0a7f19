/// What a piece of JSON looks like, as much of JSON Schema as the API needs. The text of each says what it is about.
package indirect enum JSONSchema: Sendable {
    package struct Property: Sendable {
        let name: String
        let schema: JSONSchema
        let isRequired: Bool

        static func must(_ name: String, _ schema: JSONSchema) -> Property {
            Property(name: name, schema: schema, isRequired: true)
        }

        static func may(_ name: String, _ schema: JSONSchema) -> Property {
            Property(name: name, schema: schema, isRequired: false)
        }
    }

    case text(String)
    case choice([String], String)
    case integer(String)
    case count(upTo: Int, String)
    case flag(String)
    case list(JSONSchema, String)
    /// An object with any names and values of one kind.
    case map(JSONSchema, String)
    /// An object with these names and no others.
    case object([Property])
    /// An object that is described elsewhere.
    case any(String)
}

extension JSONSchema: Encodable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ text: String) { stringValue = text }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    package func encode(to encoder: any Encoder) throws {
        var out = encoder.container(keyedBy: Key.self)
        func put(_ type: String, _ what: String?) throws {
            try out.encode(type, forKey: Key("type"))
            if let what, !what.isEmpty { try out.encode(what, forKey: Key("description")) }
        }
        switch self {
        case .text(let what): try put("string", what)
        case .choice(let values, let what):
            try put("string", what)
            try out.encode(values, forKey: Key("enum"))
        case .integer(let what): try put("integer", what)
        case .count(let most, let what):
            try put("integer", what)
            try out.encode(1, forKey: Key("minimum"))
            try out.encode(most, forKey: Key("maximum"))
        case .flag(let what): try put("boolean", what)
        case .list(let element, let what):
            try put("array", what)
            try out.encode(element, forKey: Key("items"))
        case .map(let value, let what):
            try put("object", what)
            try out.encode(value, forKey: Key("additionalProperties"))
        case .any(let what): try put("object", what)
        case .object(let properties):
            try put("object", nil)
            try out.encode(
                Dictionary(uniqueKeysWithValues: properties.map { ($0.name, $0.schema) }), forKey: Key("properties"))
            try out.encode(properties.filter(\.isRequired).map(\.name), forKey: Key("required"))
            try out.encode(false, forKey: Key("additionalProperties"))
        }
    }
}
