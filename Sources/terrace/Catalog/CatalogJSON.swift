import Foundation
import ServiceModel

/// A catalog as a JSON array of items. `name`, `kind`, `department` and `decidedBy` must be there; a key that is left
/// out is empty, and a key that is no part of an item is refused.
///
/// Tiers go by the network's names, kinds and lists by their Chinese names, limits as `20个工作日`, `30日`, `2个月`, days as
/// `2015-02-28`. The version is the network's to count and is not in the file.
enum CatalogJSON {
    fileprivate static let tiersKey = CodingUserInfoKey(rawValue: "terrace.tiers")

    /// - Throws: `CatalogFileError`.
    static func read(_ text: ArraySlice<UInt8>, tiers: TierNames) throws -> CatalogReading {
        guard String(validating: text, as: UTF8.self) != nil else { throw CatalogFileError.notUTF8 }
        let decoder = JSONDecoder()
        if let tiersKey { decoder.userInfo[tiersKey] = tiers }
        let entries = try JSONElements.of(text, most: CatalogFile.mostItems).map { element in
            (
                line: element.line,
                item: Result { () throws(CatalogRefusal) in try item(Data(element.bytes), decoder) }
            )
        }
        return CatalogReading(entries, parts: Set(CatalogPart.allCases))
    }

    private static func item(_ bytes: Data, _ decoder: JSONDecoder) throws(CatalogRefusal) -> CatalogItem {
        let item: CatalogItem
        do {
            item = try decoder.decode(ItemInFile.self, from: bytes).item
        } catch let refusal as CatalogRefusal {
            throw refusal
        } catch {
            throw .json(Self.detail(error))
        }
        let problems = item.validate()
        guard problems.isEmpty else { throw .problems(problems) }
        return item
    }

    private static func detail(_ error: any Error) -> Words {
        func at(_ path: [any CodingKey]) -> String {
            path.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined().drop { $0 == "." }.description
        }
        switch error as? DecodingError {
        case .keyNotFound(let key, let context):
            let name = at(context.codingPath + [key])
            return Words("\(name) is not there", "缺少\(name)")
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            let name = at(context.codingPath)
            return Words("\(name) is of another type than it should be", "\(name)的类型不对")
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            let name = at(context.codingPath)
            return Words("\(name) cannot be read", "\(name)无法读取")
        default:
            return Words(
                "the item is not well-formed JSON; look for a missing comma or quote",
                "事项不是完好的JSON：请查看是否少了逗号或引号")
        }
    }
}

// MARK: - Decoding

private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// An object all of whose keys are known.
private struct KnownKeys<Key: CodingKey> {
    let keys: KeyedDecodingContainer<Key>

    init(_ decoder: any Decoder) throws {
        let path = decoder.codingPath.map(\.stringValue)
        for key in try decoder.container(keyedBy: AnyKey.self).allKeys where Key(stringValue: key.stringValue) == nil {
            throw CatalogRefusal.unknownKey((path + [key.stringValue]).joined(separator: "."))
        }
        keys = try decoder.container(keyedBy: Key.self)
    }

    func text(_ key: Key) throws -> String { try keys.decodeIfPresent(String.self, forKey: key) ?? "" }
    func texts(_ key: Key) throws -> [String] { try keys.decodeIfPresent([String].self, forKey: key) ?? [] }
    func number(_ key: Key) throws -> UInt32 { try keys.decodeIfPresent(UInt32.self, forKey: key) ?? 0 }
    func flag(_ key: Key) throws -> Bool { try keys.decodeIfPresent(Bool.self, forKey: key) ?? false }
    func many<Value: Decodable>(_ key: Key) throws -> [Value] {
        try keys.decodeIfPresent([Value].self, forKey: key) ?? []
    }

    /// One of a few names; `other` when the key is absent.
    func named<Value>(_ key: Key, _ names: [String: Value], or other: Value? = nil) throws -> Value {
        if let other, !keys.contains(key) { return other }
        let name = try keys.decode(String.self, forKey: key)
        guard let value = names[name] else { throw CatalogRefusal.malformed(key.stringValue, name) }
        return value
    }

    /// A text, or a number of working days.
    func limit(_ key: Key) throws -> TimeLimit? {
        if let days = try? keys.decodeIfPresent(UInt32.self, forKey: key) {
            return try LimitText.limit(key.stringValue, String(days))
        }
        return try LimitText.limit(key.stringValue, text(key))
    }
}

private struct ItemInFile: Decodable {
    private enum Key: String, CodingKey {
        case code, name, aliases, tags, lifeEvents, kind, list, department, basis, acceptedBy, decidedBy, route
        case materials, form, statutory, promised, instant, fee, result, validFrom, validUntil, place, note
    }

    let item: CatalogItem

    init(from decoder: any Decoder) throws {
        let known = try KnownKeys<Key>(decoder)
        let tiers = CatalogJSON.tiersKey.flatMap { decoder.userInfo[$0] as? TierNames } ?? .usual
        let name = try known.keys.decode(String.self, forKey: .name)
        let department = try known.keys.decode(DepartmentInFile.self, forKey: .department).department
        let code = try known.text(.code)
        let decider = try known.keys.decode(DeciderInFile.self, forKey: .decidedBy).decider(tiers)
        var list: ItemList?
        if known.keys.contains(.list) {
            let text = try known.text(.list)
            guard let named = ItemList(named: text) else { throw CatalogRefusal.unknownList(text) }
            list = named
        }
        var accepting = ItemAcceptance()
        if let acceptance = try known.keys.decodeIfPresent(AcceptanceInFile.self, forKey: .acceptedBy) {
            accepting.tiers = try acceptance.tiers.map(tiers.rank)
            accepting.units = acceptance.units
        } else if case .tier(let rank) = decider {
            accepting.tiers = [rank]
        }
        var item = CatalogItem(
            code: code.isEmpty ? DerivedCode.code(department: department.name, name: name) : code, name: name,
            kind: try ItemKind(file: known.text(.kind)), list: list, department: department, accepting: accepting,
            decider: decider, route: try known.texts(.route).map(tiers.rank))
        item.aliases = try known.texts(.aliases)
        item.tags = try known.texts(.tags)
        item.lifeEvents = try known.texts(.lifeEvents)
        item.basis = try known.texts(.basis)
        item.materials = try (known.many(.materials) as [MaterialInFile]).map(\.material)
        item.form = try (known.many(.form) as [FieldInFile]).map(\.field)
        item.statutory = try known.limit(.statutory)
        item.promised = try known.limit(.promised)
        item.instant = try known.flag(.instant)
        item.fee = try known.text(.fee)
        item.result = try known.text(.result)
        item.from = try CivilDate.number(file: known.text(.validFrom), "validFrom")
        item.until = try CivilDate.number(file: known.text(.validUntil), "validUntil")
        if let place = try known.keys.decodeIfPresent(PlaceInFile.self, forKey: .place) { item.place = place.place }
        item.note = try known.text(.note)
        self.item = item
    }
}

/// A department's name alone, or with its unit and credit code.
private struct DepartmentInFile: Decodable {
    private enum Key: String, CodingKey { case name, unit, creditCode }
    let department: ItemDepartment

    init(from decoder: any Decoder) throws {
        if let name = try? decoder.singleValueContainer().decode(String.self) {
            department = ItemDepartment(name: name)
            return
        }
        let known = try KnownKeys<Key>(decoder)
        let unit = try known.text(.unit)
        department = ItemDepartment(
            name: try known.keys.decode(String.self, forKey: .name),
            unit: unit.isEmpty ? nil : try UnitCode(file: unit, "department.unit"),
            creditCode: try known.text(.creditCode))
    }
}

/// The name of a tier, or `{"unit": code}`.
private struct DeciderInFile: Decodable {
    private enum Key: String, CodingKey { case unit }
    private let tier: String?
    private let unit: UnitCode?

    init(from decoder: any Decoder) throws {
        tier = try? decoder.singleValueContainer().decode(String.self)
        unit =
            tier != nil
            ? nil
            : try UnitCode(
                file: KnownKeys<Key>(decoder).keys.decode(String.self, forKey: .unit), "decidedBy.unit")
    }

    func decider(_ tiers: TierNames) throws(CatalogRefusal) -> ItemDecider {
        if let unit { return .unit(unit) }
        return try tiers.decider(tier ?? "")
    }
}

/// Names of tiers, or `{"tiers": […], "units": […]}`.
private struct AcceptanceInFile: Decodable {
    private enum Key: String, CodingKey { case tiers, units }
    let tiers: [String]
    let units: [UnitCode]

    init(from decoder: any Decoder) throws {
        if let names = try? decoder.singleValueContainer().decode([String].self) {
            (tiers, units) = (names, [])
            return
        }
        let known = try KnownKeys<Key>(decoder)
        tiers = try known.texts(.tiers)
        units = try known.texts(.units).map { try UnitCode(file: $0, "acceptedBy.units") }
    }
}

private struct PlaceInFile: Decodable {
    private enum Key: String, CodingKey { case window, phone, hours }
    let place: ServicePlace

    init(from decoder: any Decoder) throws {
        let known = try KnownKeys<Key>(decoder)
        place = ServicePlace(
            window: try known.text(.window), phone: try known.text(.phone), hours: try known.text(.hours))
    }
}

private struct MaterialInFile: Decodable {
    private enum Key: String, CodingKey { case id, name, need, forms, copies, standIns }
    private static let needs: [String: ItemMaterial.Need] = [
        "required": .required, "deferrable": .deferrable, "whereApplicable": .whereApplicable,
    ]
    private static let forms: [String: ItemMaterial.Forms] = [
        "original": .original, "copy": .copy, "electronic": .electronic,
    ]
    let material: ItemMaterial

    init(from decoder: any Decoder) throws {
        let known = try KnownKeys<Key>(decoder)
        var forms: ItemMaterial.Forms = known.keys.contains(.forms) ? [] : .original
        for name in try known.texts(.forms) {
            guard let form = Self.forms[name] else { throw CatalogRefusal.malformed("materials.forms", name) }
            forms.insert(form)
        }
        let copies = try known.number(.copies)
        material = ItemMaterial(
            id: try known.keys.decode(String.self, forKey: .id),
            name: try known.keys.decode(String.self, forKey: .name),
            need: try known.named(.need, Self.needs, or: .required), forms: forms,
            copies: forms.contains(.copy) && copies == 0 ? 1 : copies, standIns: try known.texts(.standIns))
    }
}

private struct FieldInFile: Decodable {
    private enum Key: String, CodingKey {
        case name, label, kind, required, pattern, choices, minLength, maxLength, help
    }
    private static let kinds: [String: FormField.Kind] = [
        "text": .text, "number": .number, "date": .date, "choice": .choice, "idNumber": .idNumber, "phone": .phone,
        "creditCode": .creditCode,
    ]
    let field: FormField

    init(from decoder: any Decoder) throws {
        let known = try KnownKeys<Key>(decoder)
        field = FormField(
            name: try known.keys.decode(String.self, forKey: .name),
            label: try known.keys.decode(String.self, forKey: .label),
            kind: try known.named(.kind, Self.kinds, or: .text), required: try known.flag(.required),
            pattern: try known.text(.pattern), choices: try known.texts(.choices),
            shortest: try known.number(.minLength), longest: try known.number(.maxLength),
            help: try known.text(.help))
    }
}
