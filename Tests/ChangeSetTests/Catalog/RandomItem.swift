import ServiceModel

@testable import ChangeSet

/// Items of any content within the bounds, sound or not.
enum RandomItem {
    static func make(_ random: inout SeededGenerator) -> CatalogItem {
        var item = CatalogItem(
            code: code(&random), version: UInt32.random(in: 0...CatalogLimits.version, using: &random),
            name: text(&random), kind: pick(ItemKind.allCases, &random), list: pick(ItemList.allCases, &random),
            department: ItemDepartment(
                name: text(&random), unit: Bool.random(using: &random) ? unit(&random) : nil,
                creditCode: Bool.random(using: &random) ? "11371602900000022K" : ""),
            accepting: ItemAcceptance(
                tiers: many(4, &random) { Int.random(in: 0..<CatalogLimits.tiers, using: &$0) },
                units: many(3, &random, unit)),
            decider: pick([.tier(Int.random(in: 0..<8, using: &random)), .unit(unit(&random)), .beyond], &random),
            route: many(5, &random) { Int.random(in: 0..<CatalogLimits.tiers, using: &$0) })
        item.aliases = many(4, &random, text)
        item.tags = many(4, &random, text)
        item.lifeEvents = many(3, &random, text)
        item.basis = many(3, &random, text)
        item.materials = many(8, &random, material)
        item.form = many(10, &random, field)
        item.statutory = limit(&random)
        item.promised = limit(&random)
        item.instant = Bool.random(using: &random)
        item.fee = text(&random)
        item.result = text(&random)
        item.from = day(&random)
        item.until = day(&random)
        item.place = ServicePlace(window: text(&random), phone: text(&random), hours: text(&random))
        item.note = text(&random) + "\n" + text(&random)
        return item
    }

    private static func material(_ random: inout SeededGenerator) -> ItemMaterial {
        ItemMaterial(
            id: code(&random), name: text(&random), need: pick(ItemMaterial.Need.allCases, &random),
            forms: ItemMaterial.Forms(rawValue: UInt32.random(in: 0...7, using: &random)),
            copies: UInt32.random(in: 0...99, using: &random), standIns: many(2, &random, text))
    }

    private static func field(_ random: inout SeededGenerator) -> FormField {
        FormField(
            name: "f\(UInt16.random(in: 0...999, using: &random))", label: text(&random),
            kind: pick(FormField.Kind.allCases, &random), required: Bool.random(using: &random),
            pattern: pick(["", "\\d{6}", "["], &random), choices: many(4, &random, text),
            shortest: UInt32.random(in: 0...2000, using: &random), longest: UInt32.random(in: 0...2000, using: &random),
            help: text(&random))
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        let words = ["", "食品经营许可", "a", "《条例》", "身份证", "Ｘ", "😀", "e\u{301}", "滨湖市"]
        return many(4, &random) { pick(words, &$0) }.joined()
    }

    private static func code(_ random: inout SeededGenerator) -> String {
        many(12, &random) { pick(["0", "9", "A", "z", "-", "_"], &$0) }.joined()
    }

    private static func unit(_ random: inout SeededGenerator) -> UnitCode {
        guard let code = UnitCode("37\(UInt16.random(in: 0...9999, using: &random))") else { preconditionFailure() }
        return code
    }

    private static func limit(_ random: inout SeededGenerator) -> TimeLimit? {
        guard Bool.random(using: &random) else { return nil }
        let count = UInt32.random(in: 0...TimeLimit.longest, using: &random)
        return TimeLimit(count: count, unit: pick(TimeLimit.Unit.allCases, &random))
    }

    private static func day(_ random: inout SeededGenerator) -> Int32? {
        Bool.random(using: &random) ? Int32.random(in: .min ... .max, using: &random) : nil
    }

    private static func many<T>(
        _ most: Int, _ random: inout SeededGenerator, _ make: (inout SeededGenerator) -> T
    ) -> [T] {
        (0..<Int.random(in: 0...most, using: &random)).map { _ in make(&random) }
    }

    private static func pick<T>(_ from: [T], _ random: inout SeededGenerator) -> T {
        from[Int.random(in: 0..<from.count, using: &random)]
    }
}
