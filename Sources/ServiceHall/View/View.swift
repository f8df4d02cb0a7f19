import Mustache

/// What a template is filled with: names and their values. A text or value that is not there, or is empty, makes its
/// section vanish, and is not looked for further out.
struct View: ExpressibleByDictionaryLiteral, MustacheParent {
    private var values: [String: Any]

    init(dictionaryLiteral elements: (String, Any?)...) {
        values = Dictionary(elements.map { ($0.0, Self.value($0.1)) }, uniquingKeysWith: { $1 })
    }

    subscript(_ name: String) -> Any? {
        get { values[name] }
        set { values[name] = Self.value(newValue) }
    }

    func child(named name: String) -> Any? { values[name] }

    private static func value(_ value: Any?) -> Any {
        switch value {
        case nil: Absent()
        case let text as String where text.isEmpty: Absent()
        case let value?: value
        }
    }

    private struct Absent: MustacheCustomRenderable {
        var renderText: String { "" }
        var isNull: Bool { true }
    }
}
