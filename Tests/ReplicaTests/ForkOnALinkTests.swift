import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Testing

@testable import Replica

/// Two machines that write under one author's name do not stop the links that pass both on.
@Suite struct ForkOnALinkTests {
    @Test func bothBranchesOfAForkTravelOn() throws {
        let town = try Town(["C", "K", "T"])
        try town["T"].accept("周一", number: 1)
        try town.send("T", "K", isBelow: false)
        try town.fork("T", as: "T2")
        try town["T"].accept("周二", number: 2)
        try town.send("T", "K", isBelow: false)
        try town["T2"].accept("周三", number: 3)
        try town.send("T2", "K", isBelow: false)
        // Each goes on from its own run, and neither knows of the other.
        try town["T"].accept("周四", number: 4)
        try town.send("T", "K", isBelow: false)
        try town["T2"].accept("周五", number: 5)
        try town.send("T2", "K", isBelow: false)
        #expect(try town["K"].fingerprint("T").cases == 5, "none is lost because two have one number")
        try town.send("K", "C", isBelow: false)
        #expect(try town["C"].rows() == town["K"].rows())
        #expect(try town["C"].fingerprint("T") == town["K"].fingerprint("T"))
    }

    @Test func twoCasesUnderOneNumberStayTwo() throws {
        let town = try Town(["C", "K", "T", "V"])
        try town.fork("T", as: "T2")
        let place = try town["T"].accept("吴一", route: ["K"], number: 1)
        try town["T"].act(.amend, on: place, writes: [CaseField.applicantPhone: "13911111111"])
        #expect(try town["T2"].accept("吴二", route: ["V"], number: 2) == place)
        try town["T2"].act(.note, on: place, writes: ["note.a": "代办"])
        try town["T2"].act(.forward, on: place, target: "K")
        // They come in two orders.
        for name in ["T", "T2"] { try town.send(name, "K", isBelow: false) }
        for name in ["T2", "T"] { try town.send(name, "C", isBelow: false) }
        for name in ["K", "C"] {
            let found = try town[name].replica.read { transaction in
                try transaction.serviceCases(limit: 9).map { ($0.applicant, $0.receipt, $0.holder?.text ?? "") }
            }
            #expect(Set(found.map(\.0)) == ["吴一", "吴二"])
            #expect(found.first { $0.0 == "吴二" }?.2 == "K")
            let actions = try town[name].replica.read { transaction in
                try transaction.serviceCases(limit: 9).map { try transaction.history(of: $0.record).entries.count }
            }
            #expect(actions.sorted() == [2, 3])
            for table in try town[name].replica.rebuild(keeping: false) {
                #expect(table.isSame, "\(name) \(table.name)")
            }
        }
        #expect(try town["K"].fingerprint("T") == town["C"].fingerprint("T"))
    }

    /// What is derived hangs on the set of seals and change sets alone, in whatever order and pieces they come.
    @Test(arguments: [2, Seeded.seed]) func everyOrderIsDerivedAsARebuildDoes(seed: UInt64) throws {
        var random = Seeded(seed)
        let town = try Town(["C", "K", "T"])
        let shared = try town["T"].accept("共", number: 1)
        try town["T"].seal()
        try town.fork("T", as: "T2")
        var pieces: [SealedRun] = []
        for (index, name) in ["T", "T2"].enumerated() {
            for number in 2..<9 {
                if random.below(3) > 0 {
                    try town[name].act(.note, on: shared, writes: ["note.\(index)\(number)": name])
                }
                let own = try town[name].accept("\(name)\(number)", number: 10 * number + index)
                if random.below(2) > 0 { try town[name].act(.note, on: own, writes: ["note.1": name]) }
                if random.below(3) > 0 { try town[name].seal() }
            }
            try town[name].seal()
            pieces += try town[name].replica.read { transaction in
                try Int64.fetchAll(transaction.db, sql: "SELECT id FROM run WHERE feed = 2").flatMap { id in
                    let run = try #require(try transaction.sealedRun(id))
                    let some = run.present.map(\.place.sequence).filter { _ in random.below(2) > 0 }
                    return [run, run.pruned(to: []), run.pruned(to: Set(some))]
                }
            }
        }
        let opening = try town["T"].replica.read { try $0.opening(of: town["T"].author)?.bytes }
        var prints: Set<UnitFingerprint> = []
        for _ in 0..<3 {
            let fresh = try Town(["C", "K"])
            let peer = try fresh["K"].replica.write { try $0.meet(unit: UnitCode("T")!, node: 1, incarnation: 1) }
            pieces.shuffle(using: &random)
            for (at, piece) in pieces.enumerated() {
                var batch = WireBatch()
                batch.feed = UInt32(Feed.casework.rawValue)
                batch.openings = [try #require(opening)]
                batch.runs = [piece.wire(author: true, previous: true, pin: true)]
                _ = try fresh["K"].replica.write { try $0.apply(batch, from: peer, now: 0, check: { _ in }) }
                for table in try fresh["K"].replica.rebuild(keeping: false) {
                    #expect(table.isSame, "TERRACE_SEED=\(seed): \(table.name) after \(at)")
                }
            }
            prints.insert(try fresh["K"].fingerprint("T"))
        }
        #expect(prints.count == 1, "TERRACE_SEED=\(seed)")
    }

    /// A copied disk sends run after run: what hangs on none of its seals is not folded again with each.
    @Test func onlyWhatHangsOnTheOrderOfSealsIsDerivedAgain() throws {
        let town = try Town(["C", "K", "T"])
        let shared = try town["T"].accept("共", number: 1)
        try town["T"].seal()
        try town.fork("T", as: "T2")
        for number in 2..<30 { try town["T"].accept("周\(number)", number: number) }
        try town.send("T", "K", isBelow: false)
        try town.change(
            "K",
            """
            CREATE TABLE derived (record INTEGER) STRICT;
            CREATE TRIGGER note_derived AFTER INSERT ON service_case BEGIN
                INSERT INTO derived VALUES (new.record);
            END
            """)
        func derived() throws -> Int? {
            try town["K"].replica.read { try Int.fetchOne($0.db, sql: "SELECT count(*) FROM derived") }
        }
        for number in 40..<43 {
            try town["T2"].act(.note, on: shared, writes: ["note.\(number)": "记"])
            try town.send("T2", "K", isBelow: false)
            try town["T2"].accept("吴\(number)", number: number)
            try town.send("T2", "K", isBelow: false)
        }
        #expect(try town["K"].replica.read { try $0.forkEvidence() }.count == 1)
        let count = try #require(try derived())
        #expect(count > 0 && count < 20, "\(count)")
    }

    /// The second creation comes when a change set of its case is here already.
    @Test func whatWaitedGoesToItsOwnCase() throws {
        let town = try Town(["C", "K", "T"])
        try town.fork("T", as: "T2")
        let place = try town["T"].accept("吴一", number: 1)
        _ = try town["T2"].accept("吴二", route: ["K"], number: 2)
        try town.send("T2", "K", isBelow: false)
        try town["K"].act(.note, on: place, writes: ["note.k": "县里"])
        try town.send("K", "C", isBelow: false, feeds: [.charter])
        try town.send("T", "C", isBelow: false)
        try town.send("K", "C", isBelow: false)
        let counts = try town["C"].replica.read { transaction in
            try transaction.serviceCases(limit: 9).map {
                ($0.applicant, try transaction.caseRecord($0.record).history.entries.count)
            }
        }
        #expect(counts.first { $0.0 == "吴一" }?.1 == 1)
        #expect(counts.first { $0.0 == "吴二" }?.1 == 2)
        // The county acts on by the row of the case that it means.
        try town.send("T", "K", isBelow: false)
        #expect(try town["K"].fingerprint("T") == town["C"].fingerprint("T"))
    }

    /// A unit that one of the twins names sees nothing of the other.
    @Test func theAudienceOfOneIsNotThatOfTheOther() throws {
        let town = try Town(["C", "K", "T", "V"])
        try town.fork("T", as: "T2")
        let place = try town["T"].accept("吴一", number: 1)
        _ = try town["T2"].accept("吴二", number: 2)
        try town["T2"].act(.forward, on: place, target: "V")
        for name in ["T", "T2"] { try town.send(name, "K", isBelow: false) }
        try town.send("K", "V", isBelow: true)
        let seen = try town["V"].replica.read { try $0.serviceCases(limit: 9).map(\.applicant) }
        #expect(seen == ["吴二"])
    }

    /// What a forger sends costs no more rows than it has runs, and the proof stays when a run of it is taken out.
    @Test func proofsAreNoMoreThanRuns() throws {
        let town = try Town(["C", "K", "T"])
        let copies = (2...9).map { "T\($0)" }
        for copy in copies { try town.fork("T", as: copy) }
        // One run of three, and of each other machine a run of one at every place.
        for number in 1...3 { try town["T"].accept("周\(number)", number: number) }
        for copy in ["T"] + copies {
            for number in copy == "T" ? 4...4 : 1...3 {
                try town[copy].accept("\(copy)\(number)", number: number + 10)
                try town.send(copy, "K", isBelow: false)
            }
        }
        func state() throws -> (runs: Int, proofs: Int, from: UInt64?, branches: Int?) {
            try town["K"].replica.read { transaction in
                let evidence = try transaction.forkEvidence().first
                let count = "SELECT count(*) FROM"
                return (
                    try Int.fetchOne(transaction.db, sql: "\(count) run WHERE feed = 2") ?? 0,
                    try Int.fetchOne(transaction.db, sql: "\(count) fork") ?? 0, evidence?.from,
                    evidence?.branches.count
                )
            }
        }
        let before = try state()
        #expect(before == (25, 24, 1, 9))
        // The first of them is the one that all others were held against.
        try town.change("K", "UPDATE run SET packed = x'' WHERE id = (SELECT min(id) FROM run WHERE feed = 2)")
        let first = try town["K"].replica.read {
            try Int64.fetchOne($0.db, sql: "SELECT min(id) FROM run WHERE feed = 2")
        }
        _ = try town["K"].replica.takeOut(
            [.run(#require(first))], now: 7, isSigned: { _ in true }, seal: { _ in }, goOn: { _, _ in })
        let after = try state()
        #expect(after.runs == 24 && after.proofs <= 24 && after.from == 1 && after.branches == 8)
    }
}
