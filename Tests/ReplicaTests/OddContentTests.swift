import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Testing

@testable import Replica

/// What a neighbour may put into a change set that this program would never write.
@Suite struct OddContentTests {
    /// A sequence beyond what SQLite counts ended the process of every unit above.
    @Test func aSequenceBeyondAllJournalsIsKeptUnread() throws {
        let town = try Town(["C", "K", "T", "V"])
        let village = town["V"]
        try village.accept("甲", number: 1)
        for far in [UInt64(1) << 63, .max] {
            var wire = try WireChangeSet(
                serializedBytes: ChangeSet(
                    kind: CaseAction.note.kind, record: .created, parents: [], time: 1, body: CaseBody(day: 1).bytes
                ).bytes)
            wire.recordAuthor = town["C"].author.value.data
            wire.recordSequence = far
            let bytes: Data = try wire.serializedBytes()
            #expect(throws: WireError.malformed("record")) { try ChangeSet(bytes: bytes, sequence: 2) }
            try village.replica.write { transaction in
                _ = try transaction.append([bytes], by: village.author, in: .casework, seed: village.seed())
            }
        }
        try village.accept("乙", number: 2)
        try town.settle()
        #expect(try town["C"].rows() == village.rows())
        #expect(try town["C"].fingerprint("V").cases == 2)
        #expect(try town["C"].replica.rebuild(keeping: false).allSatisfy(\.isSame))
    }

    /// From a time before all times the hours that it waits cannot be counted.
    @Test func aTimeBeforeAllTimesIsOf1970() throws {
        let town = try Town(["C", "K", "T", "V"])
        town["V"].time = .min
        try town["V"].accept("甲")
        try town.send("V", "T", isBelow: false)
        let waiting = try town["T"].replica.read { try $0.figures($0.unsent(toward: [])) }
        #expect(waiting == UnsentFigures(changeSets: 1, cases: 1, oldest: 0))
        #expect(try town["V"].replica.read { try $0.lastUnacknowledgedTime(of: town["V"].author) } == 0)
    }

    /// Only the decision says what was decided, whatever others write into its field.
    @Test func nobodyRewritesADecision() throws {
        let town = try Town(["C", "K", "T", "V"])
        let place = try town["V"].accept("甲", route: ["K"])
        try town["V"].act(.forward, on: place, target: "K")
        try town.settle()
        try town["K"].act(.decide, on: place, writes: [CaseField.decision: Outcome.granted.rawValue])
        try town.settle()
        try town["V"].act(.amend, on: place, writes: [CaseField.decision: Outcome.refused.rawValue])
        try town["V"].act(.amend, on: place, writes: [CaseField.evaluation: Satisfaction.verySatisfied.rawValue])
        try town.settle()
        for name in ["C", "K", "V"] {
            let row = try town[name].replica.read { try $0.serviceCase(receipt: "V-1") }
            #expect(row?.outcome == .granted && row?.evaluation == nil, "\(name)")
        }
    }

    /// Two spellings of one name that Unicode holds equal come in another order at each node.
    @Test func twoSpellingsOfAFieldComeOutAlikeEverywhere() throws {
        let town = try Town()
        let place = try town["V"].accept("甲", route: ["T", "K"])
        try town.settle()
        try town["V"].act(.note, on: place, writes: ["note.caf\u{e9}": "1"])
        try town["K"].act(.note, on: place, writes: ["note.cafe\u{301}": "2"])
        try town["C"].act(.note, on: place, writes: ["note.\u{9686}": "\u{9686}"])
        try town["T"].act(.note, on: place, writes: ["note.\u{f9dc}": "\u{f9dc}"])
        try town.settle()
        let prints = Set(try ["C", "K", "T", "V"].map { try town[$0].fingerprint("V") })
        #expect(prints.count == 1)
        #expect(prints.first?.conflicts == 2)
        let names = try ["C", "V"].map {
            try town[$0].record(place).state.values.keys.map { Array($0.utf8) }.sorted {
                $0.lexicographicallyPrecedes($1)
            }
        }
        #expect(names[0] == names[1])
    }

    /// The index is cut by bytes, so that a change between spellings is one.
    @Test func aNameInAnotherSpellingIsFoundByIt() throws {
        let town = try Town(["C", "K"])
        let county = town["K"]
        let place = try county.accept("李\u{f9dc}", number: 1)
        for name in ["李\u{9686}", "李\u{f9dc}基", "李基"] {
            try county.act(.amend, on: place, writes: [CaseField.applicantName: name])
            #expect(try county.found(name).count == 1)
            #expect(try county.replica.rebuild(keeping: false).allSatisfy(\.isSame), "\(name)")
        }
        #expect(try county.found("李\u{9686}").isEmpty)
    }
}
