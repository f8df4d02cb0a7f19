import ServiceModel

/// Why something was not done to the catalog, or a case of an item was not accepted. Nothing of it was written.
package enum CatalogError: CodedError, Hashable, Sendable, CustomStringConvertible {
    /// No published item that is held here has this code or name.
    case unknown(String)
    /// A published item is its owner's alone.
    case notOwner(item: String, owner: UnitCode)
    /// It must not be published as it stands; never empty.
    case invalid(item: String, [CatalogProblem])
    /// This unit has published the code and not retired it.
    case publishedAlready(String)
    case retired(item: String, from: Int32)
    /// The revision does not follow on the version that is published now.
    case changedMeanwhile(item: String, version: UInt32)
    /// The unit does not stand below the item's owner, so that it neither offers nor changes it.
    case notBelowOwner(item: String, owner: UnitCode)
    case notOffered(item: String, day: Int32)
    /// Nothing is there that could be ended.
    case noOverride(item: String)
    /// Everything that keeps the case from being accepted, named at once; never empty.
    case incomplete([FieldProblem])

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .unknown: "catalog.unknown"
        case .notOwner: "catalog.notOwner"
        case .invalid: "catalog.invalid"
        case .publishedAlready: "catalog.publishedAlready"
        case .retired: "catalog.retired"
        case .changedMeanwhile: "catalog.changedMeanwhile"
        case .notBelowOwner: "catalog.notBelowOwner"
        case .notOffered: "catalog.notOffered"
        case .noOverride: "catalog.noOverride"
        case .incomplete: "case.incomplete"
        }
    }

    package var description: String { "\(code): \(subject)" }

    /// What is wrong and the way out, in a sentence.
    package var subject: String {
        switch self {
        case .unknown(let item): "no item \(item) is held here; look it up with a search, or wait for it to arrive"
        case .notOwner(let item, let owner): "\(item) belongs to unit \(owner); only that unit may do this"
        case .invalid(let item, let problems): "\(item): \(problems.map(\.description).joined(separator: "; "))"
        case .publishedAlready(let item): "\(item) is published already; revise it"
        case .retired(let item, let day):
            "\(item) is retired from \(Self.shown(day)) on; publish it again to bring it back"
        case .changedMeanwhile(let item, let version):
            "\(item) stands at version \(version) now; read it again and revise that"
        case .notBelowOwner(let item, let owner):
            "\(item) belongs to unit \(owner), which does not stand above this one"
        case .notOffered(let item, let day): "\(item) is not offered on \(Self.shown(day))"
        case .noOverride(let item): "this unit has no override of \(item)"
        case .incomplete(let problems): problems.map(\.description).joined(separator: "; ")
        }
    }

    private static func shown(_ day: Int32) -> String { CivilDate(dayNumber: day)?.description ?? "day \(day)" }
}
