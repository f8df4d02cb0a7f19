import ChangeSet
import Foundation
import GRDB
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// What a small node comes to in ten years: what is open and some months, a stub for each case that has left, and the
/// revisions of the catalog. Nothing else grows, and nothing grows faster in the last years than before. Certificates
/// last for three years: so the years are of 100 days, and the rule's months are of their length.
@Suite struct GrowthTests {
    private static let years = 10
    private static let casesPerYear = 47
    private static let months = 2
    private static let year: Int64 = 100 * 86_400
    private static let items = 8
    private static let revisionsPerYear = 3

    /// What may stay of a case that has left, and of a revision of an item as small as these, with all that
    /// SQLite needs around them; and what the size may vary by otherwise, in pages that are half full, and by the
    /// few cases more or fewer that the months of a year let go.
    private static let (bytesOfStub, bytesOfRevision, slack) = (600, 2000, 48 << 10)

    /// Pages by which three years may differ from three others, of some 80 KiB.
    private static let pages = 16 << 10

    private struct Size {
        /// Bytes of the file, and of those the ones in use.
        var file = 0
        var used = 0
        /// So far.
        var left = 0
        var revisions = 0
    }

    private func size(of name: String, in network: Network) throws -> Size {
        let node = network[name]
        _ = try node.replica.read { try $0.stubCounts() }
        let queue = try DatabaseQueue(path: network.directory(name).replica.path)
        defer { try? queue.close() }
        return try queue.read { db in
            let page = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            let free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
            return Size(file: pages * page, used: (pages - free) * page)
        }
    }

    // MARK: - What happens in a year

    private func item(_ number: Int) -> CatalogItem {
        var item = CatalogItem(
            code: "37000001\(10 + number)", name: "临时救助金给付\(number)", kind: .benefit,
            department: ItemDepartment(name: "民政局"), accepting: ItemAcceptance(tiers: [1]), decider: .tier(0))
        item.materials = ["申请表", "身份证", "收入证明"].enumerated().map { ItemMaterial(id: "m\($0)", name: $1) }
        item.note = "第1版"
        return item
    }

    private func revise(in year: Int, _ network: Network) throws {
        let city = network[Network.city]
        for number in 0..<Self.revisionsPerYear {
            let code = item((year * Self.revisionsPerYear + number) % Self.items).code
            var item = try #require(try city.published()[code])
            item.version += 1
            item.note = "第\(item.version)版，第\(network.now.day)日起"
            try city.revise([item], by: Publisher(actor: "o01"), now: network.now)
            try network.exchange(Network.county)
        }
    }

    /// - Returns: how many cases have left.
    private func live(year: Int, _ network: Network) throws -> Int {
        var left = 0
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
            if number % 12 == 11 { left += try leave(network) }
        }
        return left
    }

    private func leave(_ network: Network) throws -> Int {
        try network.backUpElsewhere(Network.city)
        try network.exchange(Network.county)
        return try network.retire(at: Network.county).retired
    }

    // MARK: - Ten of them

    @Test func tenYearsOfAVillageGrowByStubsAndRevisionsAlone() throws {
        let network = try Network([Network.city, Network.county])
        let calendars = try (2026...2029).map { try CalendarYear(year: $0, holidays: [], worked: [], source: "test") }
        try network[Network.city].importCalendar(calendars, now: network.now)
        try network[Network.city].setRetention(months: Self.months, ofTier: 1, now: network.now)
        try network[Network.city].publish(
            (0..<Self.items).map(item), by: Publisher(actor: "o01"), now: network.now)
        var sizes: [Size] = []
        for year in 0..<Self.years {
            let left = try live(year: year, network)
            try revise(in: year, network)
            var size = try size(of: Network.county, in: network)
            size.left = left + (sizes.last?.left ?? 0)
            size.revisions = (year + 1) * Self.revisionsPerYear
            sizes.append(size)
            print("year \(year + 1): \(size.file) bytes, \(size.used) of them in use, \(size.left) have left")
        }
        let last = sizes[Self.years - 1], middle = sizes[Self.years / 2 - 1]
        #expect(last.left > Self.casesPerYear * (Self.years - 1))
        let allowed =
            (last.left - middle.left) * Self.bytesOfStub + (last.revisions - middle.revisions) * Self.bytesOfRevision
        print("the last five years come to \(last.used - middle.used) bytes, of \(allowed) that may stay")
        #expect(last.used - middle.used < allowed)
        // Three years at the end against three in the middle.
        let seventh = sizes[Self.years - 4], fourth = sizes[Self.years - 7]
        let late = last.used - seventh.used, early = seventh.used - fourth.used
        #expect(late < early + Self.pages, "\(late) after \(early)")
        // Free pages are used again: the file does not grow apart from what is in it.
        #expect(last.file - last.used < sizes[2].file - sizes[2].used + 2 * Self.slack)
        let all = try network[Network.city].replica.read { try $0.caseCounts().all }
        #expect(all == Self.years * Self.casesPerYear)
        let unit = Network.county
        #expect(try network.fingerprints(of: unit, at: [Network.city, Network.county]).count == 1)
        #expect(try network.prove(Network.county).isProven)
        try network.expectSound(Network.county)
        try expectSmallAgain(last, network)
    }

    /// The unit's next machine is told everything by its parent, and lets it go by the same rule.
    private func expectSmallAgain(_ last: Size, _ network: Network) throws {
        try network.enroll(Network.county)
        try network.exchange(Network.county)
        for _ in 0..<3 { try network.exchange(Network.county, mode: .repairs) }
        #expect(try leave(network) >= last.left)
        // What it needed for the whole ten years lies free, and what it has in use is no more than before.
        let again = try size(of: Network.county, in: network)
        print("the next machine: \(again.file) bytes, \(again.used) of them in use")
        #expect(again.used < last.used + 2 * Self.slack)
        #expect(try network.prove(Network.county).isProven)
    }
}
