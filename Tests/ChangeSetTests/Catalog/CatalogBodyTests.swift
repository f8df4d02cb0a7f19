import Foundation
import ServiceModel
import Testing

@testable import ChangeSet

@Suite struct CatalogBodyTests {
    private static let id = CatalogItemID(author: Samples.author, sequence: 300)

    private static func minimal() -> CatalogItem {
        CatalogItem(
            code: "BH-1", name: "证明", kind: .publicService, department: ItemDepartment(name: "村委会"),
            accepting: ItemAcceptance(tiers: [3]), decider: .tier(3))
    }

    @Test(arguments: 1...24 as ClosedRange<UInt64>)
    func anyItemComesBack(seed: UInt64) throws {
        var random = SeededGenerator(state: seed)
        for _ in 0..<25 {
            let item = RandomItem.make(&random)
            let act: CatalogAct = Bool.random(using: &random) ? .publish(item) : .revise(item)
            let bytes = try CatalogBody(act).bytes
            #expect(try CatalogBody(act.action, bytes).act == act, "seed \(seed)")
            #expect(try CatalogBody(act).bytes == bytes)
        }
    }

    @Test func retirementAndOverrideComeBack() throws {
        let acts: [CatalogAct] = [
            .retire(CatalogRetirement(reason: "法规修订", from: -3)), .retire(CatalogRetirement(reason: "", from: 0)),
            .override(CatalogOverride(item: Self.id)),
            .override(
                CatalogOverride(
                    item: Self.id, place: ServicePlace(window: "窗", phone: "话", hours: "时"),
                    promised: TimeLimit(count: 0, unit: .workingDays))),
        ]
        for act in acts {
            #expect(try CatalogBody(act.action, CatalogBody(act).bytes).act == act)
        }
    }

    @Test func emptyPartsCostNothing() throws {
        let bytes = try CatalogBody(.publish(Self.minimal())).bytes
        // code 6, version 2, name 8, kind 2, list 2, department 11, accepting 3, decider 2
        #expect(bytes.count == 36)
        #expect(bytes.hex == "0a0442482d3110011a06e8af81e6988e2014280532" + "09e69d91e5a794e4bc9a" + "3a0103" + "4003")
    }

    @Test func theTopTierDecidingIsKept() throws {
        var item = Self.minimal()
        (item.decider, item.accepting, item.from, item.until) = (.tier(0), ItemAcceptance(tiers: [0]), 0, -1)
        #expect(try CatalogBody(.publish, CatalogBody(.publish(item)).bytes).act == .publish(item))
    }

    @Test func boundsHoldInBothDirections() throws {
        var long = Self.minimal()
        long.name = String(repeating: "名", count: 129)
        #expect(throws: WireError.tooLarge("name")) { try CatalogBody(.publish(long)).bytes }
        #expect(throws: WireError.tooLarge("name")) {
            try CatalogBody(.publish, WireCatalogItem(long).serializedBytes())
        }
        var rank = Self.minimal()
        rank.route = [9]
        #expect(throws: WireError.malformed("route")) {
            try CatalogBody(.publish, WireCatalogItem(rank).serializedBytes())
        }
        var many = WireCatalogItem(Self.minimal())
        many.form = Array(repeating: .init(), count: CatalogLimits.fields + 1)
        #expect(throws: WireError.tooLarge("form")) { try CatalogBody(.publish, many.serializedBytes()) }
        #expect(throws: WireError.tooLarge("catalog body")) {
            try CatalogBody(.publish, Data(count: CatalogLimits.itemBytes + 1))
        }
        let reason = CatalogRetirement(reason: String(repeating: "x", count: 1025), from: 0)
        #expect(throws: WireError.tooLarge("reason")) { try CatalogBody(.retire(reason)).bytes }
        var full = Self.minimal()
        full.note = String(repeating: "x", count: CatalogLimits.noteBytes)
        full.basis = Array(repeating: String(repeating: "法", count: 341), count: 32)
        full.aliases = (0..<32).map { "\($0)" + String(repeating: "名", count: 120) }
        #expect(throws: WireError.tooLarge("catalog body")) { try CatalogBody(.publish(full)).bytes }
    }

    @Test func numbersWithoutMeaningAreRefused() throws {
        let changes: [(String, (inout WireCatalogItem) -> Void)] = [
            ("kind", { $0.kind = 11 }), ("list", { $0.list = 0 }), ("decidedBy", { $0.decider = nil }),
            ("decidedBy", { $0.unit = "a b" }), ("decidedBy", { $0.beyond = false }),
            ("acceptedBy", { $0.acceptingUnits = [""] }), ("department.unit", { $0.departmentUnit = "+" }),
            ("statutory", { $0.statutory.unit = 3 }), ("materials.need", { $0.materials = [.with { $0.need = 3 }] }),
            ("form.kind", { $0.form = [.with { $0.kind = 7 }] }),
        ]
        for (part, change) in changes {
            var wire = WireCatalogItem(Self.minimal())
            change(&wire)
            #expect(throws: WireError.malformed(part)) { try CatalogBody(.revise, wire.serializedBytes()) }
        }
        #expect(throws: WireError.malformed("item of an override")) {
            try CatalogBody(.override, WireCatalogOverride.with { $0.itemAuthor = Data(count: 15) }.serializedBytes())
        }
    }

    /// Damaged bytes are refused or mean something else; they never stop the node.
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func damagedBytesDoNoHarm(seed: UInt64) throws {
        var random = SeededGenerator(state: seed)
        let whole = try CatalogBody(.publish(RandomItem.make(&random))).bytes
        var refused = 0
        for _ in 0..<300 {
            var bytes = whole.prefix(Int.random(in: 0...whole.count, using: &random))
            if let place = bytes.indices.randomElement(using: &random) {
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
            for action in CatalogAction.allCases {
                do {
                    let body = try CatalogBody(action, Data(bytes))
                    #expect(body.act.action == action)
                } catch is WireError { refused += 1 }
            }
        }
        #expect(refused > 0, "seed \(seed)")
    }

    @Test func whatCannotBeReadIsVoidInItsLine() throws {
        let unit = try #require(UnitCode("379902"))
        let author = Author(id: Samples.author, unit: unit, enrollment: 1, depth: 0)
        func placed(_ sequence: UInt64, _ action: CatalogAction, _ body: Data) -> PlacedCatalogAct {
            PlacedCatalogAct(
                author: author, sequence: sequence, leaf: Leaf(Bytes16(high: 0, low: sequence)), action: action,
                body: body)
        }
        var next = Self.minimal()
        next.version = 2
        let line = try #require(
            CatalogLine.fold(
                Self.id,
                [
                    placed(300, .publish, try CatalogBody(.publish(Self.minimal())).bytes),
                    placed(301, .revise, Data([0xFF])), placed(302, .revise, try CatalogBody(.revise(next)).bytes),
                ]))
        #expect(line.current == next)
        #expect(line.voids == [Leaf(Bytes16(high: 0, low: 301)): .unreadable])
    }

    @Test func actionsHaveTheirNumbers() {
        #expect(CatalogAction.allCases.map(\.rawValue) == [64, 65, 66, 67])
        #expect(CatalogAction.allCases.map(\.name) == ["publish", "revise", "retire", "override"])
        for action in CatalogAction.allCases {
            #expect(CatalogAction(name: action.name) == action && CatalogAction(kind: action.kind) == action)
        }
        let ofCases = Set(CaseAction.allCases.map(\.rawValue))
        #expect(ofCases.isDisjoint(with: CatalogAction.allCases.map(\.rawValue)))
    }
}
