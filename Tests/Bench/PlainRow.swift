import Foundation

/// What a plain program with two tables keeps of a case: the same content, without identity, order or signature.
enum PlainRow {
    case entry([(String, Value)])
    case action([(String, Value)])

    enum Value {
        case text(String)
        case number(Int64)

        var json: Any {
            switch self {
            case .text(let text): text
            case .number(let number): number
            }
        }
    }

    static let tables = """
        CREATE TABLE service_case (
            id INTEGER PRIMARY KEY, receipt TEXT, item TEXT, item_name TEXT, item_version INTEGER, department TEXT,
            item_kind TEXT, promised TEXT, statutory TEXT, channel TEXT, unit TEXT, holder TEXT, phase TEXT, route TEXT,
            accepted_day TEXT, clerk TEXT, booked INTEGER, fields TEXT);
        CREATE TABLE case_action (
            id INTEGER PRIMARY KEY, service_case INTEGER, action TEXT, unit TEXT, clerk TEXT, day TEXT, booked INTEGER,
            text TEXT, target TEXT, fields TEXT);
        """

    var columns: [(String, Value)] {
        switch self {
        case .entry(let columns), .action(let columns): columns
        }
    }

    var table: String {
        switch self {
        case .entry: "service_case"
        case .action: "case_action"
        }
    }

    var line: Data {
        get throws {
            try BenchCase.json(Dictionary(uniqueKeysWithValues: columns.map { ($0.0, $0.1.json) })) + Data("\n".utf8)
        }
    }

    /// One row of the case and one for each further action.
    /// - Parameters:
    ///   - receipt: the number that the node gave.
    ///   - booked: seconds since 1970.
    static func rows(of one: BenchCase, receipt: String, booked: Int64) throws -> [PlainRow] {
        func text(_ object: Any) throws -> Value {
            .text(String(decoding: try BenchCase.json(object), as: UTF8.self))
        }
        let id = Int64(one.number + 1)
        var fields = one.fields
        for material in one.materials { fields["material.\(material)"] = "handedIn" }
        let first = PlainRow.entry([
            ("id", .number(id)), ("receipt", .text(receipt)), ("item", .text(one.item.code)),
            ("item_name", .text(one.item.name)), ("item_version", .number(1)), ("department", .text(one.item.office)),
            ("item_kind", .text(one.item.kind)), ("promised", .text("\(one.item.promised)w")),
            ("statutory", .text("\(one.item.statutory)w")), ("channel", .text("counter")),
            ("unit", .text(BenchTown.village)), ("holder", .text(BenchTown.town)), ("phase", .text("accepted")),
            ("route", try text([BenchTown.village, BenchTown.town, BenchTown.county])),
            ("accepted_day", .text(one.day)), ("clerk", .text(one.clerk)), ("booked", .number(booked)),
            ("fields", try text(fields)),
        ])
        let rest = try one.actions.enumerated().map { index, action in
            PlainRow.action([
                ("id", .number(id * 10 + Int64(index))), ("service_case", .number(id)), ("action", .text(action.name)),
                ("unit", .text(BenchTown.village)), ("clerk", .text(action.clerk)), ("day", .text(action.day)),
                ("booked", .number(booked)), ("text", .text(([action.text] + action.missing).joined(separator: "；"))),
                ("target", .text(action.target ?? "")), ("fields", try text(action.fields)),
            ])
        }
        return [first] + rest
    }
}
