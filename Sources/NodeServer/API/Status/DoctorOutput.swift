import ServiceModel
import SyncNode

/// What a doctor finds, as a program reads it.
package struct DoctorOutput: Encodable {
    package struct Entry: Encodable {
        /// Stable; `docs/DOCTOR.md` has them all.
        package let code: String
        package let severity: String
        package let what: String
        package let effect: String
        package let wayOut: String
    }

    /// Whether a person is needed.
    package let needsSomebody: Bool
    /// The gravest first.
    package let findings: [Entry]

    package init(_ examination: Examination, in language: Language) {
        needsSomebody = !examination.needingSomebody.isEmpty
        findings = examination.findings.map {
            Entry(
                code: $0.code, severity: $0.severity.rawValue, what: $0.what[language], effect: $0.effect[language],
                wayOut: $0.wayOut[language])
        }
    }

    package static let schema = JSONSchema.object([
        .must("needsSomebody", .flag("there is a danger or a warning")),
        .must("findings", .list(entry, "the gravest first")),
    ])

    private static let entry = JSONSchema.object([
        .must("code", .text("stable, for programs")),
        .must("severity", .choice(Severity.allCases.map(\.rawValue), "")), .must("what", .text("what is so")),
        .must("effect", .text("what it means for the work at the counter")),
        .must("wayOut", .text("what to do, commands between backticks")),
    ])
}
