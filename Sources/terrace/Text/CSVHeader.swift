import ServiceModel

/// The first row of a table: where each column stands. Names are compared without regard to case and outer blanks.
package struct CSVHeader: Hashable, Sendable {
    private let places: [String: Int]
    /// Cells of the first row.
    package let count: Int

    /// - Throws: `CSVError.missingColumn` when one of `required` is not there, `.duplicateColumn` when one of
    ///   `required` or `optional` is there twice. Other columns are ignored.
    package init(_ row: CSVReader.Row, required: [String], optional: [String] = []) throws(CSVError) {
        let names = row.cells.map { $0.trimmingBlanks().lowercased() }
        var places: [String: Int] = [:]
        for column in required + optional {
            let found = names.indices.filter { names[$0] == column }
            if found.count > 1 { throw .duplicateColumn(name: column) }
            places[column] = found.first
        }
        for column in required where places[column] == nil {
            throw .missingColumn(name: column, found: row.cells.map { ShownText.of($0) })
        }
        self.places = places
        count = row.cells.count
    }

    /// Whether an optional column is there.
    package func has(_ column: String) -> Bool { places[column] != nil }

    /// The cell of a column without outer blanks; nil when the table has no such column.
    package func cell(_ column: String, of row: CSVReader.Row) -> String? {
        guard let place = places[column], place < row.cells.count else { return nil }
        return row.cells[place].trimmingBlanks()
    }

    /// - Throws: `CSVError.rowLength` when the row is shorter than the header or has text beyond it.
    package func fits(_ row: CSVReader.Row) throws(CSVError) {
        guard row.cells.count >= count, row.cells.dropFirst(count).allSatisfy(\.isEmpty) else {
            throw .rowLength(line: row.line, cells: row.cells.count, header: count)
        }
    }
}

extension String {
    /// Without blank characters at both ends.
    fileprivate func trimmingBlanks() -> String {
        guard first?.isWhitespace == true || last?.isWhitespace == true else { return self }
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
