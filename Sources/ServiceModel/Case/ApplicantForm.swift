/// What every case says of its applicant, checked as an item's own form is.
package enum ApplicantForm {
    /// By the names that the case keeps them under.
    package static let fields = [
        FormField(name: CaseField.applicantName, label: "申请人", required: true, longest: 100),
        FormField(name: CaseField.applicantKind, label: "申请人类型", longest: 20),
        FormField(name: CaseField.applicantID, label: "证件号码", longest: 64),
        FormField(name: CaseField.applicantPhone, label: "联系电话", kind: .phone),
        FormField(name: CaseField.applicantAddress, label: "地址", longest: 200),
    ]

    /// The values as they are kept, and what is wrong with them.
    /// - Parameter typed: by the names of `fields`; other names are passed over.
    package static func check(_ typed: [String: String]) -> (values: [String: String], problems: [FieldProblem]) {
        var values: [String: String] = [:]
        var problems: [FieldProblem] = []
        for field in fields {
            let value = field.canonical(typed[field.name] ?? "")
            if !value.isEmpty { values[field.name] = value }
            problems += field.findings(in: value).map { FieldProblem(name: field.name, label: field.label, reason: $0) }
        }
        return (values, problems)
    }
}
