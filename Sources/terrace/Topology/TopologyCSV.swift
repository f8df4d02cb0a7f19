import ServiceModel

/// A topology as a table: the columns `code`, `name`, `tier`, `parent_code`, and if they are there `kind`, `division`,
/// `from`, `until`. Other columns are ignored.
package enum TopologyCSV {
    /// Columns that must be there.
    package static let required = ["code", "name", "tier", "parent_code"]
    /// Columns that are read where they are there.
    package static let optional = ["kind", "division", "from", "until"]

    /// Reads rows as they come and gathers a plan.
    struct Gathering {
        private var header: CSVHeader?
        private(set) var rows: [TopologyPlan.Row] = []

        /// - Throws: `CSVError` for the header or the row's length; `TopologyRejected` when there are too many units.
        mutating func take(_ row: CSVReader.Row) throws {
            guard let header else {
                header = try CSVHeader(row, required: required, optional: optional)
                return
            }
            try header.fits(row)
            let unit = TopologyPlan.Row(
                line: row.line, code: header.cell("code", of: row) ?? "", name: header.cell("name", of: row) ?? "",
                tier: header.cell("tier", of: row) ?? "", parent: header.cell("parent_code", of: row),
                kind: header.cell("kind", of: row), division: header.cell("division", of: row),
                from: header.cell("from", of: row), until: header.cell("until", of: row))
            guard rows.count < TopologyPlan.mostUnits else { throw TopologyFile.tooManyUnits(at: unit) }
            rows.append(unit)
        }

        /// - Throws: `CSVError.noHeader` when there was no row at all.
        func plan() throws(CSVError) -> TopologyPlan {
            guard header != nil else { throw .noHeader }
            return TopologyPlan(rows: rows)
        }
    }

    /// - Throws: `CSVError`, `TopologyRejected` when there are too many units.
    package static func read(_ text: some Sequence<UInt8>) throws -> TopologyPlan {
        var gathering = Gathering()
        var reader = CSVReader()
        try reader.read(text) { try gathering.take($0) }
        try reader.finish { try gathering.take($0) }
        return try gathering.plan()
    }

    /// - Throws: `CSVError`, `TopologyRejected` when there are too many units, or Foundation's error when the file
    ///   cannot be read.
    package static func read(path: String) throws -> TopologyPlan {
        var gathering = Gathering()
        try CSVReader.read(path: path) { try gathering.take($0) }
        return try gathering.plan()
    }
}
