/// How a material stands in a case: the value of its field, `material.` and the material's id.
package enum MaterialStatus: Hashable, Sendable {
    case handedIn
    /// An issued certificate of that kind stands in for it.
    case certificate(String)
    /// Follows, at the latest on that day (容缺受理).
    case deferred(until: CivilDate)

    /// `handedIn`, `certificate:` and the kind, `deferred:` and the day.
    package var text: String {
        switch self {
        case .handedIn: "handedIn"
        case .certificate(let kind): "certificate:\(kind)"
        case .deferred(let day): "deferred:\(day)"
        }
    }

    /// nil for any other text.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        switch (parts[0], parts.count) {
        case ("handedIn", 1): self = .handedIn
        case ("certificate", 2) where !parts[1].isEmpty: self = .certificate(String(parts[1]))
        case ("deferred", 2):
            guard let day = CivilDate(parts[1]) else { return nil }
            self = .deferred(until: day)
        default: return nil
        }
    }
}
