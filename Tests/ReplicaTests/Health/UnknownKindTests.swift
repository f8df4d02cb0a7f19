import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Testing

@testable import Replica

/// What a newer version writes passes older relays unharmed, and counts there once they learn it.
@Suite struct UnknownKindTests {
    /// Everything that is held, byte for byte.
    private func held(_ node: Town.Node) throws -> Set<Data> {
        try node.replica.read { transaction in
            let runs = try Int64.fetchAll(transaction.db, sql: "SELECT id FROM run WHERE feed = 2")
            return Set(try runs.flatMap { try transaction.placed(inRun: $0).map(\.bytes) })
        }
    }

    /// A field that no version has, behind a message.
    private static let unknownField = Data([0x82, 0x7d, 0x03, 0x61, 0x62, 0x63])

    private static func acts(_ town: Town) throws -> Place {
        let place = try town["V"].accept("甲", route: ["T", "K"], number: 1)
        try town["V"].act(.note, on: place, writes: ["note.1": "旧"])
        try town["V"].act(.forward, on: place, target: "B") { $0.mustUnderstand = true }
        return place
    }

    @Test func passesAndCountsOnceItIsLearnt() throws {
        let town = try Town()
        // The relays between V and C are older.
        for name in ["T", "K"] {
            try town.reopen(name, rules: CaseRules.version1.without([.note, .forward]), program: "older")
        }
        let place = try Self.acts(town)
        try town.settle()
        #expect(try held(town["C"]) == held(town["V"]) && held(town["K"]) == held(town["V"]))
        #expect(try town["C"].fingerprint("V") == town["V"].fingerprint("V"))
        func codes() throws -> [String] {
            try town["K"].record(place).state.status.values.map(\.code).sorted()
        }
        #expect(try codes() == ["effective", "pending.notUnderstood", "void.unknownKind"])
        #expect(try town["K"].record(place).state.hasPendingMust)
        #expect(try town["K"].record(place).state.holder == UnitCode("V"))
        #expect(try town["K"].replica.rebuild(keeping: false).allSatisfy(\.isSame))
        // C knows already that the branch holds it.
        #expect(try town["B"].rows() > 0 && town["B"].fingerprint("V").cases == 1)

        for name in ["T", "K"] {
            try town.reopen(name)
            #expect(try town[name].fingerprint("V") == town["V"].fingerprint("V"), "\(name)")
            #expect(try town[name].replica.rebuild(keeping: false).allSatisfy(\.isSame), "\(name)")
        }
        #expect(try town["K"].record(place).state.holder == UnitCode("B"))
        try town.settle()
        #expect(try town["K"].fingerprint("V") == town["C"].fingerprint("V"))
    }

    /// Who was sent past a case that comes to concern a further unit, once the node learns it, is owed it.
    @Test func whatIsLearntIsOwedToWhomItConcerns() throws {
        let town = try Town(["C", "K", "T", "V", "W"])
        try town.reopen("T", rules: CaseRules.version1.without([.forward]), program: "older")
        let place = try town["V"].accept("甲", number: 1)
        try town["V"].act(.forward, on: place, target: "W") { $0.mustUnderstand = true }
        try town.settle()
        #expect(try town["W"].fingerprint("V").cases == 0)
        try town.reopen("T")
        try town.settle()
        #expect(try town["W"].fingerprint("V") == town["V"].fingerprint("V"))
        #expect(try town["W"].record(place).state.holder == UnitCode("W"))
        #expect(try town["T"].replica.rebuild(keeping: false).allSatisfy(\.isSame))
    }

    /// Fields that nobody knows, in the envelope and in the body; a kind that nobody knows; bytes that are no envelope.
    @Test func bytesAreNeverWrittenAgain() throws {
        let town = try Town(["C", "K", "T", "V"])
        let village = town["V"]
        let place = try village.accept("甲", number: 1)
        try village.replica.write { transaction in
            let next = try transaction.nextPlace(of: village.author, in: .casework)
            func bytes(_ kind: ActionKind, _ sequence: UInt64) throws -> Data {
                var changeSet = ChangeSet(
                    kind: kind, record: .back(sequence - place.sequence), parents: [.back(1)], time: 1,
                    body: try CaseBody(day: 20_001).bytes + Self.unknownField)
                changeSet.actor = "c09"
                return try changeSet.bytes + Self.unknownField
            }
            let all = [
                try bytes(CaseAction.note.kind, next.sequence),
                try bytes(ActionKind(rawValue: 60), next.sequence + 1), Data("no envelope".utf8),
            ]
            for bytes in all {
                _ = try transaction.append([bytes], by: village.author, in: .casework, seed: village.seed())
            }
        }
        try town.settle()
        for name in ["T", "K", "C"] {
            #expect(try held(town[name]) == held(village), "\(name)")
            #expect(try town[name].fingerprint("V") == village.fingerprint("V"), "\(name)")
            let said = try town[name].replica.read {
                try String.fetchAll(
                    $0.db, sql: "SELECT coalesce(action, '?') FROM journal WHERE feed = 2 ORDER BY position")
            }
            #expect(said == ["accept", "note", "unknown.60", "?"], "\(name)")
        }
        let statuses = try town["C"].record(place).state.status.values.map(\.code).sorted()
        #expect(statuses == ["effective", "merged", "void.unknownKind"])
    }
}
