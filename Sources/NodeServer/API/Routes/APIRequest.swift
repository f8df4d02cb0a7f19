import Foundation
import ServiceModel

/// What a request says, checked against the parameters of its route.
package struct APIRequest: Sendable {
    /// Where the API begins.
    package static let root = "/api/v1"
    /// Longest body, in bytes.
    package static let longestBody = 256 * 1024

    /// From the path, by name.
    let path: [String: String]
    /// From the query, by name; each once, and none that the route does not know.
    let query: [String: String]
    let body: Data
    /// Of whoever asks.
    let language: Language

    /// - Throws: `APIProblem`.
    init(
        path: [String: String], query: String?, body: Data, in language: Language = .english, of operation: APIOperation
    ) throws {
        self.path = path
        self.body = body
        self.language = language
        let known = Set(operation.parameters.filter { $0.place == .query }.map(\.name))
        var found: [String: String] = [:]
        for pair in (query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decoded(parts[0], of: "query")
            guard known.contains(name) else { throw APIProblem.unknownParameter(name) }
            guard found[name] == nil else {
                throw APIProblem.parameter(name, Words("there is more than one", "出现不止一次"))
            }
            found[name] = try Self.decoded(parts.count > 1 ? parts[1] : "", of: name)
        }
        self.query = found
    }

    static let badPercents = Words("the percent signs do not make UTF-8", "百分号编码不是UTF-8")

    /// With `%` and `+` as forms write them.
    private static func decoded(_ text: Substring, of name: String) throws(APIProblem) -> String {
        guard let decoded = text.replacing("+", with: "%20").removingPercentEncoding else {
            throw .parameter(name, badPercents)
        }
        return decoded
    }

    // MARK: - Values

    /// What someone typed into a search box; nil when nothing was.
    func search(_ name: String) throws(APIProblem) -> SearchQuery? {
        guard let text = query[name], !text.isEmpty else { return nil }
        guard text.unicodeScalars.count <= SearchQuery.longest else {
            throw .parameter(
                name, Words("more than \(SearchQuery.longest) characters", "超过\(SearchQuery.longest)个字符"))
        }
        return SearchQuery(text)
    }

    /// - Parameter usual: where it is left out.
    func count(_ name: String, upTo most: Int, usual: Int) throws(APIProblem) -> Int {
        guard let text = query[name] else { return usual }
        guard let count = Int(text), (1...most).contains(count) else {
            throw .parameter(
                name, Words("“\(text)” is not a number from 1 to \(most)", "“\(text)”不是1到\(most)的数"))
        }
        return count
    }

    /// false where it is left out.
    func flag(_ name: String) throws(APIProblem) -> Bool {
        switch query[name] {
        case "true": true
        case "false", nil: false
        case let text?:
            throw .parameter(name, Words("“\(text)” is neither true nor false", "“\(text)”既非true也非false"))
        }
    }

    /// What `read` makes of the value; nil where it is left out.
    /// - Parameter what: is asked for, for the message.
    func value<Value>(_ name: String, _ what: Words, _ read: (String) -> Value?) throws(APIProblem) -> Value? {
        guard let text = query[name] else { return nil }
        guard let value = read(text) else { throw .parameter(name, Words("“\(text)” is not ", "“\(text)”不是") + what) }
        return value
    }
}
