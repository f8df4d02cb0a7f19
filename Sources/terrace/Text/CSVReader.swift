import Foundation

/// Reads comma-separated text (RFC 4180) from bytes that arrive in pieces: UTF-8 with or without a byte order mark,
/// lines that end in LF, CRLF or CR, quoted cells with commas, quotes and line ends inside. Blank lines are left out.
///
/// Only the row at hand is kept, so what is outside the limits is refused before it takes memory.
package struct CSVReader {
    /// One row.
    package struct Row: Hashable, Sendable {
        /// Line of the file where the row begins, from 1.
        package let line: Int
        package let cells: [String]

        package init(line: Int, cells: [String]) {
            self.line = line
            self.cells = cells
        }
    }

    /// What is still accepted.
    package struct Limits: Hashable, Sendable {
        /// Longest cell, in bytes.
        package var cell = 64 << 10
        /// Most cells of a row.
        package var cells = 256
        /// Longest file, in bytes.
        package var file = 64 << 20

        package init() {}
    }

    private enum State {
        case cellStart
        case plain
        case quoted
        /// After a quote inside a quoted cell: its end, or the first of two.
        case quote
    }

    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static let pieceSize = 64 << 10

    private let limits: Limits
    private var state = State.cellStart
    private var line = 1
    private var rowLine = 1
    private var quoteLine = 1
    private var total = 0
    private var afterReturn = false
    private var cell: [UInt8] = []
    private var cells: [String] = []
    /// The row has text, a comma or quotes.
    private var begun = false

    package init(limits: Limits = Limits()) { self.limits = limits }

    /// Takes the next piece of the file and hands on each row that ends in it.
    /// - Throws: `CSVError`, or what `row` throws; the reader must not be used after that.
    package mutating func read(_ piece: some Sequence<UInt8>, row: (Row) throws -> Void) throws {
        for byte in piece {
            total += 1
            if total > limits.file { throw CSVError.fileTooLong(limit: limits.file) }
            if byte == 0 { throw CSVError.notText(line: line) }
            if state == .quoted { try takeQuoted(byte) } else { try take(byte, row) }
            afterReturn = byte == UInt8(ascii: "\r")
            if total == 3, cell == Self.mark { startRow() }
        }
    }

    /// Ends the file and hands on the last row, which needs no line end.
    /// - Throws: `CSVError`, or what `row` throws.
    package mutating func finish(row: (Row) throws -> Void) throws {
        if state == .quoted { throw CSVError.unclosedQuote(line: quoteLine) }
        try endRow(row)
    }

    /// Reads a whole file piece by piece.
    /// - Throws: `CSVError`, what `row` throws, or Foundation's error when the file cannot be read.
    package static func read(path: String, limits: Limits = Limits(), row: (Row) throws -> Void) throws {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        var reader = CSVReader(limits: limits)
        while let piece = try file.read(upToCount: pieceSize), !piece.isEmpty {
            try reader.read(piece, row: row)
        }
        try reader.finish(row: row)
    }

    private mutating func takeQuoted(_ byte: UInt8) throws {
        if byte == UInt8(ascii: "\"") {
            state = .quote
            return
        }
        if byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") && !afterReturn { line += 1 }
        try append(byte)
    }

    private mutating func take(_ byte: UInt8, _ row: (Row) throws -> Void) throws {
        switch byte {
        case UInt8(ascii: "\n") where afterReturn:
            break
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
            try endRow(row)
            line += 1
            rowLine = line
        case UInt8(ascii: ","):
            begun = true
            try endCell()
        case UInt8(ascii: "\""):
            switch state {
            case .cellStart:
                begun = true
                quoteLine = line
            case .quote: try append(byte)
            case .plain, .quoted: throw CSVError.strayQuote(line: line)
            }
            state = .quoted
        default:
            if state == .quote { throw CSVError.textAfterQuote(line: line) }
            begun = true
            state = .plain
            try append(byte)
        }
    }

    private mutating func append(_ byte: UInt8) throws {
        guard cell.count < limits.cell else {
            throw CSVError.cellTooLong(line: state == .quoted ? quoteLine : line, limit: limits.cell)
        }
        cell.append(byte)
    }

    private mutating func endCell() throws {
        guard cells.count < limits.cells else { throw CSVError.rowTooLong(line: rowLine, limit: limits.cells) }
        guard let text = String(validating: cell, as: UTF8.self) else { throw CSVError.notUTF8(line: line) }
        cells.append(text)
        cell.removeAll(keepingCapacity: true)
        state = .cellStart
    }

    private mutating func endRow(_ row: (Row) throws -> Void) throws {
        guard begun else { return }
        try endCell()
        let done = Row(line: rowLine, cells: cells)
        startRow()
        try row(done)
    }

    private mutating func startRow() {
        cells.removeAll(keepingCapacity: true)
        cell.removeAll(keepingCapacity: true)
        state = .cellStart
        begun = false
    }
}
