import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Testing

@testable import Replica

@Suite struct LinkTests {
    @Test func aCaseGoesUpIsDecidedAndComesDown() throws {
        let town = try Town()
        let place = try town["V"].accept("王小明", route: ["T", "K"])
        try town["V"].act(.forward, on: place, target: "K")
        try town.settle()
        try town["K"].act(.decide, on: place, writes: [CaseField.decision: "granted"])
        try town.settle()
        let county = try town["K"].record(place).state
        for name in ["C", "T", "V"] {
            let record = try town[name].record(place)
            #expect(record.state == county, "\(name)")
            #expect(record.state.phase == .decided)
            #expect(try town[name].fingerprint("V") == town["K"].fingerprint("V"), "\(name)")
        }
        // Neither the neighbour nor the branch centre may know of it.
        for name in ["W", "B"] {
            #expect(try town[name].fingerprint("V").cases == 0, "\(name)")
            let rows = try town[name].replica.read { try $0.journalHead() }
            #expect(rows.position == 1, "\(name) holds the charter alone")
        }
    }

    @Test func custodyThatMovesAsideTakesTheHistoryAlong() throws {
        let town = try Town()
        let places = try (1...3).map { try town["V"].accept("张\($0)", route: ["T"], number: $0) }
        try town.settle()
        try town["T"].act(.note, on: places[1], writes: ["note.1": "电话核实"])
        try town.settle()
        try town["V"].act(.forward, on: places[1], target: "B")
        try town.settle()
        let branch = try town["B"].record(places[1])
        #expect(branch.history.entries.count == 3)
        #expect(branch.state.holder == UnitCode("B"))
        #expect(try town["B"].fingerprint("V").cases == 1)
        #expect(try town["B"].record(places[1]).state == town["V"].record(places[1]).state)
        try town["B"].act(.decide, on: places[1], writes: [CaseField.decision: "refused"])
        try town.settle()
        #expect(try town["V"].record(places[1]).state.phase == .decided)
    }

    /// A machine that goes on from an older disk comes by the same rows again, and need not by the same batches.
    @Test func whoIsNotAsFarAsItWasIsToldAgainWhoSomebodyIs() throws {
        let town = try Town(["C", "K", "T"])
        _ = try town["T"].accept("王小明")
        try town.settle()
        let author = town["T"].author
        try town["C"].replica.write { transaction in
            let peer = try transaction.meet(unit: UnitCode("B")!, node: 1, incarnation: 7)
            let positions = try Row.fetchAll(
                transaction.db, sql: "SELECT position, rolling FROM journal ORDER BY position")
            let cursors = try positions.map {
                JournalCursor(position: try $0[0], offset: 0, rolling: UInt64(bitPattern: try $0[1]))
            }
            let (earlier, later) = (try #require(cursors.first), try #require(cursors.last))
            #expect(try transaction.keep(sent: later, to: peer, .casework) == later)
            try transaction.noteIntroductions(of: [author], to: peer, in: .casework, at: later)
            let addressee = Addressee(peer: peer, isBelow: true, confirmed: [.casework: later])
            #expect(try !transaction.isUnknown(author, to: addressee))
            for cursor in [earlier, later] {
                #expect(try transaction.keep(sent: cursor, to: peer, .casework) == cursor)
            }
            #expect(try transaction.isUnknown(author, to: addressee))
        }
    }

    @Test(arguments: [1, 200, 1 << 20])
    func batchesOfAnySizeCarryTheSame(budget: Int) throws {
        let town = try Town(["C", "K"])
        for number in 1...40 {
            let place = try town["K"].accept("李\(number)", route: ["C"], number: number)
            if number % 3 == 0 { try town["K"].seal() }
            if number % 2 == 0 { try town["K"].act(.withdraw, on: place) }
        }
        try town.exchange("C", "K", budget: budget)
        #expect(try town["C"].fingerprint("K") == town["K"].fingerprint("K"))
        #expect(try town["C"].fingerprint("K").cases == 40)
        let heads = try town["C"].replica.read { try $0.gaplessHeads(of: town["K"].author) }
        #expect(heads == [0, 60, 0])
    }

    @Test func aBatchAppliedTwiceOrFromAWrongStartChangesNothing() throws {
        let town = try Town(["C", "K"])
        try town["K"].accept("赵一")
        try town["K"].seal()
        let (toCity, fromCounty) = try (
            town["K"].replica.write { try $0.meet(unit: UnitCode("C")!, node: 1, incarnation: 1) },
            town["C"].replica.write { try $0.meet(unit: UnitCode("K")!, node: 1, incarnation: 1) }
        )
        let batch = try #require(
            try town["K"].replica.read {
                try $0.outgoing(
                    .casework, to: Addressee(peer: toCity, isBelow: false, confirmed: [:]), from: .start, budget: 1000)
            })
        for expected in [1, 0] {
            let result = try town["C"].replica.write {
                try $0.apply(batch.batch, from: fromCounty, now: town["C"].time, check: { _ in })
            }
            #expect(result == .applied(new: expected, forks: 0))
        }
        var wrong = batch.batch
        wrong.start.position = 77
        let refused = try town["C"].replica.write {
            try $0.apply(wrong, from: fromCounty, now: town["C"].time, check: { _ in })
        }
        #expect(refused == .refused(batch.end))
    }

    @Test func aTamperedBatchIsRefusedWhole() throws {
        let town = try Town(["C", "K"])
        for number in 1...3 { try town["K"].accept("钱\(number)", number: number) }
        try town["K"].seal()
        let (toCity, fromCounty) = try (
            town["K"].replica.write { try $0.meet(unit: UnitCode("C")!, node: 1, incarnation: 1) },
            town["C"].replica.write { try $0.meet(unit: UnitCode("K")!, node: 1, incarnation: 1) }
        )
        var batch = try #require(
            try town["K"].replica.read {
                try $0.outgoing(
                    .casework, to: Addressee(peer: toCity, isBelow: false, confirmed: [:]), from: .start, budget: 1000)
            }
        ).batch
        batch.runs[0].changeSets[2][9] ^= 1
        #expect(throws: WireError.seal) {
            try town["C"].replica.write { try $0.apply(batch, from: fromCounty, now: town["C"].time, check: { _ in }) }
        }
        #expect(try town["C"].fingerprint("K").cases == 0)
        let cursors = try town["C"].replica.read { try $0.cursors(fromCounty, .casework) }
        #expect(cursors.received == .start)
    }

    /// A clock that was ahead when an earlier database of a neighbour was heard does not hide when it is heard now.
    @Test func aContactIsTheLastOneWhateverTheClockShowed() throws {
        let town = try Town(["C"])
        let found = try town["C"].replica.write { transaction in
            for (incarnation, time) in [(UInt64(1), Int64(9000)), (2, 500)] {
                let peer = try transaction.meet(unit: UnitCode("K")!, node: 1, incarnation: incarnation)
                try transaction.noteContact(with: peer, time: time)
            }
            return try transaction.contacts().map(\.time)
        }
        #expect(found == [500])
    }
}
