/// Why no route leads from a unit to who decides.
package enum CaseRouteError: CodedError, Hashable, Sendable {
    /// The network has no such unit.
    case unknownUnit(UnitCode)
    /// The item is not accepted there.
    case notAccepted(UnitCode)
    /// Neither the unit nor any unit above it is on the tier that decides.
    case noDecider(UnitCode, tier: Int)

    /// Stable across versions.
    package var code: String {
        switch self {
        case .unknownUnit: "route.unknownUnit"
        case .notAccepted: "route.notAccepted"
        case .noDecider: "route.noDecider"
        }
    }

    package var words: Words {
        switch self {
        case .unknownUnit(let unit):
            Words("the network has no unit \(unit); correct the item or the topology", "网络中没有单位\(unit)：请更正事项或拓扑")
        case .notAccepted(let unit):
            Words("unit \(unit) may not accept this item; choose a unit that may", "单位\(unit)不能受理此事项：请选择可受理的单位")
        case .noDecider(let unit, let tier):
            Words(
                "unit \(unit) has no unit of rank \(tier) above it, which would decide; accept it elsewhere",
                "单位\(unit)之上没有第\(tier)级的单位来决定：请在别处受理")
        }
    }
}

/// The units that a case of an item passes when one certain unit accepts it.
package struct CaseRoute: Hashable, Sendable {
    /// The accepting unit first, the deciding one last, none twice.
    package let units: [UnitCode]
    /// The last unit only sends the case on and records what an authority above the network decided.
    package let beyond: Bool

    package var accepting: UnitCode { units[0] }
    package var deciding: UnitCode { units[units.count - 1] }

    /// Tiers of the route that the accepting unit has no ancestor on are passed over: a community centre may stand
    /// directly under its county.
    /// - Throws: `CaseRouteError`.
    package init(of item: CatalogItem, from unit: UnitCode, in topology: Topology) throws(CaseRouteError) {
        guard let tier = topology.tier(of: unit) else { throw .unknownUnit(unit) }
        guard item.accepting.tiers.contains(tier) || item.accepting.units.contains(unit) else {
            throw .notAccepted(unit)
        }
        let chain = [unit] + topology.above(unit)
        let decider: UnitCode
        switch item.decider {
        case .tier(let rank):
            guard let found = chain.first(where: { topology.tier(of: $0) == rank }) else {
                throw .noDecider(unit, tier: rank)
            }
            decider = found
        case .unit(let code):
            guard topology.contains(code) else { throw .unknownUnit(code) }
            decider = code
        case .beyond:
            decider = chain[chain.count - 1]
        }
        // A deciding unit beside the chain, such as a branch centre, is reached through the lowest unit above both.
        let turn = chain.firstIndex { topology.isAboveOrSelf($0, decider) } ?? chain.count - 1
        var units = [unit]
        for passed in chain[...turn].dropFirst() where topology.tier(of: passed).map(item.route.contains) ?? false {
            units.append(passed)
        }
        if units.last != decider { units.append(decider) }
        self.units = units
        beyond = item.decider == .beyond
    }
}
