import Foundation
import ServiceModel

/// An item as a column and a program read it: in the form of a catalog file, with the network's names of tiers, so that
/// what is written can be imported. What is empty is left out; the version is not part of it.
package struct CatalogItemJSON: Encodable {
    private enum Key: String, CodingKey {
        case code, name, aliases, tags, lifeEvents, kind, list, department, basis, acceptedBy, decidedBy, route
        case materials, form, statutory, promised, instant, fee, result, validFrom, validUntil, place, note
    }

    private let item: CatalogItem
    private let tiers: [String]

    /// - Parameter tiers: names from the top.
    package init(_ item: CatalogItem, tiers: [String]) {
        self.item = item
        self.tiers = tiers
    }

    /// With sorted keys, so that equal items are equal text.
    package var text: String { get throws { try JSONText.value(self) } }

    package func encode(to encoder: any Encoder) throws {
        var out = encoder.container(keyedBy: Key.self)
        try out.encode(item.code, forKey: .code)
        try out.encode(item.name, forKey: .name)
        try out.encode(item.kind.name, forKey: .kind)
        try out.encode(item.list.name, forKey: .list)
        try out.encode(Department(item.department), forKey: .department)
        try out.encode(Acceptance(item.accepting, tiers: tiers), forKey: .acceptedBy)
        try out.encode(Decider(item.decider, tiers: tiers), forKey: .decidedBy)
        for (key, texts) in [
            (Key.aliases, item.aliases), (.tags, item.tags), (.lifeEvents, item.lifeEvents), (.basis, item.basis),
            (.route, item.route.map { tiers.tierName($0) }),
        ] where !texts.isEmpty {
            try out.encode(texts, forKey: key)
        }
        for (key, text) in [
            (Key.statutory, item.statutory?.words), (.promised, item.promised?.words), (.fee, item.fee.ifAny),
            (.result, item.result.ifAny), (.note, item.note.ifAny),
            (.validFrom, item.from.flatMap { CivilDate(dayNumber: $0) }?.description),
            (.validUntil, item.until.flatMap { CivilDate(dayNumber: $0) }?.description),
        ] {
            try out.encodeIfPresent(text, forKey: key)
        }
        if item.instant { try out.encode(true, forKey: .instant) }
        if !item.materials.isEmpty { try out.encode(item.materials.map(Material.init), forKey: .materials) }
        if !item.form.isEmpty { try out.encode(item.form.map(Field.init), forKey: .form) }
        if item.place != ServicePlace() { try out.encode(Place(item.place), forKey: .place) }
    }

    private struct Department: Encodable {
        let name: String
        let unit, creditCode: String?

        init(_ department: ItemDepartment) {
            name = department.name
            unit = department.unit?.text
            creditCode = department.creditCode.ifAny
        }
    }

    private struct Acceptance: Encodable {
        let tiers, units: [String]

        init(_ accepting: ItemAcceptance, tiers names: [String]) {
            tiers = accepting.tiers.map { names.tierName($0) }
            units = accepting.units.map(\.text)
        }
    }

    private struct Decider: Encodable {
        let decider: ItemDecider
        let tiers: [String]

        init(_ decider: ItemDecider, tiers: [String]) {
            self.decider = decider
            self.tiers = tiers
        }

        func encode(to encoder: any Encoder) throws {
            var out = encoder.singleValueContainer()
            switch decider {
            case .tier(let rank): try out.encode(tiers.tierName(rank))
            case .unit(let code): try out.encode(["unit": code.text])
            case .beyond: try out.encode("nation")
            }
        }
    }

    private struct Place: Encodable {
        let window, phone, hours: String?

        init(_ place: ServicePlace) {
            window = place.window.ifAny
            phone = place.phone.ifAny
            hours = place.hours.ifAny
        }
    }

    private struct Material: Encodable {
        let id, name, need: String
        let forms: [String]
        let copies: UInt32?
        let standIns: [String]?

        init(_ material: ItemMaterial) {
            id = material.id
            name = material.name
            need =
                switch material.need {
                case .required: "required"
                case .deferrable: "deferrable"
                case .whereApplicable: "whereApplicable"
                }
            let names: [(ItemMaterial.Forms, String)] = [
                (.original, "original"), (.copy, "copy"), (.electronic, "electronic"),
            ]
            forms = names.filter { material.forms.contains($0.0) }.map(\.1)
            copies = material.copies > 0 ? material.copies : nil
            standIns = material.standIns.isEmpty ? nil : material.standIns
        }
    }

    private struct Field: Encodable {
        let name, label, kind: String
        let required: Bool?
        let pattern: String?
        let choices: [String]?
        let minLength, maxLength: UInt32?
        let help: String?

        init(_ field: FormField) {
            name = field.name
            label = field.label
            kind =
                switch field.kind {
                case .text: "text"
                case .number: "number"
                case .date: "date"
                case .choice: "choice"
                case .idNumber: "idNumber"
                case .phone: "phone"
                case .creditCode: "creditCode"
                }
            required = field.required ? true : nil
            pattern = field.pattern.ifAny
            choices = field.choices.isEmpty ? nil : field.choices
            minLength = field.shortest > 0 ? field.shortest : nil
            maxLength = field.longest > 0 ? field.longest : nil
            help = field.help.ifAny
        }
    }
}

extension [String] {
    /// The network's name of the tier of this rank; its number where the network has none.
    package func tierName(_ rank: Int) -> String { indices.contains(rank) ? self[rank] : "\(rank)" }
}

extension String {
    fileprivate var ifAny: String? { isEmpty ? nil : self }
}

extension TimeLimit {
    /// As catalog files write it: `20个工作日`, `30日`, `2个月`.
    package var words: String {
        switch unit {
        case .workingDays: "\(count)个工作日"
        case .days: "\(count)日"
        case .months: "\(count)个月"
        }
    }
}
