/// What is wrong with one value of a form, or with what was handed in.
package struct FieldProblem: Hashable, Sendable, CustomStringConvertible {
    package enum Reason: Hashable, Sendable {
        case missing
        case tooShort(least: UInt32)
        case tooLong(most: UInt32)
        /// It does not fit the field's pattern.
        case pattern(String)
        case notANumber
        /// Not `yyyy-mm-dd`, or no day of the calendar.
        case notADate
        case notAChoice([String])
        case citizen(CitizenNumber.Finding)
        case credit(CreditCode.Finding)
        case notAPhone
        /// Digits enough, but neither a mobile nor a landline number of the mainland.
        case unusualPhone
        /// The item's form has no such field.
        case unknownField
        case missingMaterial
        /// May follow by a date.
        case deferredMaterial
        /// The item asks for no such material.
        case unknownMaterial
    }

    /// Name of the field or id of the material.
    package let name: String
    /// What the page calls it.
    package let label: String
    package let reason: Reason

    package init(name: String, label: String, reason: Reason) {
        self.name = name
        self.label = label
        self.reason = reason
    }

    /// An error keeps the case from being accepted; a warning is told and passed over.
    package var severity: CodeSeverity {
        switch reason {
        case .citizen(let finding): finding.severity
        case .credit(let finding): finding.severity
        case .unusualPhone, .deferredMaterial: .warning
        default: .error
        }
    }

    /// Stable across versions.
    package var code: String {
        switch reason {
        case .missing: "form.missing"
        case .tooShort: "form.tooShort"
        case .tooLong: "form.tooLong"
        case .pattern: "form.pattern"
        case .notANumber: "form.notANumber"
        case .notADate: "form.notADate"
        case .notAChoice: "form.notAChoice"
        case .citizen(let finding): finding.code
        case .credit(let finding): finding.code
        case .notAPhone: "form.notAPhone"
        case .unusualPhone: "form.unusualPhone"
        case .unknownField: "form.unknownField"
        case .missingMaterial: "material.missing"
        case .deferredMaterial: "material.deferred"
        case .unknownMaterial: "material.unknown"
        }
    }

    package var description: String { "\(code): \(label): \(sentence)" }

    private var sentence: String {
        switch reason {
        case .missing: "must be given"
        case .tooShort(let least): "needs at least \(least) characters"
        case .tooLong(let most): "may have at most \(most) characters"
        case .pattern(let help): help.isEmpty ? "does not have the form that is asked for" : help
        case .notANumber: "must be a number in digits"
        case .notADate: "must be a day such as 2015-02-28"
        case .notAChoice(let choices): "must be one of \(choices.joined(separator: ", "))"
        case .citizen(let finding): finding.description
        case .credit(let finding): finding.description
        case .notAPhone: "must be a telephone number in digits"
        case .unusualPhone: "is no usual telephone number; read it back to the applicant"
        case .unknownField: "this item's form has no such field; leave it out"
        case .missingMaterial: "must be handed in, or a certificate that stands in for it"
        case .deferredMaterial: "may follow; name the day by which"
        case .unknownMaterial: "this item asks for no such material; leave it out"
        }
    }
}
