import ChangeSet
import Foundation
import Replica
import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// One disk in two machines: both work under one name until somebody notices.
@Suite struct ClonedDiskTests {
    private static let above = [Network.city, Network.county, Network.town]

    private struct Story {
        let network: Network
        let original: String
        let copy: String
        /// One that both machines have decided on their own.
        let shared: Place
    }

    /// Both machines of the village have worked, each with the line cut, and have met the town one after the other.
    private func cloned() throws -> Story {
        let network = try Network(Self.above + [Network.village])
        let shared = try network.accept(at: Network.village, number: 1).creation
        try network.settle(rounds: 1)
        let copy = try network.clone(Network.village)
        try network.accept(at: Network.village, number: 2)
        try network.act(
            .decide, at: Network.village, on: shared, fields: [CaseField.decision: "granted"])
        let original = try network.sit(Network.village, at: copy)
        try network.accept(at: Network.village, number: 3)
        try network.act(
            .decide, at: Network.village, on: shared, fields: [CaseField.decision: "refused"])
        for machine in [copy, original, copy, original] {
            try network.sit(Network.village, at: machine)
            try network.settle(rounds: 1)
        }
        return Story(network: network, original: original, copy: copy, shared: shared)
    }

    private func applicants(_ network: Network, at name: String) throws -> [String] {
        try network[name].replica.read { try $0.serviceCases(limit: 9).map(\.applicant) }.sorted()
    }

    @Test func twoSealsAreTheProofAndNothingIsLost() throws {
        let story = try cloned()
        for name in Self.above {
            let evidence = try story.network[name].replica.read { try $0.forkEvidence() }
            #expect(evidence.map(\.author.unit.text) == [Network.village], "\(name)")
            #expect(evidence.first?.branches.count == 2, "\(name)")
            #expect(try applicants(story.network, at: name) == ["王1", "王2", "王3"], "\(name)")
            // Decided twice under one name: neither counts before the root has chosen.
            let phase = try story.network[name].replica.read { transaction in
                try transaction.record(created: story.shared).map { try transaction.caseRecord($0).state }
            }
            #expect(phase?.phase == .accepted, "\(name)")
            for table in try story.network[name].replica.rebuild(keeping: false) {
                #expect(table.isSame, "\(name) \(table.name)")
            }
        }
        #expect(try story.network.fingerprints(of: Network.village, at: Self.above).count == 1)
        // Each machine knows which line is its own.
        for machine in [story.original, story.copy] {
            try story.network.sit(Network.village, at: machine)
            let branches = try story.network[Network.village].replica.read { try $0.forkEvidence() }.first?.branches
            #expect(branches?.filter(\.isOwn).count == 1)
        }
    }

    /// Who has the proof of a fork is not damaged by it.
    @Test func whoKnowsOfAForkIsBackedUpAndScrubbed() throws {
        let story = try cloned()
        for name in Self.above {
            let backup = try story.network.backUp(name)
            #expect(backup.manifest.unit == name)
            let (scrub, found) = try story.network[name].scrub(now: { story.network.now }, progress: { _ in })
            #expect(scrub.isFinished && found.isEmpty, "\(name)")
        }
    }

    @Test func bothGoOnEachOnItsOwnLine() throws {
        let story = try cloned()
        for (number, machine) in [(10, story.original), (11, story.copy), (12, story.original), (13, story.copy)] {
            try story.network.sit(Network.village, at: machine)
            let reference = try story.network.accept(at: Network.village, number: number)
            _ = try story.network[Network.village].act(
                step(.note, story.network), on: reference.record, now: story.network.now)
            try story.network.settle(rounds: 1)
        }
        let expected = [1, 10, 11, 12, 13, 2, 3].map { "王\($0)" }.sorted()
        for name in Self.above {
            #expect(try applicants(story.network, at: name) == expected, "\(name)")
            let pending = try story.network[name].replica.read {
                try $0.fingerprint(of: UnitCode(Network.village)!).pending
            }
            #expect(pending == 0, "\(name)")
        }
        #expect(try story.network.fingerprints(of: Network.village, at: Self.above).count == 1)
    }

    /// What the other machine wrote under the same name lies on its own line, further on than this one has come or not.
    @Test func eachWorksOnWhatTheOtherHasAccepted() throws {
        let story = try cloned()
        let network = story.network
        func sit(at machine: String) throws {
            try network.sit(Network.village, at: machine)
            try network.settle(rounds: 1)
        }
        try sit(at: story.copy)
        let far = try (40..<46).map { try network.accept(at: Network.village, number: $0) }
        try network.settle(rounds: 1)
        try sit(at: story.original)
        func note(on reference: CaseReference) throws {
            let node = network[Network.village]
            for _ in 0..<2 {
                // Its record here is the one with this number on paper.
                let row = try node.replica.read { try $0.serviceCase(receipt: reference.receipt)?.record }
                _ = try node.act(step(.note, network), on: try #require(row), now: network.now)
            }
        }
        for reference in far { try note(on: reference) }
        try sit(at: story.original)
        try sit(at: story.copy)
        for name in Self.above {
            for reference in far {
                let codes = try network[name].replica.read { transaction in
                    let row = try #require(try transaction.serviceCase(receipt: reference.receipt)?.record)
                    return try transaction.caseRecord(row).state.status.values.map(\.code).sorted()
                }
                #expect(codes == ["effective", "merged", "merged"], "\(name) \(reference.receipt)")
            }
        }
        #expect(try network.fingerprints(of: Network.village, at: Self.above).count == 1)
    }

    /// The clerk has gone on with a case, unsealed, when a stick brings what the other machine did to it.
    @Test func aStickOfTheOtherLineLeavesNothingWaiting() throws {
        let network = try Network(Self.above + [Network.village])
        let shared = try network.accept(at: Network.village, number: 1).creation
        try network.settle(rounds: 1)
        let copy = try network.clone(Network.village)
        try network.act(.note, at: Network.village, on: shared, fields: [CaseField.note + "1": "一"])
        try network.settle(rounds: 1)
        let original = try network.sit(Network.village, at: copy)
        try network.act(.note, at: Network.village, on: shared, fields: [CaseField.note + "2": "二"])
        // The town hears of it from above, and knows the original as who called last.
        let line = try SimulatedLine(network, from: Network.village, to: Network.county)
        try line.run()
        try line.close()
        try network.exchange(Network.town)
        try network.sit(Network.village, at: original)
        try network.act(.note, at: Network.village, on: shared, fields: [CaseField.note + "3": "三"])
        for stick in try network.export(at: Network.town, to: Network.village).files {
            try network.bring(stick, to: Network.village)
        }
        #expect(try network[Network.village].replica.read { try $0.forkEvidence() }.count == 1)
        let here = try statuses(network, at: Network.village)
        #expect(here.values.sorted() == ["effective", "merged", "merged", "merged"])
        for table in try network[Network.village].replica.rebuild(keeping: false) {
            #expect(table.isSame, "\(table.name)")
        }
    }

    /// Each would begin behind all that the other has given, which would then begin behind that.
    @Test func theyDoNotLeapOverEachOthersNumbers() throws {
        let network = try Network(Self.above + [Network.village])
        let copy = try network.clone(Network.village)
        var machine = copy
        var highest: UInt64 = 0
        for number in 1...12 {
            machine = try network.sit(Network.village, at: machine)
            // One of them has given more numbers than the other has set aside.
            for earlier in 0..<(number == 1 ? 3 : 0) {
                try network.accept(at: Network.village, number: 100 + earlier)
                try network.restart(Network.village)
            }
            let receipt = try ReceiptNumber(typed: network.accept(at: Network.village, number: number).receipt)
            highest = max(highest, receipt.running)
            try network.settle(rounds: 1)
        }
        #expect(highest > Anchor.gap && highest < 2 * Anchor.gap)
    }

    /// Two cases have one number, and each machine goes on with its own when both are sealed and here.
    @Test func eachGoesOnWithItsOwnOfTwoCasesUnderOneNumber() throws {
        let story = try cloned()
        let network = story.network
        for (machine, applicant) in [(story.original, "王2"), (story.copy, "王3")] {
            try network.sit(Network.village, at: machine)
            try network.settle(rounds: 1)
            let node = network[Network.village]
            let row = try node.replica.read {
                try $0.serviceCases(limit: 9).first { $0.applicant == applicant }?.record
            }
            let verdict = try node.act(step(.note, network), on: try #require(row), now: network.now)
            #expect(verdict == .write, "\(applicant)")
            try network.settle(rounds: 1)
        }
        for name in Self.above {
            let pending = try network[name].replica.read {
                try $0.fingerprint(of: UnitCode(Network.village)!).pending
            }
            #expect(pending == 0, "\(name)")
        }
    }

    /// Who holds both cases under one number is told the seals between, and puts each act on its own.
    @Test func anActOfOneLineIsNeverPutOnTheCaseOfTheOther() throws {
        let network = try Network(Self.above + [Network.branch, Network.village])
        let copy = try network.clone(Network.village)
        for machine in [nil, copy] {
            if let machine { try network.sit(Network.village, at: machine) }
            func step(_ number: Int) throws -> Place {
                let place = try network.accept(
                    at: Network.village, number: number, route: number < 3 ? [Network.branch] : []
                ).creation
                try network.settle(rounds: 1)
                return place
            }
            let shared = try step(machine == nil ? 1 : 2)
            // A run of its own between the two, which does not concern the branch.
            _ = try step(3)
            try network.act(.forward, at: Network.village, on: shared, target: Network.branch)
            try network.settle(rounds: 2)
        }
        let evidence = try network[Network.branch].replica.read { try $0.forkEvidence() }
        #expect(evidence.count == 1)
        let atCity = try statuses(network, at: Network.city), atBranch = try statuses(network, at: Network.branch)
        #expect(atBranch.values.sorted() == Array(repeating: "effective", count: 4))
        for (leaf, status) in atBranch { #expect(atCity[leaf] == status) }
    }

    /// Two machines have acted on one case under one name, and who is told of it by a unit between holds neither what
    /// lies between these acts nor knew of the second line when the first one came.
    @Test(arguments: [false, true]) func whoSeesOnlyOneCaseIsToldTheSealsBetweenItsActs(isCompared: Bool) throws {
        let network = try Network(Self.above + [Network.village])
        let place = try network.accept(at: Network.village, number: 1, route: [Network.county]).creation
        try network.settle(rounds: 1)
        let copy = try network.clone(Network.county)
        var original = ""
        for machine in [nil, copy] {
            if let machine { original = try network.sit(Network.county, at: machine) }
            for round in 0..<2 {
                let row = try network[Network.county].replica.read { try $0.record(created: place) }
                _ = try network[Network.county].act(step(.note, network), on: try #require(row), now: network.now)
                try network.settle(rounds: 1)
                if round == 0 { try network.accept(at: Network.county, number: 3) }
                try network.settle(rounds: 1)
            }
        }
        // Each hears of the other's line, while the village calls nobody.
        for machine in [original, copy] {
            try network.sit(Network.county, at: machine)
            for _ in 0..<3 {
                for name in [Network.county, Network.town] { try network.exchange(name) }
            }
        }
        // What is compared has no seals in it, and moves the village's cursor behind what it is owed.
        if isCompared { _ = try network[Network.village].replica.write { try $0.wishComparison(repairs: true) } }
        try network.settle(rounds: 2)
        let atCity = try statuses(network, at: Network.city)
        for name in [Network.town, Network.village] {
            #expect(try network[name].replica.read { try $0.forkEvidence() }.count == 1, "\(name)")
            let here = try statuses(network, at: name)
            #expect(here.values.sorted() == ["effective", "merged", "merged", "merged", "merged"], "\(name)")
            for (leaf, status) in here { #expect(atCity[leaf] == status, "\(name)") }
            for table in try network[name].replica.rebuild(keeping: false) {
                #expect(table.isSame, "\(name) \(table.name)")
            }
            let (scrub, found) = try network[name].scrub(now: { network.now }, progress: { _ in })
            #expect(scrub.isFinished && found.isEmpty, "\(name)")
        }
    }

    /// Of each change set of its cases.
    private func statuses(_ network: Network, at name: String) throws -> [Leaf: String] {
        try network[name].replica.read { transaction in
            let cases = try transaction.serviceCases(limit: 9).map(\.record)
            return try cases.reduce(into: [:]) { out, record in
                out.merge(try transaction.caseRecord(record).state.status.mapValues(\.code)) { $1 }
            }
        }
    }

    private func step(_ action: CaseAction, _ network: Network) -> CaseStep {
        var step = CaseStep(action, day: network.now.day, actor: "c04")
        step.fields = [CaseField.note + "1": "x"]
        return step
    }

    @Test func aCutKeepsOneLineAndTheOtherBecomesProposals() throws {
        let story = try cloned()
        let network = story.network
        let unit = UnitCode(Network.village)!
        #expect(throws: CutError.self) {
            try network[Network.city].cut(CutWish(unit: unit, ordinal: 1), now: network.now)
        }
        #expect(throws: NodeError.notRoot) {
            try network[Network.town].cut(CutWish(unit: unit, ordinal: 1), now: network.now)
        }
        // Nobody stands above the root who could enroll it again.
        let root = network[Network.city].name
        #expect(throws: CutError.ownNode) {
            try network[Network.city].cut(CutWish(unit: root.unit, ordinal: root.ordinal), now: network.now)
        }
        // The line of the original stands.
        try network.sit(Network.village, at: story.original)
        let own = try network[Network.village].replica.read { try $0.forkEvidence() }[0].branches.first(where: \.isOwn)
        try network[Network.city].cut(
            CutWish(unit: unit, ordinal: 1, keeping: try #require(own?.name)), now: network.now)
        for name in [Network.county, Network.town] { try network.exchange(name) }
        // Neither machine gets a line any more.
        #expect(throws: LineProblem.self) { try network.exchange(Network.village) }
        // Both have worked on, not knowing; then each gets a name of its own and brings what it has.
        for (number, machine) in [(20, story.original), (21, story.copy)] {
            try network.sit(Network.village, at: machine)
            try network.accept(at: Network.village, number: number)
            try network.enrollAgain(Network.village)
            try network.settle(rounds: 2)
            // And works.
            try network.accept(at: Network.village, number: number + 10)
            try network.settle(rounds: 1)
        }
        // Cases that were accepted beyond the cut are there, and wait for the unit to stand by them.
        let waiting = try network[Network.village].replica.read { transaction in
            try transaction.serviceCases(limit: 9).filter { $0.phase == nil }.map(\.record)
        }
        #expect(waiting.count == 3)
        for record in waiting {
            let node = network[Network.village]
            var answer = CaseStep(.answer, day: network.now.day, actor: "c05")
            answer.admits = try node.replica.read { try $0.caseRecord(record).state.proposals }
            _ = try node.act(answer, on: record, now: network.now)
        }
        try network.settle(rounds: 1)
        let expected = [1, 2, 20, 21, 3, 30, 31].map { "王\($0)" }.sorted()
        for name in Self.above {
            let found = try applicants(network, at: name)
            #expect(found == expected, "\(name)")
            let (outcome, proposals) = try network[name].replica.read { transaction in
                let record = try #require(try transaction.record(created: story.shared))
                let state = try transaction.caseRecord(record).state
                return (state.values[CaseField.decision]?.value, state.proposals.count)
            }
            #expect(outcome == "granted" && proposals == 1, "\(name): what the copy decided waits for review")
        }
        #expect(try network.fingerprints(of: Network.village, at: Self.above).count == 1)
        #expect(try network[Network.village].name.ordinal == 3)
    }
}
