import Foundation
import ServiceModel

extension CatalogItem {
    /// - Throws: `WireError.malformed`, naming the part whose number or code has no meaning in this version.
    init(_ wire: WireCatalogItem) throws {
        guard let kind = ItemKind(rawValue: wire.kind) else { throw WireError.malformed("kind") }
        guard let list = ItemList(rawValue: wire.list) else { throw WireError.malformed("list") }
        let decider: ItemDecider =
            switch wire.decider {
            case .tier(let rank): .tier(Int(rank))
            case .unit(let code): .unit(try Self.unit(code, "decidedBy"))
            case .beyond(true): .beyond
            case .beyond(false), nil: throw WireError.malformed("decidedBy")
            }
        guard wire.acceptingUnits.count <= CatalogLimits.units else { throw WireError.tooLarge("acceptedBy") }
        self.init(
            code: wire.code, version: wire.version, name: wire.name, kind: kind, list: list,
            department: ItemDepartment(
                name: wire.department,
                unit: wire.departmentUnit.isEmpty ? nil : try Self.unit(wire.departmentUnit, "department.unit"),
                creditCode: wire.departmentCredit),
            accepting: ItemAcceptance(
                tiers: wire.acceptingTiers.map(Int.init),
                units: try wire.acceptingUnits.map { try Self.unit($0, "acceptedBy") }),
            decider: decider, route: wire.route.map(Int.init))
        aliases = wire.aliases
        tags = wire.tags
        lifeEvents = wire.lifeEvents
        basis = wire.basis
        guard wire.materials.count <= CatalogLimits.materials else { throw WireError.tooLarge("materials") }
        materials = try wire.materials.map(ItemMaterial.init)
        guard wire.form.count <= CatalogLimits.fields else { throw WireError.tooLarge("form") }
        form = try wire.form.map(FormField.init)
        statutory = wire.hasStatutory ? try TimeLimit(catalog: wire.statutory, "statutory") : nil
        promised = wire.hasPromised ? try TimeLimit(catalog: wire.promised, "promised") : nil
        instant = wire.instant
        fee = wire.fee
        result = wire.result
        from = wire.hasFrom ? wire.from : nil
        until = wire.hasUntil ? wire.until : nil
        place = ServicePlace(window: wire.window, phone: wire.phone, hours: wire.hours)
        note = wire.note
    }

    private static func unit(_ code: String, _ part: String) throws -> UnitCode {
        guard let unit = UnitCode(code) else { throw WireError.malformed(part) }
        return unit
    }
}

extension WireCatalogItem {
    /// The item's bounds have been checked.
    init(_ item: CatalogItem) {
        self.init()
        code = item.code
        version = item.version
        name = item.name
        kind = item.kind.rawValue
        list = item.list.rawValue
        department = item.department.name
        departmentUnit = item.department.unit?.text ?? ""
        departmentCredit = item.department.creditCode
        acceptingTiers = item.accepting.tiers.map { UInt32($0) }
        acceptingUnits = item.accepting.units.map(\.text)
        decider =
            switch item.decider {
            case .tier(let rank): .tier(UInt32(rank))
            case .unit(let code): .unit(code.text)
            case .beyond: .beyond(true)
            }
        route = item.route.map { UInt32($0) }
        materials = item.materials.map(WireCatalogItem.Material.init)
        form = item.form.map(WireCatalogItem.Field.init)
        if let limit = item.statutory { statutory = WireLimit(catalog: limit) }
        if let limit = item.promised { promised = WireLimit(catalog: limit) }
        instant = item.instant
        aliases = item.aliases
        tags = item.tags
        lifeEvents = item.lifeEvents
        basis = item.basis
        fee = item.fee
        result = item.result
        if let day = item.from { from = day }
        if let day = item.until { until = day }
        window = item.place.window
        phone = item.place.phone
        hours = item.place.hours
        note = item.note
    }
}

extension ItemMaterial {
    fileprivate init(_ wire: WireCatalogItem.Material) throws {
        guard let need = Need(rawValue: wire.need) else { throw WireError.malformed("materials.need") }
        self.init(
            id: wire.id, name: wire.name, need: need, forms: Forms(rawValue: wire.forms), copies: wire.copies,
            standIns: wire.standIns)
    }
}

extension WireCatalogItem.Material {
    fileprivate init(_ material: ItemMaterial) {
        self.init()
        id = material.id
        name = material.name
        need = material.need.rawValue
        forms = material.forms.rawValue
        copies = material.copies
        standIns = material.standIns
    }
}

extension FormField {
    fileprivate init(_ wire: WireCatalogItem.Field) throws {
        guard let kind = Kind(rawValue: wire.kind) else { throw WireError.malformed("form.kind") }
        self.init(
            name: wire.name, label: wire.label, kind: kind, required: wire.required, pattern: wire.pattern,
            choices: wire.choices, shortest: wire.shortest, longest: wire.longest, help: wire.help)
    }
}

extension WireCatalogItem.Field {
    fileprivate init(_ field: FormField) {
        self.init()
        name = field.name
        label = field.label
        kind = field.kind.rawValue
        required = field.required
        pattern = field.pattern
        choices = field.choices
        shortest = field.shortest
        longest = field.longest
        help = field.help
    }
}

extension TimeLimit {
    /// - Throws: `WireError`, naming the part.
    init(catalog wire: WireLimit, _ part: String) throws {
        guard let unit = Unit(rawValue: wire.unit) else { throw WireError.malformed(part) }
        guard wire.count <= Self.longest else { throw WireError.tooLarge(part) }
        self.init(count: wire.count, unit: unit)
    }
}

extension WireLimit {
    init(catalog limit: TimeLimit) {
        self.init()
        count = limit.count
        unit = limit.unit.rawValue
    }
}
