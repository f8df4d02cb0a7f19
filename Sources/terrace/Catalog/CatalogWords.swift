import ServiceModel

/// The names of a network's tiers as catalog files use them.
package struct TierNames: Hashable, Sendable {
    /// The four tiers of a city's network.
    package static let usual = TierNames(["city", "county", "town", "village"])

    private static let above: Set<String> = ["province", "nation", "省级", "国家级"]
    private static let chinese = [
        "市级": "city", "县级": "county", "镇级": "town", "乡级": "town", "乡镇级": "town", "村级": "village",
    ]

    /// From the top, as the network's genesis names them.
    package let names: [String]

    package init(_ names: [String]) { self.names = names }

    /// - Throws: `CatalogRefusal.unknownTier`.
    func rank(_ name: String) throws(CatalogRefusal) -> Int {
        guard let rank = names.firstIndex(of: Self.chinese[name] ?? name) else {
            throw .unknownTier(name, known: names)
        }
        return rank
    }

    /// Who decides, by the name of a tier; a province's and the nation's decisions come from beyond the network.
    /// - Throws: `CatalogRefusal.unknownTier`.
    func decider(_ name: String) throws(CatalogRefusal) -> ItemDecider {
        if !names.contains(name), Self.above.contains(name) { return .beyond }
        return .tier(try rank(name))
    }
}

/// A time limit as people write it in files.
enum LimitText {
    private static let units: [(String, TimeLimit.Unit)] = [
        ("", .workingDays), ("工作日", .workingDays), ("日", .days), ("天", .days), ("自然日", .days), ("月", .months),
    ]

    /// A number alone is working days; `20个工作日`, `30日`, `2个月` name their unit. nil for an empty text.
    /// - Throws: `CatalogRefusal.limit`.
    static func limit(_ part: String, _ text: String) throws(CatalogRefusal) -> TimeLimit? {
        guard !text.isEmpty else { return nil }
        let digits = text.prefix { ("0"..."9").contains($0) }
        var unitName = text.dropFirst(digits.count).drop { $0 == " " }
        if unitName.first == "个", unitName.count > 1 { unitName = unitName.dropFirst() }
        guard digits.utf8.count <= 5, let count = UInt32(digits), count <= TimeLimit.longest,
            let unit = units.first(where: { $0.0 == unitName })?.1
        else { throw .limit(part, text) }
        return TimeLimit(count: count, unit: unit)
    }
}

extension ItemKind {
    /// By name, by its two digits, or by the one digit that spreadsheets leave of `01`.
    /// - Throws: `CatalogRefusal`.
    init(file text: String) throws(CatalogRefusal) {
        guard !text.isEmpty else { throw .missing("kind") }
        guard let kind = ItemKind(named: text) ?? ItemKind(named: "0" + text) else { throw .unknownKind(text) }
        self = kind
    }
}

extension UnitCode {
    /// - Throws: `CatalogRefusal.malformed`.
    init(file text: String, _ part: String) throws(CatalogRefusal) {
        guard let code = UnitCode(text) else { throw .malformed(part, text) }
        self = code
    }
}

extension CivilDate {
    /// The day's number; nil for an empty text.
    /// - Throws: `CatalogRefusal.date`.
    static func number(file text: String, _ part: String) throws(CatalogRefusal) -> Int32? {
        guard !text.isEmpty else { return nil }
        guard let day = CivilDate(text) else { throw .date(part, text) }
        return day.dayNumber
    }
}
