/// Why an item or an override must not be published as it stands. A part is named as files name it.
package enum CatalogProblem: CodedError, Hashable, Sendable {
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

    package var words: Words {
        switch self {
        case .missing(let part): Words("\(part) is empty; it must be given", "\(part)为空：必须填写")
        case .tooLong(let part, let most): Words("\(part) is longer than \(most); shorten it", "\(part)超过\(most)：请缩短")
        case .tooMany(let part, let most):
            Words("\(part) has more than \(most) entries; leave some out", "\(part)超过\(most)项：请删去一些")
        case .malformed(let part):
            Words("\(part) has characters that are not allowed there", "\(part)含有此处不允许的字符")
        case .repeated(let part, let name):
            Words(
                "\(part) has \(name) twice; name them apart or leave one out",
                "\(part)中\(name)出现两次：请区分名称或删去一个")
        case .tier(let part, let rank):
            Words(
                "\(part) has the rank \(rank); ranks are 0 to \(CatalogLimits.tiers - 1)",
                "\(part)的层级为\(rank)，应为0到\(CatalogLimits.tiers - 1)")
        case .nobodyAccepts: Words("nobody may accept it; name a tier or a unit", "没有可受理的单位：请写明层级或单位")
        case .routeOrder: Words("the route must climb, each tier above the one before", "办理路线应逐级向上")
        case .routeMisses(let rank):
            Words(
                "the tier of rank \(rank) accepts but cannot reach who decides; route it",
                "第\(rank)级可受理，却到不了决定单位：请把它列入路线")
        case .routeEnd: Words("the route must end at the tier that decides", "路线应止于决定的层级")
        case .promiseLonger:
            Words(
                "the promised limit is longer than the limit that it must keep to; shorten it",
                "承诺时限长于它应遵守的时限：请缩短")
        case .limitRange(let part):
            Words(
                "\(part) must be 1 to \(TimeLimit.longest); 0 only where it is handled at once",
                "\(part)应为1到\(TimeLimit.longest)，只有即办件可为0")
        case .instant:
            Words(
                "what is handled at once has no promise beyond one working day; change one of the two",
                "即办件的承诺时限不得超过一个工作日：请更改其一")
        case .validity: Words("its validity ends before it begins", "有效期的结束早于开始")
        case .choices(let field):
            Words(
                "field \(field): a choice needs choices, and nothing else has any",
                "字段\(field)：选择项须列出选项，其他字段不得列出")
        case .lengths(let field):
            Words("field \(field): the shortest length is greater than the longest", "字段\(field)：最短长度大于最长长度")
        case .pattern(let field): Words("field \(field): the pattern cannot be read", "字段\(field)：格式规则无法读取")
        case .forms(let id):
            Words(
                "material \(id): name its forms, and copies exactly where a copy is wanted",
                "材料\(id)：请写明形式，且仅在需要复印件时写份数")
        case .emptyOverride:
            Words("the override changes nothing; withdraw it instead", "此调整没有改变任何内容：请改为撤销调整")
        }
    }
}
