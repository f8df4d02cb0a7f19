import ChangeSet
import Foundation
import GRDB
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// What a small node comes to in ten years: what is open and some months, and little more for each year. Certificates
/// last for three years: so the years are of 100 days, and the rule's months are of their length.
@Suite struct GrowthTests {
    private static let years = 10
    private static let casesPerYear = 47
    private static let months = 2
    private static let year: Int64 = 100 * 86_400

    /// Bytes of the file, and of those the ones in use.
    private func size(of name: String, in network: Network) throws -> (file: Int, used: Int) {
        let node = network[name]
        _ = try node.replica.read { try $0.stubCounts() }
        let queue = try DatabaseQueue(path: network.directory(name).replica.path)
        defer { try? queue.close() }
        return try queue.read { db in
            let page = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            let free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
            return (pages * page, (pages - free) * page)
        }
    }

    @Test func tenYearsOfAVillageAreFlat() throws {
        let network = try Network([Network.city, Network.county])
        let years = try (2026...2029).map { try CalendarYear(year: $0, holidays: [], worked: [], source: "test") }
        try network[Network.city].importCalendar(years, now: network.now)
        try network[Network.city].setRetention(months: Self.months, ofTier: 1, now: network.now)
        var sizes: [(file: Int, used: Int)] = []
        var left = 0
        for year in 0..<Self.years {
            for number in 0..<Self.casesPerYear {
                let place = try network.accept(
                    at: Network.county, number: year * Self.casesPerYear + number, route: [Network.city]
                ).creation
                try network.act(.forward, at: Network.county, on: place, target: Network.city)
                try network.exchange(Network.county)
                try network.act(.decide, at: Network.city, on: place, fields: [CaseField.decision: "granted"])
                try network.act(.deliver, at: Network.city, on: place)
                try network.exchange(Network.county)
                network.pass(seconds: Self.year / Int64(Self.casesPerYear))
                if number % 12 == 11 {
                    try network.backUpElsewhere(Network.city)
                    try network.exchange(Network.county)
                    left += try network.retire(at: Network.county).retired
                }
            }
            sizes.append(try size(of: Network.county, in: network))
            print("year \(year + 1): \(sizes[year].file) bytes, \(sizes[year].used) of them in use, \(left) have left")
        }
        let perCase = (sizes[Self.years - 1].used - sizes[2].used) / ((Self.years - 3) * Self.casesPerYear)
        print("a case that has left comes to \(perCase) bytes")
        #expect(left > Self.casesPerYear * (Self.years - 1))
        #expect(perCase < 1000)
        let all = try network[Network.city].replica.read { try $0.caseCounts().all }
        #expect(all == Self.years * Self.casesPerYear)
        let unit = Network.county
        #expect(try network.fingerprints(of: unit, at: [Network.city, Network.county]).count == 1)
        #expect(try network.prove(Network.county).isProven)
        try network.expectSound(Network.county)
    }
}
