import ServiceModel

/// A catalog as a table. `name`, `department`, `kind` and `tier` (who decides) must be there; the other columns are
/// read where they are there. Cells of several words separate them with `|` or `；`.
package enum CatalogCSV {
    package static let required = ["name", "department", "kind", "tier"]
    /// `basis` may hold laws; the words `sourced` and `plausible` there say where the row comes from and are left out,
    /// as is a column `source`. `group` is read as a tag.
    package static let optional = [
        "item_code", "legal_limit_workdays", "promised_limit_workdays", "group", "note", "basis", "list", "aliases",
        "tags", "life_events", "department_unit", "credit_code", "accepted_by", "route", "fee", "result",
        "valid_from", "valid_until", "window", "phone", "hours",
    ]

    private static let columns: [CatalogPart: [String]] = [
        .aliases: ["aliases"], .tags: ["tags", "group"], .lifeEvents: ["life_events"], .list: ["list"],
        .departmentUnit: ["department_unit"], .creditCode: ["credit_code"], .basis: ["basis"],
        .accepting: ["accepted_by"], .route: ["route"], .statutory: ["legal_limit_workdays"],
        .promised: ["promised_limit_workdays"], .fee: ["fee"], .result: ["result"], .from: ["valid_from"],
        .until: ["valid_until"], .window: ["window"], .phone: ["phone"], .hours: ["hours"], .note: ["note"],
    ]
    private static let origins: Set<String> = ["sourced", "plausible"]

    /// - Throws: `CSVError`, or `CatalogFileError.tooManyItems`.
    static func read(_ bytes: [UInt8], tiers: TierNames) throws -> CatalogReading {
        var header: CSVHeader?
        var entries: [(line: Int, item: Result<CatalogItem, CatalogRefusal>)] = []
        func take(_ row: CSVReader.Row) throws {
            guard let header else {
                header = try CSVHeader(row, required: required, optional: optional)
                return
            }
            guard entries.count < CatalogFile.mostItems else {
                throw CatalogFileError.tooManyItems(line: row.line, limit: CatalogFile.mostItems)
            }
            entries.append((row.line, Result { () throws(CatalogRefusal) in try item(row, header, tiers) }))
        }
        var reader = CSVReader()
        try reader.read(bytes) { try take($0) }
        try reader.finish { try take($0) }
        guard let header else { throw CSVError.noHeader }
        let parts = columns.filter { $0.value.contains(where: header.has) }.map(\.key)
        return CatalogReading(entries, parts: Set(parts))
    }

    private static func item(
        _ row: CSVReader.Row, _ header: CSVHeader, _ tiers: TierNames
    ) throws(CatalogRefusal) -> CatalogItem {
        do { try header.fits(row) } catch { throw .row(error) }
        func cell(_ column: String) -> String { header.cell(column, of: row) ?? "" }
        for column in required where cell(column).isEmpty { throw .missing(column) }
        let name = cell("name"), code = cell("item_code")
        var department = ItemDepartment(name: cell("department"), creditCode: cell("credit_code"))
        if !cell("department_unit").isEmpty {
            department.unit = try UnitCode(file: cell("department_unit"), "department_unit")
        }
        let decider = try tiers.decider(cell("tier"))
        let ranks = try words(cell("accepted_by")).map { name throws(CatalogRefusal) in try tiers.rank(name) }
        let route = try words(cell("route")).map { name throws(CatalogRefusal) in try tiers.rank(name) }
        var list: ItemList?
        if !cell("list").isEmpty {
            guard let named = ItemList(named: cell("list")) else { throw .unknownList(cell("list")) }
            list = named
        }
        var item = CatalogItem(
            code: code.isEmpty ? DerivedCode.code(department: department.name, name: name) : code, name: name,
            kind: try ItemKind(file: cell("kind")), list: list, department: department,
            accepting: ItemAcceptance(tiers: ranks.isEmpty ? [decider.rank] : ranks), decider: decider, route: route)
        item.aliases = words(cell("aliases"))
        item.tags = words(cell("tags")) + words(cell("group")).filter { !words(cell("tags")).contains($0) }
        item.lifeEvents = words(cell("life_events"))
        item.basis = words(cell("basis")).filter { !origins.contains($0) }
        item.statutory = try LimitText.limit("legal_limit_workdays", cell("legal_limit_workdays"))
        item.promised = try LimitText.limit("promised_limit_workdays", cell("promised_limit_workdays"))
        item.instant = (item.promised ?? item.statutory)?.count == 0
        item.fee = cell("fee")
        item.result = cell("result")
        item.from = try CivilDate.number(file: cell("valid_from"), "valid_from")
        item.until = try CivilDate.number(file: cell("valid_until"), "valid_until")
        item.place = ServicePlace(window: cell("window"), phone: cell("phone"), hours: cell("hours"))
        item.note = withPlainLineEnds(cell("note"))
        let problems = item.validate()
        guard problems.isEmpty else { throw .problems(problems) }
        return item
    }

    /// Spreadsheets end lines inside a cell as they end rows.
    private static func withPlainLineEnds(_ text: String) -> String {
        text.split(separator: "\r\n", omittingEmptySubsequences: false).joined(separator: "\n")
    }

    private static func words(_ cell: String) -> [String] {
        cell.split { $0 == "|" || $0 == "；" }.map { word in
            String(word.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        }.filter { !$0.isEmpty }
    }
}

extension ItemDecider {
    /// The tier that accepts where a table names none: the one that decides, or the network's top.
    fileprivate var rank: Int { if case .tier(let rank) = self { rank } else { 0 } }
}
