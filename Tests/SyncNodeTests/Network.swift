import Foundation
import ServiceModel
import Simulator

/// The little network of these tests: a city with a branch, a county, a town, two villages.
typealias Network = SimulatedNetwork

extension SimulatedNetwork {
    static let city = "3799"
    static let branch = "3799B1"
    static let county = "379902"
    static let town = "379902001"
    static let village = "379902001001"
    static let neighbour = "379902001002"

    private static let places: [(code: String, parent: String?, tier: Int)] = [
        (city, nil, 0), (branch, city, 1), (county, city, 1), (town, county, 2), (village, town, 3),
        (neighbour, town, 3),
    ]

    convenience init(
        seed: UInt64 = 1, _ names: [String] = [city, branch, county, town, village, neighbour]
    ) throws {
        try self.init(
            units: Self.places.map { code, parent, tier in
                UnitEntry(
                    code: UnitCode(code)!, name: code, tier: tier, parent: parent.flatMap { UnitCode($0) },
                    kind: code == Self.branch ? .branch : .centre)
            },
            tiers: ["city", "county", "town", "village"], nodes: names, seed: seed)
    }
}
