import Testing

@testable import ServiceModel

@Suite struct CharterTests {
    private static func digest(_ name: UInt64) -> EntryDigest { EntryDigest(Bytes16(high: name, low: 0)) }

    private static func entry(_ name: UInt64, _ number: UInt64, after: UInt64?, _ change: CharterChange) -> CharterEntry
    {
        CharterEntry(number: number, digest: digest(name), previous: after.map(digest), change: change)
    }

    private static func unit(_ name: String, _ tier: Int, _ parent: String?) -> UnitEntry {
        UnitEntry(code: Town.code(name), name: name, tier: tier, parent: parent.map(Town.code))
    }

    private static let root = entry(1, 0, after: nil, .genesis(root: unit("C", 0, nil)))

    /// C above K above V1 and V2; entry 2.
    private static let base = [
        root,
        entry(2, 1, after: 1, .units([unit("K", 1, "C"), unit("V1", 2, "K"), unit("V2", 2, "K")], last: true)),
    ]

    private static func charter(_ entries: [CharterEntry]) -> Charter {
        var out = Charter()
        for entry in entries { out.add(entry) }
        return out
    }

    @Test func anImportTakesEffectWithItsLast() {
        let line = [
            Self.root,
            Self.entry(2, 1, after: 1, .units([Self.unit("K", 1, "C")], last: false)),
            Self.entry(3, 2, after: 2, .units([Self.unit("V1", 2, "K")], last: false)),
            Self.entry(4, 3, after: 3, .units([Self.unit("V2", 2, "K")], last: true)),
            Self.entry(5, 4, after: 4, .units([Self.unit("V3", 2, "K")], last: false)),
        ]
        let charter = Self.charter(line)
        #expect(charter.view(at: Self.digest(3))?.topology.codes.map(\.text) == ["C"])
        #expect(charter.view(at: Self.digest(4))?.topology.codes.map(\.text) == ["C", "K", "V1", "V2"])
        #expect(charter.current.topology.count == 4)
    }

    @Test func anImportThatBreaksOffHasNoEffect() {
        let charter = Self.charter(
            Self.base + [
                Self.entry(3, 2, after: 2, .units([Self.unit("V3", 2, "K")], last: false)),
                Self.entry(4, 3, after: 3, .other),
                Self.entry(5, 4, after: 4, .units([Self.unit("V4", 2, "K")], last: true)),
            ]
        )
        #expect(charter.current.topology.codes.map(\.text) == ["C", "K", "V1", "V2", "V4"])
    }

    @Test func aLaterImportAddsAndReplaces() {
        let charter = Self.charter(
            Self.base + [
                Self.entry(3, 2, after: 2, .move(unit: Town.code("V2"), parent: Town.code("C"))),
                Self.entry(4, 3, after: 3, .units([Self.unit("V1", 3, "V2"), Self.unit("V3", 2, "K")], last: true)),
            ]
        )
        let topology = charter.current.topology
        #expect(topology.above(Town.code("V1")).map(\.text) == ["V2", "C"])
        #expect(topology.tier(of: Town.code("V1")) == 3)
        #expect(topology.children(of: Town.code("K")).map(\.text) == ["V3"])
    }

    @Test func entriesBecomeKnownWithTheirChain() {
        let line =
            Self.base + [
                Self.entry(3, 2, after: 2, .grant(unit: Town.code("V1"), kind: Town.kind("decide"))),
                Self.entry(4, 3, after: 3, .hold(unit: Town.code("V2"))),
            ]
        var charter = Charter()
        for entry in line.dropFirst().reversed() { charter.add(entry) }
        #expect(charter.count == 0)
        #expect(charter.waitingCount == 3)
        #expect(charter.view(at: Self.digest(4)) == nil)
        charter.add(line[0])
        charter.add(line[0])
        #expect(charter.count == 4)
        #expect(charter.waitingCount == 0)
        let before = charter.view(at: Self.digest(2)), after = charter.view(at: Self.digest(3))
        #expect(before?.isGranted(Town.code("V1"), Town.kind("decide")) == false)
        #expect(after?.isGranted(Town.code("V1"), Town.kind("decide")) == true)
        #expect(after?.isGranted(Town.code("V1"), Town.kind("issue")) == false)
        #expect(after?.isOnHold(Town.code("V2")) == false)
        #expect(charter.current.isOnHold(Town.code("V2")))
        #expect(charter.tips == [Self.digest(4)])
    }

    @Test func whatStandsNowhereIsNeverKnown() {
        let charter = Self.charter([
            Self.root, Self.entry(7, 3, after: nil, .other),
            Self.entry(8, 3, after: 1, .genesis(root: Self.unit("X", 0, nil))),
        ])
        #expect(charter.count == 1)
        #expect(charter.waitingCount == 0)
    }

    /// Two branches after entry 2: 10, 11 and 20; entry 30 joins 20 to the line.
    private static let split =
        base + [
            entry(10, 2, after: 2, .move(unit: Town.code("V1"), parent: Town.code("C"))),
            entry(11, 3, after: 10, .other),
            entry(20, 2, after: 2, .move(unit: Town.code("V1"), parent: Town.code("V2"))),
            entry(30, 5, after: 11, .join(orphan: digest(20))),
        ]

    @Test func bothBranchesAreHeldUntilAJoin() {
        let charter = Self.charter(Array(Self.split.prefix(5)))
        #expect(charter.tips == [Self.digest(20), Self.digest(11)])
        #expect(charter.view(at: Self.digest(11))?.topology.parent(of: Town.code("V1")) == Town.code("C"))
        #expect(charter.view(at: Self.digest(20))?.topology.parent(of: Town.code("V1")) == Town.code("V2"))
        #expect(charter.current.topology.parent(of: Town.code("V1")) == Town.code("V2"))
        #expect(!charter.isBehind(Self.digest(11), Self.digest(20)))
        #expect(!charter.isBehind(Self.digest(20), Self.digest(11)))
        #expect(charter.view(at: Self.digest(11))?.contains(Self.digest(20)) == false)
    }

    @Test func aJoinAdoptsWhatWasForgotten() {
        let charter = Self.charter(Self.split)
        #expect(charter.tips == [Self.digest(30)])
        #expect(charter.view(at: Self.digest(30))?.contains(Self.digest(20)) == true)
        #expect(charter.view(at: Self.digest(30))?.topology.parent(of: Town.code("V1")) == Town.code("V2"))
        #expect(charter.isBehind(Self.digest(20), Self.digest(30)))
        #expect(charter.isBehind(Self.digest(11), Self.digest(30)))
        #expect(!charter.isBehind(Self.digest(30), Self.digest(11)))
    }

    @Test func entriesAreReadByNumber() {
        let charter = Self.charter(
            Self.base + [
                Self.entry(3, 9, after: 2, .move(unit: Town.code("V1"), parent: Town.code("C"))),
                Self.entry(4, 5, after: 3, .move(unit: Town.code("V1"), parent: Town.code("V2"))),
            ]
        )
        #expect(charter.view(at: Self.digest(4))?.topology.parent(of: Town.code("V1")) == Town.code("C"))
        #expect(charter.current.topology.parent(of: Town.code("V1")) == Town.code("C"))
    }

    @Test func behindIsStrictAndKnown() {
        let charter = Self.charter(Self.base)
        #expect(charter.isBehind(Self.digest(1), Self.digest(2)))
        #expect(!charter.isBehind(Self.digest(2), Self.digest(2)))
        #expect(!charter.isBehind(Self.digest(2), Self.digest(1)))
        #expect(!charter.isBehind(Self.digest(1), Self.digest(99)))
    }

    @Test(arguments: 1...40)
    func anyOrderOfArrivalReadsAlike(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let charter = Self.charter((Self.split + Self.split.prefix(3)).shuffled(using: &random))
        let line = Self.charter(Self.split)
        #expect(charter.count == line.count)
        for entry in Self.split {
            let one = charter.view(at: entry.digest), two = line.view(at: entry.digest)
            #expect(one?.topology.codes == two?.topology.codes)
            for unit in Town.names { #expect(one?.topology.above(unit) == two?.topology.above(unit)) }
            for other in Self.split {
                #expect(one?.contains(other.digest) == two?.contains(other.digest))
                #expect(
                    charter.isBehind(entry.digest, other.digest) == line.isBehind(entry.digest, other.digest)
                )
            }
        }
        #expect(charter.current.topology.parent(of: Town.code("V1")) == Town.code("V2"))
    }

    @Test func manyEntriesAreCheap() {
        var charter = Self.charter(Self.base)
        for number in 2..<4000 as Range<UInt64> {
            charter.add(
                Self.entry(number + 1, number, after: number, .grant(unit: Town.code("V1"), kind: Town.kind("issue")))
            )
        }
        #expect(charter.count == 4000)
        #expect(charter.isBehind(Self.digest(17), Self.digest(3999)))
    }
}
