import Foundation

/// Names and values as `application/x-www-form-urlencoded` and a query have them, in their order.
struct PageForm: Sendable {
    private let values: [String: [String]]

    static let empty = PageForm(values: [:])

    private init(values: [String: [String]]) { self.values = values }

    /// - Throws: `PageProblem.form`, `PageProblem.tooLarge`.
    init(_ text: some StringProtocol) throws(PageProblem) {
        var values: [String: [String]] = [:]
        let pairs = text.split(separator: "&")
        guard pairs.count <= PageLimits.formValues else { throw .tooLarge }
        for pair in pairs {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decoded(parts[0])
            values[name, default: []].append(try Self.decoded(parts.count > 1 ? parts[1] : ""))
        }
        self.values = values
    }

    /// The first of that name; nil when there is none.
    subscript(_ name: String) -> String? { values[name]?.first }

    func all(_ name: String) -> [String] { values[name] ?? [] }

    /// The first of that name without blanks around it; empty when there is none.
    func text(_ name: String) -> String { (self[name] ?? "").trimmingCharacters(in: .whitespacesAndNewlines) }

    /// Those whose names begin so, by the rest of the name.
    func under(_ prefix: String) -> [String: String] {
        var out: [String: String] = [:]
        for (name, found) in values where name.hasPrefix(prefix) {
            out[String(name.dropFirst(prefix.count))] = found.first
        }
        return out
    }

    private static func decoded(_ text: some StringProtocol) throws(PageProblem) -> String {
        guard let decoded = String(text).replacing("+", with: "%20").removingPercentEncoding else { throw .form }
        // Forms send line ends as CR LF.
        return decoded.replacing("\r\n", with: "\n")
    }
}
