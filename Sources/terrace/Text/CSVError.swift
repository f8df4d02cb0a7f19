import ServiceModel

/// Why comma-separated text cannot be read, with the line where it goes wrong.
package enum CSVError: CodedError, Hashable, Sendable {
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

    package var words: Words {
        let place = line.map { Words("line \($0): ", "第\($0)行：") } ?? Words(name: "")
        return place + detail
    }

    /// Without the line.
    var detail: Words {
        switch self {
        case .unclosedQuote: Words("the cell that begins with a quote here is never closed", "此处以引号开始的单元格没有结束")
        case .strayQuote:
            Words(
                "a quote inside a cell; put the cell in quotes and write the quote twice",
                "单元格内有引号：请把单元格放进引号，内部引号写两遍")
        case .textAfterQuote:
            Words(
                "text after a closing quote; write a quote inside a cell twice", "引号结束后还有内容：单元格内的引号请写两遍")
        case .cellTooLong(_, let limit):
            Words(
                "a cell longer than \(limit) bytes; perhaps a quote is never closed", "单元格超过\(limit)字节：也许有引号没有结束")
        case .rowTooLong(_, let limit): Words("more than \(limit) cells", "超过\(limit)个单元格")
        case .fileTooLong(let limit): Words("the file is longer than \(limit) bytes; split it", "文件超过\(limit)字节：请拆分")
        case .notUTF8: Words("not UTF-8; save the file again with that encoding", "不是UTF-8：请以该编码另存")
        case .notText:
            Words("a zero byte: not a text file, or UTF-16; save it as UTF-8", "有零字节：不是文本文件，或是UTF-16：请以UTF-8另存")
        case .noHeader: Words("the file is empty; the first line must name the columns", "文件为空：第一行应写列名")
        case .missingColumn(let name, let found):
            Words(
                "no column “\(name)”; the first line names \(found.prefix(16).joined(separator: ", "))",
                "没有列“\(name)”：第一行有\(found.prefix(16).joined(separator: "、"))")
        case .duplicateColumn(let name): Words("the column “\(name)” is named twice", "列“\(name)”出现两次")
        case .rowLength(_, let cells, let header):
            Words("\(cells) cells where the first line has \(header)", "有\(cells)个单元格，第一行有\(header)个")
        }
    }
}
