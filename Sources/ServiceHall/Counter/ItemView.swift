import ServiceModel

/// An item as people read it.
enum ItemView {
    static func view(_ item: CatalogItem, _ text: PageText) -> View {
        [
            "itemCode": item.code, "itemName": item.name, "itemKind": text.word("kind", item.kind.code),
            "itemAliases": item.aliases.joined(separator: text["comma"]), "itemDepartment": item.department.name,
            "itemPromised": item.instant ? text["limit.instant"] : text.limit(item.promised),
            "itemStatutory": text.limit(item.statutory), "itemFee": item.fee.isEmpty ? text["item.noFee"] : item.fee,
            "itemResult": item.result, "itemBasis": item.basis, "itemNote": item.note,
            "itemWindow": item.place.window, "itemPhone": item.place.phone, "itemHours": item.place.hours,
            "materials": item.materials.map { material($0, text) },
        ]
    }

    static func material(_ material: ItemMaterial, _ text: PageText) -> View {
        [
            "materialID": material.id, "materialName": material.name, "materialNeed": need(material.need, text),
            "isRequired": material.need == .required, "isDeferrable": material.need == .deferrable,
            "materialForms": forms(material, text),
            "materialStandIns": material.standIns.joined(separator: text["comma"]),
        ]
    }

    private static func need(_ need: ItemMaterial.Need, _ text: PageText) -> String {
        switch need {
        case .required: text["material.required"]
        case .deferrable: text["material.deferrable"]
        case .whereApplicable: text["material.whereApplicable"]
        }
    }

    private static func forms(_ material: ItemMaterial, _ text: PageText) -> String {
        var forms: [String] = []
        if material.forms.contains(.original) { forms.append(text["material.original"]) }
        if material.forms.contains(.copy) || material.copies > 0 {
            forms.append(
                material.copies > 1 ? text("material.copies", "\(material.copies)") : text["material.copy"])
        }
        if material.forms.contains(.electronic) { forms.append(text["material.electronic"]) }
        return forms.joined(separator: text["comma"])
    }
}

extension TimeLimit {
    /// As `text` writes it; nil for anything else.
    init?(text: String) {
        let units: [Character: Unit] = ["w": .workingDays, "d": .days, "m": .months]
        guard let letter = text.last, let unit = units[letter], let count = UInt32(text.dropLast()),
            count <= Self.longest
        else { return nil }
        self.init(count: count, unit: unit)
    }
}
