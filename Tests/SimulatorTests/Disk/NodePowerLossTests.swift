import ChangeSet
import Foundation
import ServiceModel
import Simulator
import Testing

/// The power of a real node's machine goes at every change that its disk is asked for.
@Suite struct NodePowerLossTests {
    private static let city = "37", county = "371", village = "37111"
    private static let survivors: [Survivors] = [.nothing, .everything, .some(SeededGenerator(state: 7))]

    private static func network() throws -> SimulatedNetwork {
        let places: [(String, String?, Int)] = [(city, nil, 0), (county, city, 1), (village, county, 3)]
        return try SimulatedNetwork(
            units: places.compactMap { code, parent, tier in
                UnitCode(code).map {
                    UnitEntry(
                        code: $0, name: code, tier: tier, parent: parent.flatMap { UnitCode($0) }, kind: .centre)
                }
            }, tiers: ["city", "county", "town", "village"], nodes: [city, county, village], seed: 1)
    }

    /// The machines of these units are what they were at some moment, and switched on.
    private static func begin(_ network: SimulatedNetwork, _ images: [String: DiskImage]) throws {
        for (name, image) in images {
            network.disk(name).endProcess()
            network.drop(name)
            try FileManager.default.contentsOfDirectory(atPath: network.disk(name).folder.path).forEach {
                network.disk(name).remove([$0])
            }
            try network.disk(name).put(image)
            try network.reopen(name)
        }
    }

    private static func images(_ network: SimulatedNetwork, _ names: [String]) throws -> [String: DiskImage] {
        Dictionary(uniqueKeysWithValues: try names.map { ($0, try network.disk($0).image()) })
    }

    private static func faults(_ network: SimulatedNetwork, _ name: String) throws -> [String] {
        try HeldJournal.damage(in: network.directory(name).replica)
            + network[name].replica.rebuild(keeping: false).filter { !$0.isSame }.map { "derived: \($0.name)" }
    }

    @Test func anAcceptanceStandsOrDoesNot() throws {
        let network = try Self.network()
        try network.accept(at: Self.village, number: 1)
        let images = try Self.images(network, [Self.village])
        let before = try network.journal(of: Self.village).leaves
        // Counted on the same way that every round goes.
        try Self.begin(network, images)
        let start = network.disk(Self.village).changes
        try network.accept(at: Self.village, number: 2)
        let moments = network.disk(Self.village).changes - start
        #expect(moments > 10)
        var stood = 0, confirmed = 0
        for moment in 0...moments {
            for survivors in Self.survivors {
                let at: Comment = "\(moment) of \(moments), \(survivors)"
                try Self.begin(network, images)
                network.disk(Self.village).losePower(after: moment, leaving: survivors)
                let reference = try? network.accept(at: Self.village, number: 2)
                network.disk(Self.village).losePower(leaving: survivors)
                try network.powerOn(Self.village)
                let after = try network.journal(of: Self.village).leaves
                #expect(after.isSuperset(of: before) && after.count <= before.count + 1, at)
                #expect(reference == nil || after.count == before.count + 1, at)
                #expect(try Self.faults(network, Self.village) == [], at)
                let next = try network.accept(at: Self.village, number: 3)
                #expect(next.receipt != reference?.receipt, at)
                if after.count > before.count { stood += 1 }
                if reference != nil { confirmed += 1 }
            }
        }
        // It is met both ways, and also between the two.
        #expect(confirmed >= Self.survivors.count && stood > confirmed && stood < moments * Self.survivors.count)
    }

    @Test(arguments: [true, false])
    func anExchangeGoesOnWhereItWas(atChild: Bool) throws {
        let network = try Self.network()
        let reference = try network.accept(at: Self.village, number: 1, route: [Self.county])
        try network.exchange(Self.village)
        try network.act(
            .note, at: Self.county, on: reference.creation, fields: [CaseField.note + "county": "downward"])
        for number in 2...3 { try network.accept(at: Self.village, number: number, route: [Self.county]) }
        let ends = [Self.village, Self.county], name = atChild ? Self.village : Self.county
        let images = try Self.images(network, ends)
        let held = try ends.map { try network.journal(of: $0).leaves }.reduce(into: Set()) { $0.formUnion($1) }
        try Self.begin(network, images)
        let start = network.disk(name).changes
        try network.exchange(Self.village)
        let moments = network.disk(name).changes - start
        #expect(moments > 10)
        for moment in 0..<moments {
            for survivors in Self.survivors {
                let at: Comment = "\(moment) of \(moments), \(survivors)"
                try Self.begin(network, images)
                network.disk(name).losePower(after: moment, leaving: survivors)
                do {
                    try network.exchange(Self.village)
                    // What is done last, nobody waits for.
                } catch { #expect(network.isDown(name), at) }
                network.disk(name).losePower(leaving: survivors)
                try network.powerOn(name)
                for _ in 0..<2 { try network.exchange(Self.village) }
                for end in ends {
                    let journal = try network.journal(of: end)
                    #expect(journal.leaves.isSuperset(of: held), at)
                    #expect(journal.forks == 0 && Set(journal.rows.map(\.place)).count == journal.rows.count, at)
                    #expect(try Self.faults(network, end) == [], at)
                }
                #expect(try network.fingerprints(of: Self.village, at: ends).count == 1, at)
            }
        }
    }

    /// A full disk refuses a step whole; who had to wait goes on without a new start.
    @Test func aFullDiskRefusesAStepWhole() throws {
        let network = try Self.network()
        try network.accept(at: Self.village, number: 1)
        let images = try Self.images(network, [Self.village])
        let before = try network.journal(of: Self.village).leaves
        var refused = 0
        for room in stride(from: Int64(0), to: 200_000, by: 2_777) {
            try Self.begin(network, images)
            network.disk(Self.village).room = room
            let reference = try? network.accept(at: Self.village, number: 2)
            if reference == nil { refused += 1 }
            #expect(try network.journal(of: Self.village).leaves.count == before.count + (reference == nil ? 0 : 1))
            network.disk(Self.village).room = nil
            try network.accept(at: Self.village, number: 3)
            #expect(try Self.faults(network, Self.village) == [], "room for \(room)")
            if reference != nil { break }
        }
        #expect(refused > 3)
    }
}
