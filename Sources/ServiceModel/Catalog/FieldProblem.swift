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

    /// For logs.
    package var description: String { "\(code): \(words[.english])" }

    /// Where and what, without the code.
    package var words: Words { Words("\(label): ", "\(label)：") + sentence }

    /// What is wrong, for who sees the field before them.
    package var sentence: Words {
        switch reason {
        case .missing: Words("must be given", "必须填写")
        case .tooShort(let least): Words("needs at least \(least) characters", "至少\(least)个字符")
        case .tooLong(let most): Words("may have at most \(most) characters", "至多\(most)个字符")
        case .pattern(let help):
            help.isEmpty
                ? Words("does not have the form that is asked for", "格式不合要求") : Words(name: help)
        case .notANumber: Words("must be a number in digits", "应为数字")
        case .notADate: Words("must be a day such as 2015-02-28", "应为日期，如2015-02-28")
        case .notAChoice(let choices):
            Words(
                "must be one of \(choices.joined(separator: ", "))", "应为下列之一：\(choices.joined(separator: "、"))")
        case .citizen(let finding): finding.words
        case .credit(let finding): finding.words
        case .notAPhone: Words("must be a telephone number in digits", "应为数字组成的电话号码")
        case .unusualPhone:
            Words("is no usual telephone number; read it back to the applicant", "不像常见的电话号码：请与申请人核对")
        case .unknownField: Words("this item's form has no such field; leave it out", "此事项的表单没有这一项：请删去")
        case .missingMaterial:
            Words("must be handed in, or a certificate that stands in for it", "必须提交，或提交可替代它的证照")
        case .deferredMaterial: Words("may follow; name the day by which", "可以后补：请写明期限")
        case .unknownMaterial: Words("this item asks for no such material; leave it out", "此事项不需要这种材料：请删去")
        }
    }
}
