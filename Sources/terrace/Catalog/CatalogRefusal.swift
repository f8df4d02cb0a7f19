import NodeServer
import ServiceModel
import SyncNode

/// Why one entry of a catalog file was not taken. A part is named as the file names it.
package enum CatalogRefusal: CodedError, Hashable, Sendable, CustomStringConvertible {
    case missing(String)
    /// The kind is neither a name nor a number of the national catalog.
    case unknownKind(String)
    case unknownList(String)
    case unknownTier(String, known: [String])
    case malformed(String, String)
    /// A limit is no number of days.
    case limit(String, String)
    case date(String, String)
    /// An earlier entry has the same code and says something else.
    case duplicate(code: String, line: Int)
    /// The unit has retired the code; an import does not bring it back.
    case retired(code: String, from: Int32)
    /// The unit has published the code, where only new items are wanted.
    case publishedAlready(String)
    /// The unit has not published the code, where only revisions are wanted.
    case notPublished(String)
    case unknownKey(String)
    case row(CSVError)
    case json(String)
    /// The item is readable and must not be published as it stands; never empty.
    case problems([CatalogProblem])

    /// Stable across versions.
    package var code: String {
        switch self {
        case .missing: "catalogFile.missing"
        case .unknownKind: "catalogFile.kind"
        case .unknownList: "catalogFile.list"
        case .unknownTier: "catalogFile.tier"
        case .malformed: "catalogFile.malformed"
        case .limit: "catalogFile.limit"
        case .date: "catalogFile.date"
        case .duplicate: "catalogFile.duplicate"
        case .retired: "catalogFile.retired"
        case .publishedAlready: "catalogFile.publishedAlready"
        case .notPublished: "catalogFile.notPublished"
        case .unknownKey: "catalogFile.unknownKey"
        case .row(let error): error.code
        case .json: "catalogFile.json"
        case .problems(let problems): problems.first?.code ?? "catalogFile.malformed"
        }
    }

    /// Why, and the way out, without the code.
    package var reason: String {
        switch self {
        case .missing(let part): "\(part) is empty; it must be given"
        case .unknownKind(let text):
            "no kind of item is called \"\(Self.shown(text))\"; use for example 行政许可 or 01"
        case .unknownList(let text): "no list is called \"\(Self.shown(text))\"; use for example 行政权力清单"
        case .unknownTier(let text, let known):
            "this network has no tier \"\(Self.shown(text))\"; use one of \(known.joined(separator: ", "))"
        case .malformed(let part, let text): "\(part) cannot be \"\(Self.shown(text))\""
        case .limit(let part, let text):
            "\(part) \"\(Self.shown(text))\" is no limit; write working days such as 20, or 30日, or 2个月"
        case .date(let part, let text): "\(part) \"\(Self.shown(text))\" is no day; write for example 2015-02-28"
        case .duplicate(let code, let line):
            "code \(code) stands in line \(line) already with other content; leave one out or give it its own code"
        case .retired(let code, let day):
            "code \(code) is retired from \(CivilDay.text(day)) on; `terrace catalog publish` brings it back"
        case .publishedAlready(let code): "code \(code) is published already; `terrace catalog revise` changes it"
        case .notPublished(let code): "this unit has not published code \(code); `terrace catalog publish` does"
        case .unknownKey(let path): "\(Self.shown(path)) is no part of an item; correct its spelling or leave it out"
        case .row(let error): "\(error)"
        case .json(let detail): detail
        case .problems(let problems): problems.map(\.description).joined(separator: "; ")
        }
    }

    package var description: String { "\(code): \(reason)" }

    /// Text from outside, short enough for a message and without control characters.
    private static func shown(_ text: String) -> String {
        let kept = text.unicodeScalars.prefix(48).map { scalar in
            scalar.properties.generalCategory == .control ? "\u{FFFD}" : Character(scalar)
        }
        return String(kept) + (text.unicodeScalars.count > 48 ? "…" : "")
    }
}

/// Why a catalog file as a whole cannot be read.
package enum CatalogFileError: CodedError, Hashable, Sendable, CustomStringConvertible {
    case tooLong(limit: Int)
    case notUTF8
    /// The text is no JSON array.
    case notAnArray(line: Int)
    /// The array ends before it is closed.
    case unclosed(line: Int)
    case afterArray(line: Int)
    case tooDeep(line: Int, limit: Int)
    case itemTooLong(line: Int, limit: Int)
    case tooManyItems(line: Int, limit: Int)

    /// Stable across versions.
    package var code: String {
        switch self {
        case .tooLong: "catalogFile.tooLong"
        case .notUTF8: "catalogFile.notUTF8"
        case .notAnArray: "catalogFile.notAnArray"
        case .unclosed: "catalogFile.unclosed"
        case .afterArray: "catalogFile.afterArray"
        case .tooDeep: "catalogFile.tooDeep"
        case .itemTooLong: "catalogFile.itemTooLong"
        case .tooManyItems: "catalogFile.tooManyItems"
        }
    }

    package var description: String {
        switch self {
        case .tooLong(let limit): "\(code): the file is longer than \(limit) bytes; split it"
        case .notUTF8: "\(code): not UTF-8; save the file again with that encoding"
        case .notAnArray(let line): "line \(line): \(code): a catalog in JSON is an array of items: [ { … }, { … } ]"
        case .unclosed(let line): "line \(line): \(code): the item or array that is open here is never closed"
        case .afterArray(let line): "line \(line): \(code): text after the array's end"
        case .tooDeep(let line, let limit): "line \(line): \(code): nested deeper than \(limit)"
        case .itemTooLong(let line, let limit): "line \(line): \(code): the item is longer than \(limit) bytes"
        case .tooManyItems(let line, let limit): "line \(line): \(code): more than \(limit) items; split the file"
        }
    }
}
