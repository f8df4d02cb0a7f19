/// Collects what passes its bound, in the order of the parts.
struct CatalogBounds {
    private(set) var problems: [CatalogProblem] = []

    mutating func add(_ problem: CatalogProblem) { problems.append(problem) }

    /// A text that may be empty; no control characters, line breaks only where `lines`.
    mutating func text(_ part: String, _ value: String, most: Int, lines: Bool = false) {
        if value.utf8.count > most { return add(.tooLong(part, most: most)) }
        if value.unicodeScalars.contains(where: { Self.isControl($0) && !(lines && $0 == "\n") }) {
            add(.malformed(part))
        }
    }

    /// A text of ASCII letters, digits and `signs`.
    mutating func name(_ part: String, _ value: String, most: Int, signs: String) {
        if value.utf8.count > most { return add(.tooLong(part, most: most)) }
        let allowed = value.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"):
                true
            default: signs.utf8.contains(byte)
            }
        }
        if !allowed { add(.malformed(part)) }
    }

    mutating func count(_ part: String, _ count: Int, most: Int) {
        if count > most { add(.tooMany(part, most: most)) }
    }

    mutating func words(_ part: String, _ words: [String], most: Int = CatalogLimits.words, bytes: Int) {
        count(part, words.count, most: most)
        for word in words.prefix(most) { text(part, word, most: bytes) }
    }

    mutating func ranks(_ part: String, _ ranks: [Int]) {
        count(part, ranks.count, most: CatalogLimits.tiers)
        for rank in ranks.prefix(CatalogLimits.tiers) where !(0..<CatalogLimits.tiers).contains(rank) {
            add(.tier(part, rank))
        }
    }

    mutating func limit(_ part: String, _ limit: TimeLimit?) {
        if let limit, limit.count > TimeLimit.longest { add(.limitRange(part)) }
    }

    mutating func place(_ place: ServicePlace) {
        text("place.window", place.window, most: CatalogLimits.placeBytes)
        text("place.phone", place.phone, most: CatalogLimits.placeBytes)
        text("place.hours", place.hours, most: CatalogLimits.placeBytes)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }
}

extension CatalogItem {
    /// Lengths and counts that pass `CatalogLimits`: what bytes from outside are refused for.
    package var outOfBounds: [CatalogProblem] {
        var bounds = CatalogBounds()
        bounds.name("code", code, most: CatalogLimits.codeCharacters, signs: "-_.")
        if version > CatalogLimits.version { bounds.add(.tooLong("version", most: Int(CatalogLimits.version))) }
        bounds.text("name", name, most: CatalogLimits.nameBytes)
        bounds.words("aliases", aliases, bytes: CatalogLimits.nameBytes)
        bounds.words("tags", tags, bytes: CatalogLimits.wordBytes)
        bounds.words("lifeEvents", lifeEvents, bytes: CatalogLimits.wordBytes)
        bounds.text("department", department.name, most: CatalogLimits.departmentBytes)
        bounds.name("department.creditCode", department.creditCode, most: 18, signs: "")
        bounds.words("basis", basis, most: CatalogLimits.basis, bytes: CatalogLimits.basisBytes)
        bounds.ranks("acceptedBy", accepting.tiers)
        bounds.count("acceptedBy", accepting.units.count, most: CatalogLimits.units)
        if case .tier(let rank) = decider { bounds.ranks("decidedBy", [rank]) }
        bounds.ranks("route", route)
        bounds.count("materials", materials.count, most: CatalogLimits.materials)
        for material in materials.prefix(CatalogLimits.materials) { bounds.material(material) }
        bounds.count("form", form.count, most: CatalogLimits.fields)
        for field in form.prefix(CatalogLimits.fields) { bounds.field(field) }
        bounds.limit("statutory", statutory)
        bounds.limit("promised", promised)
        bounds.text("fee", fee, most: CatalogLimits.feeBytes)
        bounds.text("result", result, most: CatalogLimits.resultBytes)
        bounds.place(place)
        bounds.text("note", note, most: CatalogLimits.noteBytes, lines: true)
        return bounds.problems
    }
}

extension CatalogBounds {
    fileprivate mutating func material(_ material: ItemMaterial) {
        name("materials.id", material.id, most: CatalogLimits.idCharacters, signs: "-_")
        text("materials.name", material.name, most: CatalogLimits.nameBytes)
        if material.copies > CatalogLimits.copies { add(.tooMany("materials.copies", most: Int(CatalogLimits.copies))) }
        if !material.forms.isSubset(of: .all) { add(.forms(material.id)) }
        words("materials.standIns", material.standIns, most: CatalogLimits.standIns, bytes: CatalogLimits.resultBytes)
    }

    fileprivate mutating func field(_ field: FormField) {
        name("form.name", field.name, most: CatalogLimits.fieldNameCharacters, signs: "_")
        text("form.label", field.label, most: CatalogLimits.labelBytes)
        if field.pattern.unicodeScalars.count > CatalogLimits.patternCharacters {
            add(.tooLong("form.pattern", most: CatalogLimits.patternCharacters))
        }
        words("form.choices", field.choices, most: CatalogLimits.choices, bytes: CatalogLimits.choiceBytes)
        for length in [field.shortest, field.longest] where length > CatalogLimits.valueCharacters {
            add(.tooLong("form.length", most: Int(CatalogLimits.valueCharacters)))
        }
        text("form.help", field.help, most: CatalogLimits.helpBytes, lines: true)
    }
}
