import Foundation
import Replica
import ServiceModel
import SyncNode
import Testing

@testable import terrace

@Suite struct CatalogNodeTests {
    static let now = Moment(seconds: 1_790_000_000, day: 20_717)
    static let publisher = Publisher(actor: "p01", channel: .imported)

    /// Runs `body` with the node of a new network's root, which leaves nothing behind.
    private func withNode<T>(_ body: (Node) throws -> T) throws -> T {
        let folder = FileManager.default.temporaryDirectory.appending(path: "terrace-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let plan = NetworkPlan(
            network: "滨湖市", root: UnitCode("3799")!, rootName: "滨湖市", tiers: ["city", "county", "town", "village"])
        let node = try Node.found(
            plan, in: NodeDirectory(folder), now: Self.now,
            entropy: { count in Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }) })
        defer { try? node.replica.close() }
        return try body(node)
    }

    private func imports(_ path: String, into node: Node) throws -> CatalogReport {
        let plan = CatalogImportPlan(
            existing: try node.published(), retired: try node.retired(), reading: try CatalogFile.read(path: path))
        try node.publish(plan.published, by: Self.publisher, now: Self.now)
        try node.revise(plan.revised, by: Self.publisher, now: Self.now)
        return CatalogReport(plan)
    }

    @Test func whatIsWrittenInAColumnCanBeImported() throws {
        let items = try CatalogFiles.items("items.json")
        let texts = try items.map { try CatalogItemJSON($0, tiers: TierNames.usual.names).text }
        let read = try CatalogFiles.reading(text: "[\(texts.joined(separator: ","))]")
        #expect(try read.entries.map { try $0.item.get() } == items)
        let kinds = Set(items.map(\.kind)), deciders = Set(items.map(\.decider))
        #expect(kinds.count > 4 && deciders.count > 2, "the fixtures say too little")
    }

    @Test func theSameFileTwiceChangesNothing() throws {
        let path = ProjectFiles.path("fixtures/catalog/items.json")
        try withNode { node in
            let first = try imports(path, into: node)
            let head = try node.replica.read { try $0.journalHead() }
            let second = try imports(path, into: node)
            #expect(first.taken.count == 80 && first.refused.isEmpty)
            #expect(second.unchanged.count == 80 && second.taken.isEmpty && second.refused.isEmpty)
            #expect(try node.replica.read { try $0.journalHead() } == head)
            #expect(try node.replica.rebuild(keeping: false).allSatisfy(\.isSame))
            // What is retired stays so until it is published on purpose.
            let code = first.taken[0].item
            let day = Self.now.day
            try node.retire(.code(code), CatalogRetirement(reason: "", from: day), by: Self.publisher, now: Self.now)
            let third = try imports(path, into: node)
            #expect(third.refused.map(\.code) == ["catalogFile.retired"] && third.unchanged.count == 79)
            let reading = try CatalogFile.read(path: path)
            let plan = CatalogImportPlan(existing: try node.published(), reading: reading).publishing
            #expect(plan.published.map(\.code) == [code])
            #expect(
                CatalogReport(plan).refused.map(\.code) == Array(repeating: "catalogFile.publishedAlready", count: 79))
            try node.publish(plan.published, by: Self.publisher, now: Self.now)
            #expect(try imports(path, into: node).unchanged.count == 80)
            let revising = CatalogImportPlan(existing: [:], reading: reading).revising
            #expect(Set(CatalogReport(revising).refused.map(\.code)) == ["catalogFile.notPublished"])
        }
    }

    @Test(.enabled(if: CatalogFiles.hasReference, "\(ProjectFiles.absent)"))
    func theReferenceRowsBecomeACatalog() throws {
        try withNode { node in
            let clock = ContinuousClock()
            var reports: [CatalogReport] = []
            let first = try clock.measure { reports.append(try imports(CatalogFiles.reference, into: node)) }
            let head = try node.replica.read { try $0.journalHead() }
            let second = try clock.measure { reports.append(try imports(CatalogFiles.reference, into: node)) }
            #expect(reports[0].taken.count == 1292 && reports[0].refused.isEmpty)
            #expect(reports[1].unchanged.count == 1292 && reports[1].taken.isEmpty)
            #expect(try node.replica.read { try $0.journalHead() } == head)
            let names = Set(try node.replica.read { try $0.catalogItems() }.map(\.name))
            var queries = 0
            var misses: [String] = []
            let searching = try clock.measure {
                for name in names.sorted().prefix(200) {
                    let typed = String(name.prefix(while: \.isLetter).prefix(4))
                    guard typed.unicodeScalars.count >= 2 else { continue }
                    var filter = CatalogFilter()
                    filter.text = SearchQuery(typed)
                    queries += 1
                    if try !node.replica.read({ try $0.catalogItems(filter) }).contains(where: { $0.name == name }) {
                        misses.append(typed)
                    }
                }
            }
            #expect(misses.isEmpty)
            print("1,292 items: import \(first), again \(second); \(queries) searches \(searching)")
            #expect(first < .seconds(60) && second < .seconds(30))
            #expect(try node.replica.rebuild(keeping: false).allSatisfy(\.isSame))
        }
    }
}
