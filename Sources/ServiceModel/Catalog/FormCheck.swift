/// Checks what an applicant gave against an item's form and materials.
package struct FormCheck: Sendable {
    private let form: [FormField]
    private let materials: [ItemMaterial]

    package init(_ item: CatalogItem) {
        form = item.form
        materials = item.materials
    }

    /// Everything that is wrong at once: fields in the form's order, then materials in the item's, then what the item
    /// does not know.
    /// - Parameter values: by field name, in the form that `canonical` gives.
    /// - Parameter handedIn: ids of the materials that were handed in.
    /// - Parameter certificates: kinds of valid certificates of the applicant that may stand in for materials.
    package func check(
        values: [String: String], materials handedIn: Set<String>, certificates: Set<String> = []
    ) -> [FieldProblem] {
        var problems: [FieldProblem] = []
        for field in form {
            problems += field.findings(in: values[field.name] ?? "").map {
                FieldProblem(name: field.name, label: field.label, reason: $0)
            }
        }
        for material in materials where !handedIn.contains(material.id) {
            guard material.standIns.allSatisfy({ !certificates.contains($0) }) else { continue }
            let reason: FieldProblem.Reason
            switch material.need {
            case .required: reason = .missingMaterial
            case .deferrable: reason = .deferredMaterial
            case .whereApplicable: continue
            }
            problems.append(FieldProblem(name: material.id, label: material.name, reason: reason))
        }
        for name in Set(values.keys).subtracting(form.map(\.name)).sorted() {
            problems.append(FieldProblem(name: name, label: name, reason: .unknownField))
        }
        for id in handedIn.subtracting(materials.map(\.id)).sorted() {
            problems.append(FieldProblem(name: id, label: id, reason: .unknownMaterial))
        }
        return problems
    }

    /// The values as they are kept: without blanks around them, codes and numbers in printed form, empty ones left
    /// out.
    package func canonical(_ typed: [String: String]) -> [String: String] {
        let fields = Dictionary(form.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var out: [String: String] = [:]
        for (name, value) in typed {
            let kept = fields[name]?.canonical(value) ?? value
            if !kept.isEmpty { out[name] = kept }
        }
        return out
    }
}

extension FormField {
    /// The value as it is kept.
    package func canonical(_ typed: String) -> String {
        switch kind {
        case .idNumber, .creditCode, .phone, .number, .date: return TypedText.narrowed(typed)
        case .text, .choice:
            var rest = Substring(typed)
            while rest.first?.isWhitespace == true { rest.removeFirst() }
            while rest.last?.isWhitespace == true { rest.removeLast() }
            return String(rest)
        }
    }

    /// What is wrong with the value; an empty one is missing where it is required and right elsewhere.
    package func findings(in value: String) -> [FieldProblem.Reason] {
        guard !value.allSatisfy(\.isWhitespace) else { return required ? [.missing] : [] }
        let most = longest == 0 ? CatalogLimits.valueCharacters : longest
        // Bytes first: counting characters of a megabyte would be work for nothing.
        guard value.utf8.count <= Int(most) * 4, value.unicodeScalars.count <= Int(most) else {
            return [.tooLong(most: most)]
        }
        if value.unicodeScalars.count < Int(shortest) { return [.tooShort(least: shortest)] }
        let findings = kindFindings(in: value)
        guard findings.isEmpty, !pattern.isEmpty, let form = FormPattern(pattern), !form.matches(value) else {
            return findings
        }
        return [.pattern(help)]
    }

    private func kindFindings(in value: String) -> [FieldProblem.Reason] {
        switch kind {
        case .text: []
        case .number: Self.isNumber(value) ? [] : [.notANumber]
        case .date: CivilDate(value) == nil ? [.notADate] : []
        case .choice: choices.contains(value) ? [] : [.notAChoice(choices)]
        case .idNumber: CitizenNumber.check(value).map { .citizen($0) }
        case .creditCode: CreditCode.check(value).map { .credit($0) }
        case .phone: PhoneNumber.finding(value).map { [$0] } ?? []
        }
    }

    /// Digits with at most one point inside and at most one minus in front.
    private static func isNumber(_ value: String) -> Bool {
        let digits = value.first == "-" ? value.dropFirst() : value[...]
        let parts = digits.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return (1...2).contains(parts.count)
            && parts.allSatisfy { part in
                !part.isEmpty && part.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            }
    }
}

/// The shapes of telephone numbers.
enum PhoneNumber {
    /// Mobile `1[3-9]` and nine digits; landline with or without its area code (`0543-1234567`), `-` and an extension
    /// allowed; numbers that begin with 400 or 800; anything else of 7 to 15 digits is unusual.
    static func finding(_ value: String) -> FieldProblem.Reason? {
        var text = Substring(value)
        if text.hasPrefix("+86") { text = text.dropFirst(3) }
        if text.hasPrefix("-") { text = text.dropFirst() }
        if usual.contains(where: { $0?.matches(String(text)) ?? false }) { return nil }
        let digits = value.utf8.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let others = value.unicodeScalars.filter { !("0"..."9").contains($0) }
        guard (7...15).contains(digits.count), others.allSatisfy({ "+-()".unicodeScalars.contains($0) }) else {
            return .notAPhone
        }
        return .unusualPhone
    }

    private static let usual = [
        FormPattern("1[3-9]\\d{9}"),
        FormPattern("0[12]\\d-?[2-9]\\d{7}"),
        FormPattern("0[12]\\d-?[2-9]\\d{7}-\\d{1,6}"),
        FormPattern("0[3-9]\\d{2}-?[2-9]\\d{6,7}"),
        FormPattern("0[3-9]\\d{2}-?[2-9]\\d{6,7}-\\d{1,6}"),
        FormPattern("[2-9]\\d{6,7}"),
        FormPattern("[48]00-?\\d{3}-?\\d{4}"),
    ]
}
