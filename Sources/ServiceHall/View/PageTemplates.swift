import Mustache

/// The templates, which live inside the program.
enum PageTemplates {
    /// By the name under which they include one another.
    static let sources: [String: [UInt8]] = [
        "layout": PackageResources.layout_mustache, "counter": PackageResources.counter_mustache,
        "item": PackageResources.item_mustache, "draft": PackageResources.draft_mustache,
        "discard": PackageResources.discard_mustache,
        "cases": PackageResources.cases_mustache, "case": PackageResources.case_mustache,
        "act": PackageResources.act_mustache, "field": PackageResources.field_mustache,
        "trace": PackageResources.trace_mustache,
        "receipt": PackageResources.receipt_mustache, "wall": PackageResources.wall_mustache,
        "problem": PackageResources.problem_mustache, "health": PackageResources.health_mustache,
    ]

    static let library: MustacheLibrary = {
        var library = MustacheLibrary()
        for (name, source) in sources {
            do {
                try library.register(String(decoding: source, as: UTF8.self), named: name)
            } catch {
                preconditionFailure("the template \(name) does not parse: \(error)")
            }
        }
        return library
    }()

    static func render(_ name: String, _ view: View) -> String {
        guard let text = library.render(view, withTemplate: name) else {
            preconditionFailure("there is a template \(name)")
        }
        return text
    }
}
