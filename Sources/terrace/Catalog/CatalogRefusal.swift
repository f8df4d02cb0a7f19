import NodeServer
import ServiceModel
import SyncNode

/// Why one entry of a catalog file was not taken. A part is named as the file names it.
package enum CatalogRefusal: CodedError, Hashable, Sendable {
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
    case json(Words)
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

    package var words: Words {
        switch self {
        case .missing(let part): Words("\(part) is empty; it must be given", "\(part)为空：必须填写")
        case .unknownKind(let text):
            Words(
                "no kind of item is called “\(ShownText.of(text))”; use for example 行政许可 or 01",
                "没有名为“\(ShownText.of(text))”的事项类别：例如请用行政许可或01")
        case .unknownList(let text):
            Words(
                "no list is called “\(ShownText.of(text))”; use for example 行政权力清单",
                "没有名为“\(ShownText.of(text))”的清单：例如请用行政权力清单")
        case .unknownTier(let text, let known):
            Words(
                "this network has no tier “\(ShownText.of(text))”; use one of \(known.joined(separator: ", "))",
                "本网络没有层级“\(ShownText.of(text))”：请用\(known.joined(separator: "、"))之一")
        case .malformed(let part, let text):
            Words(
                "\(part) cannot be “\(ShownText.of(text))”; see fixtures/catalog for what it may be",
                "\(part)不能是“\(ShownText.of(text))”：可取的值见fixtures/catalog")
        case .limit(let part, let text):
            Words(
                "\(part) “\(ShownText.of(text))” is no limit; write working days such as 20, or 30日, or 2个月",
                "\(part)“\(ShownText.of(text))”不是时限：请写工作日数如20，或30日、2个月")
        case .date(let part, let text):
            Words(
                "\(part) “\(ShownText.of(text))” is no day; write for example 2015-02-28",
                "\(part)“\(ShownText.of(text))”不是日期：例如请写2015-02-28")
        case .duplicate(let code, let line):
            Words(
                "code \(code) stands in line \(line) already with other content; leave one out or give it its own code",
                "编码\(code)在第\(line)行已有而内容不同：请删去一个或另给编码")
        case .retired(let code, let day):
            Words(
                "code \(code) is retired from \(CivilDay.text(day)) on; `terrace catalog publish` brings it back",
                "编码\(code)自\(CivilDay.text(day))起停办：用 terrace catalog publish 恢复")
        case .publishedAlready(let code):
            Words(
                "code \(code) is published already; `terrace catalog revise` changes it",
                "编码\(code)已发布：用 terrace catalog revise 更改")
        case .notPublished(let code):
            Words(
                "this unit has not published code \(code); `terrace catalog publish` does",
                "本单位没有发布编码\(code)：用 terrace catalog publish 发布")
        case .unknownKey(let path):
            Words(
                "\(ShownText.of(path)) is no part of an item; correct its spelling or leave it out",
                "事项没有\(ShownText.of(path))这一项：请更正拼写或删去")
        case .row(let error): error.detail
        case .json(let detail): detail
        case .problems(let problems): problems.map(\.words).joined
        }
    }
}

/// Why a catalog file as a whole cannot be read.
package enum CatalogFileError: CodedError, Hashable, Sendable {
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

    package var words: Words {
        switch self {
        case .tooLong(let limit): Words("the file is longer than \(limit) bytes; split it", "文件超过\(limit)字节：请拆分")
        case .notUTF8: Words("not UTF-8; save the file again with that encoding", "不是UTF-8：请以该编码另存")
        case .notAnArray(let line):
            Words(
                "line \(line): a catalog in JSON is an array of items: [ { … }, { … } ]",
                "第\(line)行：JSON目录应为事项的数组：[ { … }, { … } ]")
        case .unclosed(let line):
            Words(
                "line \(line): the item or array that is open here is never closed",
                "第\(line)行：此处开始的事项或数组没有结束")
        case .afterArray(let line): Words("line \(line): text after the array's end", "第\(line)行：数组结束后还有内容")
        case .tooDeep(let line, let limit):
            Words("line \(line): nested deeper than \(limit)", "第\(line)行：嵌套超过\(limit)层")
        case .itemTooLong(let line, let limit):
            Words("line \(line): the item is longer than \(limit) bytes", "第\(line)行：事项超过\(limit)字节")
        case .tooManyItems(let line, let limit):
            Words("line \(line): more than \(limit) items; split the file", "第\(line)行：超过\(limit)个事项：请拆分文件")
        }
    }
}
