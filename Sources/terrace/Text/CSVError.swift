import ServiceModel

/// Why comma-separated text cannot be read, with the line where it goes wrong.
package enum CSVError: CodedError, Hashable, Sendable, CustomStringConvertible {
    case unclosedQuote(line: Int)
    case strayQuote(line: Int)
    case textAfterQuote(line: Int)
    case cellTooLong(line: Int, limit: Int)
    case rowTooLong(line: Int, limit: Int)
    case fileTooLong(limit: Int)
    case notUTF8(line: Int)
    case notText(line: Int)
    case noHeader
    case missingColumn(name: String, found: [String])
    case duplicateColumn(name: String)
    case rowLength(line: Int, cells: Int, header: Int)

    /// Stable across versions.
    package var code: String {
        switch self {
        case .unclosedQuote: "csv.unclosedQuote"
        case .strayQuote: "csv.strayQuote"
        case .textAfterQuote: "csv.textAfterQuote"
        case .cellTooLong: "csv.cellTooLong"
        case .rowTooLong: "csv.rowTooLong"
        case .fileTooLong: "csv.fileTooLong"
        case .notUTF8: "csv.notUTF8"
        case .notText: "csv.notText"
        case .noHeader: "csv.noHeader"
        case .missingColumn: "csv.missingColumn"
        case .duplicateColumn: "csv.duplicateColumn"
        case .rowLength: "csv.rowLength"
        }
    }

    /// Line of the file, from 1; nil where the file as a whole is meant.
    package var line: Int? {
        switch self {
        case .unclosedQuote(let line), .strayQuote(let line), .textAfterQuote(let line), .cellTooLong(let line, _),
            .rowTooLong(let line, _), .notUTF8(let line), .notText(let line), .rowLength(let line, _, _):
            line
        case .missingColumn, .duplicateColumn, .noHeader: 1
        case .fileTooLong: nil
        }
    }

    package var description: String {
        (line.map { "line \($0): " } ?? "") + code + ": " + detail
    }

    private var detail: String {
        switch self {
        case .unclosedQuote: "the cell that begins with a quote here is never closed"
        case .strayQuote: "a quote inside a cell; put the cell in quotes and write the quote twice"
        case .textAfterQuote: "text after a closing quote; write a quote inside a cell twice"
        case .cellTooLong(_, let limit): "a cell longer than \(limit) bytes; perhaps a quote is never closed"
        case .rowTooLong(_, let limit): "more than \(limit) cells"
        case .fileTooLong(let limit): "the file is longer than \(limit) bytes; split it"
        case .notUTF8: "not UTF-8; save the file again with that encoding"
        case .notText: "a zero byte: not a text file, or UTF-16; save it as UTF-8"
        case .noHeader: "the file is empty; the first line must name the columns"
        case .missingColumn(let name, let found):
            "no column \"\(name)\"; the first line names \(found.prefix(16).joined(separator: ", "))"
        case .duplicateColumn(let name): "the column \"\(name)\" is named twice"
        case .rowLength(_, let cells, let header): "\(cells) cells where the first line has \(header)"
        }
    }
}
