import ChangeSet
import Foundation
import GRDB
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// What is gathered of real nodes on real files.
@Suite struct FactTests {
    private static let line = [Network.city, Network.county, Network.town, Network.village]
    private static let day: Int64 = 86_400

    /// What a doctor says of a unit's node, apart from backups, which nobody makes here.
    private func codes(_ network: Network, _ name: String, line: LineState? = nil) -> [String] {
        let service = ServiceFacts(isServed: true, hasUplink: true, line: line ?? up(network, name))
        let node = network[name], now = network.time(at: name)
        let examination = Examination(node.facts(service: service, now: now))
        // Every page asks for these alone.
        #expect(Examination(node.facts(service: service, now: now, .dangers)).dangers == examination.dangers)
        return examination.findings.map(\.code).filter { !$0.hasPrefix("backup.") }
    }

    private func up(_ network: Network, _ name: String) -> LineState {
        let parent = network.parent(of: name).flatMap { UnitCode($0) }
        return LineState(
            isUp: true, since: network.now.seconds,
            through: parent.map { UpperNode(unit: $0, node: 1, isParent: true) })
    }

    /// As a command sees a folder whose node was not opened.
    private func lying(_ network: Network, _ directory: NodeDirectory) -> [String] {
        let facts = NodeFacts(
            directory, service: ServiceFacts(isServed: false, hasUplink: true), now: network.now)
        return Examination(facts).findings.map(\.code).filter { !$0.hasPrefix("backup.") && $0 != "line.notServed" }
    }

    @Test func aNodeAtWorkIsSound() throws {
        let network = try Network(Self.line)
        try network.accept(at: Network.village, route: [Network.county])
        try network.settle()
        for name in Self.line { #expect(codes(network, name) == [], "\(name)") }
    }

    @Test func whatWaitsAndWhoIsSilentIsTold() throws {
        let network = try Network(Self.line)
        try network.settle()
        try network.accept(at: Network.village, number: 1)
        try network.accept(at: Network.village, number: 2)
        #expect(codes(network, Network.village) == ["backlog.waiting"])
        let figures = try network[Network.village].replica.read { try $0.lineStanding() }.waiting
        #expect(figures == UnsentFigures(changeSets: 2, cases: 2, oldest: network.now.seconds))
        network.pass(seconds: 2 * Self.day)
        #expect(codes(network, Network.village) == ["backlog.old"])
        network.pass(seconds: 6 * Self.day)
        let down = LineState(since: 1, failure: UplinkFailure(code: "link.unreachable", words: Words("x", "甲")))
        let told = codes(network, Network.village, line: down)
        #expect(told == ["line.silent", "line.down", "backlog.old", "proof.never", "disk.unchecked"])
        #expect(codes(network, Network.town).contains("backlog.children"))
        try network.exchange(Network.village)
        #expect(!codes(network, Network.town).contains("backlog.children"))
        #expect(!codes(network, Network.village).contains("backlog.old"))
        // What came from below waits here in its turn.
        #expect(try network[Network.town].replica.read { try $0.lineStanding() }.waiting.cases == 2)
    }

    /// A name that was left without a cut holds its unit's frontier back.
    @Test func aMachineThatWasLeftIsTold() throws {
        let network = try Network(Self.line)
        try network.accept(at: Network.village, number: 1)
        try network.settle()
        try network.enroll(Network.village)
        try network.settle()
        #expect(!codes(network, Network.town).contains("backlog.machines"))
        network.pass(seconds: 4 * Self.day)
        try network.settle()
        #expect(codes(network, Network.town).contains("backlog.machines"))
        #expect(!codes(network, Network.town).contains("backlog.children"))
        let left = CutWish(unit: UnitCode(Network.village)!, ordinal: 1)
        _ = try network[Network.city].cut(left, now: network.now)
        try network.settle()
        #expect(!codes(network, Network.town).contains("backlog.machines"))
    }

    /// Of a unit below that has ended nobody expects anything.
    @Test func whoHasEndedIsNotMissed() throws {
        let network = try Network(Self.line)
        try network.settle()
        try network.end(Network.village)
        try network.settle(rounds: 1)
        network.pass(seconds: 4 * Self.day)
        #expect(codes(network, Network.county).contains("backlog.children"))
        #expect(!codes(network, Network.town).contains("backlog.children"))
    }

    @Test func comparisonsAndTheirProofAreTold() throws {
        let network = try Network(Self.line)
        try network.accept(at: Network.village)
        try network.settle()
        try network[Network.village].replica.write { _ = try $0.wishComparison(repairs: false) }
        #expect(codes(network, Network.village) == ["proof.wished"])
        try network.exchange(Network.village, mode: .looks)
        let wish = try #require(try network[Network.village].replica.read { try $0.wishedComparison() })
        try network[Network.village].replica.write { try $0.noteComparison(carriedOut: wish.serial) }
        #expect(codes(network, Network.village) == [])
        let proof = try network[Network.village].replica.read { try $0.proofStanding() }
        #expect(proof?.isEqual == true && proof?.proven == network.now.seconds)
        network.pass(seconds: 4 * Self.day)
        #expect(codes(network, Network.village).contains("proof.old"))
        // Work that was not sent is a difference when both only look.
        try network.accept(at: Network.village, number: 2)
        try network.exchange(Network.village, mode: .looks)
        let difference = try network[Network.village].replica.read { try $0.proofStanding() }?.difference
        #expect(difference?.lackingThere == 1)
        let differs = Set(codes(network, Network.village)).intersection(["proof.differs", "proof.mending"])
        #expect(differs.count == 1)
        try network.exchange(Network.village, mode: .repairs)
        try network.exchange(Network.village, mode: .looks)
        #expect(!codes(network, Network.village).contains { $0.hasPrefix("proof.") })
    }

    /// The city goes on from an older backup than the one for which cases have left the county.
    @Test func whatLeftForABackupThatIsNotUsedIsToldTheNextDay() throws {
        let network = try Network([Network.city, Network.county])
        try network.publishCalendar()
        try network[Network.city].setRetention(months: 0, ofTier: 1, now: network.now)
        try network.settle(rounds: 1)
        let old = try network.backUp(Network.city)
        for number in 1...3 {
            let place = try network.accept(at: Network.county, number: number).creation
            try network.act(.decide, at: Network.county, on: place, fields: [CaseField.decision: "granted"])
            try network.act(.deliver, at: Network.county, on: place)
        }
        try network.settle(rounds: 1)
        let late = try network.backUpElsewhere(Network.city)
        try network.settle(rounds: 1)
        try network.accept(at: Network.county, number: 4)
        try network.settle(rounds: 1)
        #expect(try network.retire(at: Network.county).retired > 0)

        func look() throws -> Set<String> {
            _ = try network.prove(Network.county)
            return Set(codes(network, Network.county).filter { $0.hasPrefix("proof.") })
        }
        try network.restore(old, at: Network.city)
        network.pass(seconds: 1)
        // What is still here is mended, beside what cannot be: who was rolled back is compared, whoever only looks.
        #expect(try look() == ["proof.mending", "proof.away"])
        #expect(try look() == ["proof.away"])
        network.pass(seconds: Self.day)
        #expect(try look() == ["proof.gone"])
        try network.restore(late, at: Network.city)
        try network.settle(rounds: 2)
        #expect(try look() == [])
    }

    @Test func aCopyAndAnOldDatabaseAreToldAndLeftAsTheyAre() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        try network.exchange(Network.county)
        let directory = network.directory(Network.county)
        let old = try network.copyOfDisk(Network.county)
        let backup = try network.backUp(Network.county)
        try network.accept(at: Network.county, number: 2)
        try network.exchange(Network.county)
        try network[Network.county].replica.close()
        network.drop(Network.county)
        #expect(lying(network, directory) == [])

        func put(_ file: URL) throws -> Data {
            for suffix in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: directory.replica.path + suffix)
            }
            try FileManager.default.copyItem(at: file, to: directory.replica)
            return try Data(contentsOf: directory.replica)
        }
        let copy = try put(backup.folder.appending(path: "replica.sqlite"))
        for _ in 0..<2 { #expect(lying(network, directory) == ["database.copy"]) }
        #expect(try Data(contentsOf: directory.replica) == copy)
        try network.crash(Network.county, leaving: old)
        // What was set back is noticed when the node starts, and until it has compared.
        #expect(codes(network, Network.county) == ["database.uncompared"])
        try network.settle()
        // What it lacked came back, and is proven by the next comparison.
        #expect(codes(network, Network.county) == ["proof.mending"])
        try network.exchange(Network.county, mode: .looks)
        #expect(codes(network, Network.county) == [])
    }

    /// The root has nobody above with whom it could compare.
    @Test func aRestoredRootTellsWhoBelowHasNotComparedSince() throws {
        let network = try Network([Network.city, Network.branch, Network.county])
        for (number, name) in [Network.branch, Network.county].enumerated() {
            try network.accept(at: name, number: number)
            try network.exchange(name)
            _ = try network.prove(name)
        }
        #expect(!codes(network, Network.city).contains("proof.childrenBehind"))
        let backup = try network.backUp(Network.city)
        try network.accept(at: Network.county, number: 3)
        try network.exchange(Network.county)
        try network.restore(backup, at: Network.city)
        func behind() -> [String] {
            let facts = network[Network.city].facts(
                service: ServiceFacts(isServed: true), now: network.time(at: Network.city))
            return Examination(facts).findings.filter { $0.code == "proof.childrenBehind" }.map { $0.what[.english] }
        }
        let both = "\(Network.county), \(Network.branch)"
        #expect(behind().first?.hasSuffix(both) == true, "\(behind())")
        // What differs is listed, and the line is cut before any of it has come.
        let line = try SimulatedLine(network, from: Network.county, mode: .repairs)
        while line.reports.parent.comparison?.isOver != true {
            while try line.workBelow() {}
            _ = try line.carryUp()
            while line.reports.parent.comparison?.isOver != true, try line.workAbove() {}
            guard try line.carryDown() else { break }
        }
        #expect(line.reports.parent.comparison?.isOver == true)
        line.abandon()
        #expect(behind().first?.hasSuffix(both) == true, "\(behind())")
        // A child relies on its cursors again once all has come.
        for mode in [LinkMode.repairs, .usual] { try network.exchange(Network.county, mode: mode) }
        #expect(behind().first?.hasSuffix("with \(Network.branch)") == true, "\(behind())")
        for mode in [LinkMode.repairs, .usual] { try network.exchange(Network.branch, mode: mode) }
        #expect(behind() == [])
    }

    /// Nobody comes to compare whose machine was cut off for good.
    @Test func aRestoredRootAwaitsNobodyWhomItHasCut() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        try network.exchange(Network.county)
        _ = try network.prove(Network.county)
        try network.restore(try network.backUp(Network.city), at: Network.city)
        #expect(codes(network, Network.city).contains("proof.childrenBehind"))
        let gone = CutWish(unit: UnitCode(Network.county)!, ordinal: 1)
        _ = try network[Network.city].cut(gone, now: network.now)
        #expect(!codes(network, Network.city).contains("proof.childrenBehind"))
    }

    @Test func aLostAnchorIsToldUntilTheParentHasSpoken() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county)
        try network.exchange(Network.county)
        let directory = network.directory(Network.county)
        try network[Network.county].replica.close()
        try network.loseAnchor(of: Network.county)
        network.drop(Network.county)
        #expect(lying(network, directory) == ["anchor.absent"])
        try network.reopen(Network.county)
        #expect(codes(network, Network.county) == ["anchor.guessed", "database.uncompared"])
        try network.settle()
        #expect(codes(network, Network.county) == [])
    }

    @Test func aMissingAnchorIsADangerToWhatIsNotSealed() throws {
        let network = try Network([Network.city, Network.county])
        try network.accept(at: Network.county, number: 1)
        try network.exchange(Network.county)
        try network.accept(at: Network.county, number: 2)
        let directory = network.directory(Network.county)
        try network[Network.county].replica.close()
        network.drop(Network.county)
        try network.loseAnchor(of: Network.county)
        let facts = NodeFacts(directory, service: ServiceFacts(isServed: false, hasUplink: true), now: network.now)
        let danger = try #require(Examination(facts).dangers.first { $0.code == "anchor.missed" })
        #expect(danger.what[.english].contains("not sealed yet: 1") && danger.what[.chinese].contains("1条"))
        #expect(lying(network, directory) == ["anchor.missed", "backlog.waiting"])
        // Who is at work makes it anew, and leaves nothing behind.
        let served = NodeFacts(directory, service: ServiceFacts(isServed: true, hasUplink: true), now: network.now)
        #expect(Examination(served).findings.contains { $0.code == "anchor.absent" })
        try network.reopen(Network.county)
        #expect(codes(network, Network.county).contains("database.resting"))
    }

    @Test func aForkIsToldToEverybodyAndACutToWhomItConcerns() throws {
        let network = try Network(Self.line)
        try network.accept(at: Network.village, number: 1)
        try network.settle(rounds: 1)
        let copy = try network.clone(Network.village)
        try network.accept(at: Network.village, number: 2)
        let original = try network.sit(Network.village, at: copy)
        try network.accept(at: Network.village, number: 3)
        for machine in [copy, original, copy, original] {
            try network.sit(Network.village, at: machine)
            try network.settle(rounds: 1)
        }
        #expect(codes(network, Network.city).contains("standing.unchosen"))
        #expect(codes(network, Network.county).contains("standing.fork"))
        #expect(codes(network, Network.village).contains("standing.forked"))
        let name = try #require(
            try network[Network.city].replica.read { try $0.forkEvidence() }.first?.branches.first?.name)
        let unit = try #require(UnitCode(Network.village))
        _ = try network[Network.city].cut(
            CutWish(unit: unit, ordinal: 1, keeping: name), now: network.now)
        try network.exchange(Network.county)
        for above in [Network.city, Network.county] {
            #expect(!codes(network, above).contains { $0.hasPrefix("standing.") }, "\(above)")
        }
    }

    @Test func whatWaitsForTheHolderIsToldToTheHolder() throws {
        let network = try Network(Self.line)
        let place = try network.accept(at: Network.village, route: [Network.county]).creation
        try network.settle(rounds: 1)
        try network.act(.takeOver, at: Network.county, on: place)
        try network.act(.withdraw, at: Network.village, on: place)
        try network.settle(rounds: 1)
        #expect(codes(network, Network.county) == ["work.requests"])
        #expect(codes(network, Network.town) == [])
    }

    @Test func aGapThatACourierLeftIsTold() throws {
        let network = try Network(Self.line)
        try network.acceptMany(170, at: Network.village, route: [Network.town])
        let (_, files) = try network.export(at: Network.village, to: Network.town, volumeBytes: 12_000)
        try #require(files.count == 3)
        try network.bring(files[0], to: Network.town)
        #expect(!codes(network, Network.town).contains("work.gap"))
        try network.bring(files[2], to: Network.town)
        let gaps = try network[Network.town].replica.read { try $0.bundleGaps() }
        #expect(gaps == [BundleGap(unit: "379902001001", node: 1, missing: [2])])
        #expect(codes(network, Network.town).contains("work.gap"))
        try network.bring(files[1], to: Network.town)
        #expect(!codes(network, Network.town).contains("work.gap"))
    }

    /// What is behind the gap comes from those above, and no stick of it is taken any more.
    @Test func aGapOfWhoWasMovedAwayIsNotTold() throws {
        let network = try Network(Self.line)
        try network.acceptMany(170, at: Network.village, route: [Network.town])
        let (_, files) = try network.export(at: Network.village, to: Network.town, volumeBytes: 12_000)
        try #require(files.count == 3)
        try network.bring(files[2], to: Network.town)
        #expect(codes(network, Network.town).contains("work.gap"))
        try network.move(Network.village, under: Network.county)
        for name in [Network.county, Network.town] { try network.exchange(name) }
        #expect(!codes(network, Network.town).contains("work.gap"))
    }

    /// One thing that is damaged keeps nothing else from being told.
    @Test func whatCannotBeReadIsTold() throws {
        let network = try Network([Network.city, Network.county])
        try network.settle()
        let place = try network.accept(at: Network.county).creation
        let county = network[Network.county]
        let queue = try DatabaseQueue(path: network.directory(Network.county).replica.path)
        try queue.write { db in
            try db.execute(sql: "UPDATE unpacked SET bytes = CAST(bytes || x'00' AS BLOB)")
            try db.execute(sql: "INSERT INTO draft VALUES ('d', 'x', '{}', 1, 1)")
        }
        let found = codes(network, Network.county)
        #expect(found.contains("database.damaged") && found.contains("work.drafts"), "\(found) \(place)")
        #expect(found.contains("backlog.waiting"), "\(found)")
        try county.takeOutDamage(now: network.now)
        #expect(codes(network, Network.county).contains("disk.lost"))
    }
}
