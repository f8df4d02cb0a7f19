import ServiceModel
import Simulator

/// Makes up a city of any size for demonstrations and measurements: codes built like division codes, invented names.
package struct TopologyGenerator: Hashable, Sendable {
    /// Most counties: two digits of code, where 01 is not given.
    package static let mostCounties = 98
    /// Most towns of a county and villages of a town: three digits of code, in two ranges.
    package static let mostBelow = 600
    /// Longest code of the root; a village's is eight longer.
    package static let longestRootCode = UnitCode.longest - 8

    package let branches: Int
    package let counties: Int
    package let towns: Int
    package let villages: Int
    package let rootCode: UnitCode
    package let rootName: String

    /// - Throws: `TopologyGeneratorError` for sizes that the codes or a network cannot hold.
    package init(
        branches: Int, counties: Int, towns: Int, villages: Int, rootCode: String, rootName: String
    ) throws(TopologyGeneratorError) {
        func bound(_ what: String, _ count: Int, _ most: Int) throws(TopologyGeneratorError) {
            guard count >= 0, count <= most else { throw .size(what, count, most: most) }
        }
        try bound("branches", branches, PlaceNames.mostBranches)
        try bound("counties", counties, Self.mostCounties)
        try bound("towns", towns, counties * Self.mostBelow)
        try bound("villages", villages, towns * Self.mostBelow)
        try bound("units", 1 + branches + counties + towns + villages, TopologyPlan.mostUnits)
        guard let code = UnitCode(rootCode), ReceiptNumber.canPrint(code),
            rootCode.utf8.count <= Self.longestRootCode
        else { throw .rootCode(rootCode) }
        self.branches = branches
        self.counties = counties
        self.towns = towns
        self.villages = villages
        self.rootCode = code
        self.rootName = rootName
    }

    /// The units, the root first; the same for the same state of `random`.
    package func units(using random: inout SeededGenerator) -> [UnitEntry] {
        let root = UnitEntry(code: rootCode, name: rootName, tier: 0, parent: nil)
        var units = [root]
        for index in 0..<branches {
            units.append(below(root, "B\(index + 1)", PlaceNames.branch(index), kind: .branch))
        }
        var names = PlaceNames()
        let countyUnits = (0..<counties).map { index in
            // A third of the counties, at least one, are city districts.
            let ending = index <= counties / 3 ? "区" : "县"
            return below(root, Self.digits(index + 2, 2), names.place(&random) + ending)
        }
        units += countyUnits
        var townUnits: [(unit: UnitEntry, isStreet: Bool)] = []
        for (county, count) in zip(countyUnits, Self.spread(towns, over: counties, &random)) {
            townUnits += townsOf(county, count, &random)
        }
        units += townUnits.map(\.unit)
        for (town, count) in zip(townUnits, Self.spread(villages, over: townUnits.count, &random)) {
            units += villagesOf(town.unit, isStreet: town.isStreet, count, &random)
        }
        return units
    }

    /// Streets are numbered from 001, towns and townships from 100, as in the division codes.
    private func townsOf(
        _ county: UnitEntry, _ count: Int, _ random: inout SeededGenerator
    ) -> [(unit: UnitEntry, isStreet: Bool)] {
        var names = PlaceNames()
        let streets = min(99, county.name.hasSuffix("区") ? count / 2 : count / 6)
        let townships = (count - streets) / 5
        return (0..<count).map { index in
            let isStreet = index < streets
            let ending = isStreet ? "街道" : index < count - townships ? "镇" : "乡"
            let number = isStreet ? index + 1 : index - streets + 100
            return (below(county, Self.digits(number, 3), names.place(&random) + ending), isStreet)
        }
    }

    /// Communities are numbered from 001, villages from 200, as in the division codes.
    private func villagesOf(
        _ town: UnitEntry, isStreet: Bool, _ count: Int, _ random: inout SeededGenerator
    ) -> [UnitEntry] {
        var communityNames = PlaceNames(), villageNames = PlaceNames()
        let communities = min(199, isStreet ? count - count / 4 : count / 12)
        return (0..<count).map { index in
            if index < communities {
                return below(
                    town, Self.digits(index + 1, 3), communityNames.place(&random) + "社区", kind: .point)
            }
            return below(
                town, Self.digits(index - communities + 200, 3), villageNames.village(&random) + "村", kind: .point)
        }
    }

    private func below(_ parent: UnitEntry, _ ending: String, _ name: String, kind: UnitKind = .centre) -> UnitEntry {
        // The parts are of the code's alphabet and the lengths were checked with the root's code.
        guard let code = UnitCode(parent.code.text + ending) else { preconditionFailure("no unit code: \(ending)") }
        return UnitEntry(code: code, name: name, tier: parent.tier + 1, parent: parent.code, kind: kind)
    }

    private static func digits(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }

    /// `count` things over `places` unequal places, at most `mostBelow` in one and none empty where there are enough.
    private static func spread(_ count: Int, over places: Int, _ random: inout SeededGenerator) -> [Int] {
        guard places > 0 else { return [] }
        var shares = Array(repeating: 0, count: places)
        var left = count
        for place in 0..<min(places, count) {
            shares[place] = 1
            left -= 1
        }
        var tickets: [Int] = []
        for place in 0..<places { tickets += Array(repeating: place, count: 1 + random.below(5)) }
        for _ in 0..<left {
            var place = tickets[random.below(tickets.count)]
            while shares[place] >= mostBelow { place = (place + 1) % places }
            shares[place] += 1
        }
        return shares
    }
}

/// Why a city of that size cannot be made up.
package enum TopologyGeneratorError: CodedError, Hashable, Sendable {
    case size(String, Int, most: Int)
    case rootCode(String)

    /// Stable across versions.
    package var code: String {
        switch self {
        case .size: "generate.size"
        case .rootCode: "generate.rootCode"
        }
    }

    package var words: Words {
        switch self {
        case .size(let what, let count, let most):
            Words(
                "\(count) \(what); between 0 and \(most) are possible here", "\(what)为\(count)：此处可为0到\(most)")
        case .rootCode(let text):
            Words(
                "“\(ShownText.of(text))” must be 1 to \(TopologyGenerator.longestRootCode) digits and capitals of "
                    + ReceiptNumber.unitLetters,
                "“\(ShownText.of(text))”应为1到\(TopologyGenerator.longestRootCode)位数字或大写字母"
                    + "（\(ReceiptNumber.unitLetters)）")
        }
    }
}
