import ServiceModel
import Testing

@Suite struct CaseRouteTests {
    typealias S = CatalogSamples

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let from: UnitCode
        let route: [UnitCode]
        let change: @Sendable (inout CatalogItem) -> Void

        init(
            _ name: String, from: UnitCode, _ route: [UnitCode],
            _ change: @escaping @Sendable (inout CatalogItem) -> Void = { _ in }
        ) {
            testDescription = name
            self.from = from
            self.route = route
            self.change = change
        }
    }

    @Test(arguments: [
        Case("village to county", from: S.village, [S.village, S.town, S.county]),
        Case("town to county", from: S.town, [S.town, S.county]),
        Case("county alone", from: S.county, [S.county]),
        Case("community without town", from: S.community, [S.community, S.county]),
        Case("past the town", from: S.village, [S.village, S.county]) { $0.route = [3, 1] },
        Case("straight", from: S.village, [S.village, S.county]) { $0.route = [] },
        Case("to the city", from: S.village, [S.village, S.town, S.county, S.root]) {
            ($0.decider, $0.route) = (.tier(0), [3, 2, 1, 0])
        },
        Case("to a branch", from: S.village, [S.village, S.town, S.county, S.root, S.branch]) {
            ($0.decider, $0.route) = (.unit(S.branch), [3, 2, 1, 0])
        },
        Case("to a branch past the city", from: S.town, [S.town, S.county, S.branch]) { $0.decider = .unit(S.branch) },
        Case("accepted where it is decided", from: S.branch, [S.branch]) { $0.decider = .unit(S.branch) },
        Case("decided by a unit below", from: S.county, [S.county, S.town]) { $0.decider = .unit(S.town) },
        Case("decided by a unit on the chain", from: S.village, [S.village, S.town]) { $0.decider = .unit(S.town) },
        Case("beyond", from: S.county, [S.county, S.root]) { ($0.decider, $0.route) = (.beyond, [3, 2, 1, 0]) },
        Case("one unit more", from: S.otherCounty, [S.otherCounty]) {
            $0.accepting = ItemAcceptance(tiers: [2], units: [S.otherCounty])
        },
    ])
    func routes(_ row: Case) throws {
        let route = try CaseRoute(of: S.item(row.change), from: row.from, in: S.topology)
        #expect(route.units == row.route)
        #expect(route.accepting == row.from && route.deciding == row.route.last)
        #expect(route.beyond == (S.item(row.change).decider == .beyond))
    }

    @Test func whereNoRouteLeads() throws {
        let unknown = try #require(UnitCode("3700"))
        #expect(throws: CaseRouteError.unknownUnit(unknown)) {
            try CaseRoute(of: S.item(), from: unknown, in: S.topology)
        }
        #expect(throws: CaseRouteError.unknownUnit(unknown)) {
            try CaseRoute(of: S.item { $0.decider = .unit(unknown) }, from: S.town, in: S.topology)
        }
        #expect(throws: CaseRouteError.notAccepted(S.root)) {
            try CaseRoute(of: S.item(), from: S.root, in: S.topology)
        }
        #expect(throws: CaseRouteError.noDecider(S.community, tier: 2)) {
            try CaseRoute(of: S.item { $0.decider = .tier(2) }, from: S.community, in: S.topology)
        }
        #expect(throws: CaseRouteError.noDecider(S.county, tier: 2)) {
            try CaseRoute(of: S.item { $0.decider = .tier(2) }, from: S.county, in: S.topology)
        }
    }
}
