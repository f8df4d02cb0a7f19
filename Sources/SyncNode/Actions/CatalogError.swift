import ServiceModel

/// Why something was not done to the catalog, or a case of an item was not accepted. Nothing of it was written.
package enum CatalogError: CodedError, Hashable, Sendable {
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

    package var words: Words {
        switch self {
        case .unknown(let item):
            Words(
                "no item \(item) is held here; look it up with a search, or wait for it to arrive",
                "本节点没有事项\(item)：请搜索查找，或等它到达")
        case .notOwner(let item, let owner):
            Words("\(item) belongs to unit \(owner); only that unit may do this", "\(item)属于单位\(owner)：只有该单位能做此事")
        case .invalid(let item, let problems): Words("\(item): ", "\(item)：") + problems.map(\.words).joined
        case .publishedAlready(let item): Words("\(item) is published already; revise it", "\(item)已发布：请修订它")
        case .retired(let item, let day):
            Words(
                "\(item) is retired from \(Self.shown(day)) on; publish it again to bring it back",
                "\(item)自\(Self.shown(day))起停办：要恢复请重新发布")
        case .changedMeanwhile(let item, let version):
            Words(
                "\(item) stands at version \(version) now; read it again and revise that",
                "\(item)现为第\(version)版：请重新读取后再修订")
        case .notBelowOwner(let item, let owner):
            Words(
                "\(item) belongs to unit \(owner), which does not stand above this one",
                "\(item)属于单位\(owner)，它不在本单位之上")
        case .notOffered(let item, let day):
            Words("\(item) is not offered on \(Self.shown(day))", "\(item)在\(Self.shown(day))不办理")
        case .noOverride(let item): Words("this unit has no override of \(item)", "本单位没有对\(item)作过调整")
        case .incomplete(let problems): problems.map(\.words).joined
        }
    }

    private static func shown(_ day: Int32) -> String { CivilDate(dayNumber: day)?.description ?? "day \(day)" }
}
