/// Why an item or an override must not be published as it stands. A part is named as files name it.
package enum CatalogProblem: CodedError, Hashable, Sendable, CustomStringConvertible {
    case missing(String)
    case tooLong(String, most: Int)
    case tooMany(String, most: Int)
    /// The part has signs or a form that it must not have.
    case malformed(String)
    /// Two entries of the part have one name.
    case repeated(String, String)
    /// No network has a tier of this rank.
    case tier(String, Int)
    /// No tier and no unit may accept it.
    case nobodyAccepts
    /// The route does not climb from tier to tier.
    case routeOrder
    /// A tier that may accept is not on the route, or stands above who decides.
    case routeMisses(Int)
    /// The route does not end at the tier that decides.
    case routeEnd
    /// The promised limit is longer than the one it must keep to.
    case promiseLonger
    case limitRange(String)
    /// Handled on the spot and yet with a longer promise, or the other way round.
    case instant
    /// It ends before it begins.
    case validity
    /// A choice without choices, or choices of what is none.
    case choices(String)
    /// The shortest value is longer than the longest.
    case lengths(String)
    case pattern(String)
    /// No form is wanted, or copies are counted where none is wanted, or the other way round.
    case forms(String)
    /// The override changes nothing.
    case emptyOverride

    /// Stable across versions.
    package var code: String {
        switch self {
        case .missing: "catalog.missing"
        case .tooLong: "catalog.tooLong"
        case .tooMany: "catalog.tooMany"
        case .malformed: "catalog.malformed"
        case .repeated: "catalog.repeated"
        case .tier: "catalog.tier"
        case .nobodyAccepts: "catalog.nobodyAccepts"
        case .routeOrder: "catalog.routeOrder"
        case .routeMisses: "catalog.routeMisses"
        case .routeEnd: "catalog.routeEnd"
        case .promiseLonger: "catalog.promiseLonger"
        case .limitRange: "catalog.limitRange"
        case .instant: "catalog.instant"
        case .validity: "catalog.validity"
        case .choices: "catalog.choices"
        case .lengths: "catalog.lengths"
        case .pattern: "catalog.pattern"
        case .forms: "catalog.forms"
        case .emptyOverride: "catalog.emptyOverride"
        }
    }

    package var description: String { "\(code): \(sentence)" }

    private var sentence: String {
        switch self {
        case .missing(let part): "\(part) is empty; it must be given"
        case .tooLong(let part, let most): "\(part) is longer than \(most); shorten it"
        case .tooMany(let part, let most): "\(part) has more than \(most) entries; leave some out"
        case .malformed(let part): "\(part) has characters that are not allowed there"
        case .repeated(let part, let name): "\(part) has \(name) twice; name them apart or leave one out"
        case .tier(let part, let rank): "\(part) has the rank \(rank); ranks are 0 to \(CatalogLimits.tiers - 1)"
        case .nobodyAccepts: "nobody may accept it; name a tier or a unit"
        case .routeOrder: "the route must climb, each tier above the one before"
        case .routeMisses(let rank): "the tier of rank \(rank) accepts but cannot reach who decides; route it"
        case .routeEnd: "the route must end at the tier that decides"
        case .promiseLonger: "the promised limit is longer than the limit that it must keep to; shorten it"
        case .limitRange(let part): "\(part) must be 1 to \(TimeLimit.longest); 0 only where it is handled at once"
        case .instant: "what is handled at once has no promise beyond one working day; change one of the two"
        case .validity: "its validity ends before it begins"
        case .choices(let field): "field \(field): a choice needs choices, and nothing else has any"
        case .lengths(let field): "field \(field): the shortest length is greater than the longest"
        case .pattern(let field): "field \(field): the pattern cannot be read"
        case .forms(let id): "material \(id): name its forms, and copies exactly where a copy is wanted"
        case .emptyOverride: "the override changes nothing; withdraw it instead"
        }
    }
}
