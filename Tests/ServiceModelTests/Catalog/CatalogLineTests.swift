import ServiceModel
import Testing

@Suite struct CatalogLineTests {
    static let owner = CatalogSamples.author(CatalogSamples.county)
    static let id = CatalogItemID(author: owner.id, sequence: 3)

    private static func act(
        _ act: CatalogAct, _ sequence: UInt64, by author: Author = owner, leaf: UInt64? = nil
    ) -> PlacedCatalogAct {
        PlacedCatalogAct(
            author: author, sequence: sequence, leaf: leafOf(leaf ?? sequence), action: act.action, act: act)
    }

    private static func leafOf(_ number: UInt64) -> Leaf { Leaf(Bytes16(high: 0, low: number)) }

    private static func version(_ number: UInt32, code: String = "BH-001") -> CatalogItem {
        CatalogSamples.item { ($0.version, $0.code, $0.fee) = (number, code, "第\(number)版") }
    }

    @Test func versionsFollowOneAnother() throws {
        let line = try #require(
            CatalogLine.fold(
                Self.id,
                [
                    Self.act(.publish(Self.version(1)), 3), Self.act(.revise(Self.version(2)), 5),
                    Self.act(.revise(Self.version(3)), 6),
                ]))
        #expect(line.owner == CatalogSamples.county)
        #expect(line.versions.map(\.version) == [1, 2, 3] && line.current.fee == "第3版" && line.voids.isEmpty)
        #expect(line.version(2)?.fee == "第2版")
        #expect(line.version(0) == nil && line.version(4) == nil)
    }

    @Test func whatHasNoEffectSaysWhy() throws {
        let stranger = CatalogSamples.author(CatalogSamples.town)
        let unreadable = PlacedCatalogAct(
            author: Self.owner, sequence: 12, leaf: Self.leafOf(12), action: .revise, act: nil)
        let line = try #require(
            CatalogLine.fold(
                Self.id,
                [
                    Self.act(.publish(Self.version(1)), 3), Self.act(.revise(Self.version(3)), 5),
                    Self.act(.revise(Self.version(1)), 6), Self.act(.revise(Self.version(2, code: "BH-002")), 7),
                    Self.act(.revise(Self.version(2)), 8), Self.act(.publish(Self.version(1)), 9),
                    Self.act(.override(CatalogOverride(item: Self.id)), 10),
                    Self.act(.revise(Self.version(3)), 1, by: stranger, leaf: 99), unreadable,
                    Self.act(.revise(Self.version(3)), 13),
                ]))
        #expect(
            line.voids == [
                Self.leafOf(5): .version(3, expected: 2), Self.leafOf(6): .version(1, expected: 2),
                Self.leafOf(7): .otherCode("BH-002"), Self.leafOf(9): .begunAlready,
                Self.leafOf(10): .wrongKind(.override), Self.leafOf(99): .notOwner(CatalogSamples.town),
                Self.leafOf(12): .unreadable,
            ])
        #expect(line.versions.map(\.version) == [1, 2, 3])
    }

    @Test func retirementStaysThroughARevision() throws {
        let line = try #require(
            CatalogLine.fold(
                Self.id,
                [
                    Self.act(.publish(Self.version(1)), 3),
                    Self.act(.retire(CatalogRetirement(reason: "取消", from: 17_000)), 4),
                    Self.act(.revise(Self.version(2)), 5),
                ]))
        #expect(line.current.version == 2 && line.retirement?.reason == "取消")
        #expect(line.isOffered(on: 16_999) && !line.isOffered(on: 17_000) && !line.isOffered(on: 15_999))
        let later = try #require(
            CatalogLine.fold(
                Self.id,
                [
                    Self.act(.publish(Self.version(1)), 3),
                    Self.act(.retire(CatalogRetirement(reason: "取消", from: 17_000)), 4),
                    Self.act(.retire(CatalogRetirement(reason: "延期取消", from: 18_000)), 5),
                ]))
        #expect(later.isOffered(on: 17_999) && !later.isOffered(on: 18_000))
    }

    @Test func theUnitsNextIncarnationGoesOn() throws {
        let next = CatalogSamples.author(CatalogSamples.county, depth: 1)
        let line = try #require(
            CatalogLine.fold(
                Self.id,
                [
                    Self.act(.revise(Self.version(2)), 1, by: next, leaf: 20), Self.act(.publish(Self.version(1)), 3),
                    Self.act(.revise(Self.version(3)), 2, by: next, leaf: 21),
                ]))
        #expect(line.versions.map(\.version) == [1, 2, 3])
    }

    @Test func withoutItsCreationThereIsNoItem() {
        #expect(CatalogLine.fold(Self.id, []) == nil)
        #expect(CatalogLine.fold(Self.id, [Self.act(.revise(Self.version(2)), 4)]) == nil)
        #expect(CatalogLine.fold(Self.id, [Self.act(.override(CatalogOverride(item: Self.id)), 3)]) == nil)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func theOrderOfArrivalPlaysNoPart(seed: UInt64) {
        var random = Sequence64(state: seed)
        let authors = [
            Self.owner, CatalogSamples.author(CatalogSamples.county, depth: 1),
            CatalogSamples.author(CatalogSamples.town),
        ]
        for _ in 0..<40 {
            var acts = [Self.act(.publish(Self.version(1)), 3, leaf: 1)]
            for leaf in 2..<UInt64.random(in: 3...14, using: &random) {
                let act: CatalogAct =
                    switch Int.random(in: 0..<6, using: &random) {
                    case 0: .retire(CatalogRetirement(reason: "\(leaf)", from: Int32(leaf)))
                    case 1: .publish(Self.version(1))
                    default: .revise(Self.version(UInt32.random(in: 1...4, using: &random)))
                    }
                let author = authors[Int.random(in: 0..<3, using: &random)]
                acts.append(Self.act(act, UInt64.random(in: 4...9, using: &random), by: author, leaf: leaf))
            }
            let first = CatalogLine.fold(Self.id, acts)
            #expect(first != nil)
            #expect(CatalogLine.fold(Self.id, acts.shuffled(using: &random)) == first, "seed \(seed)")
        }
    }

    @Test func anOverrideHoldsUntilItIsRetired() throws {
        let town = CatalogSamples.author(CatalogSamples.town)
        let id = CatalogItemID(author: town.id, sequence: 1)
        let other = CatalogItemID(author: Self.owner.id, sequence: 4)
        let second = CatalogOverride(item: Self.id, place: ServicePlace(window: "二"))
        let line = try #require(
            OverrideLine.fold(
                id,
                [
                    Self.act(.override(CatalogOverride(item: Self.id, place: ServicePlace(window: "一"))), 1, by: town),
                    Self.act(.override(second), 2, by: town),
                    Self.act(.override(CatalogOverride(item: other)), 3, by: town),
                    Self.act(.revise(Self.version(2)), 4, by: town), Self.act(.override(second), 5),
                    Self.act(.retire(CatalogRetirement(reason: "", from: 17_000)), 6, by: town),
                ]))
        #expect(line.owner == CatalogSamples.town && line.item == Self.id && line.current == second)
        #expect(line.holds(on: 16_999) && !line.holds(on: 17_000))
        #expect(
            line.voids == [
                Self.leafOf(3): .otherItem, Self.leafOf(4): .wrongKind(.revise),
                Self.leafOf(5): .notOwner(CatalogSamples.county),
            ])
        #expect(OverrideLine.fold(Self.id, [Self.act(.publish(Self.version(1)), 3)]) == nil)
    }

    /// SplitMix64.
    private struct Sequence64: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }
}
