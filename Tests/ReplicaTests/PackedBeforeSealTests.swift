import ChangeSet
import GRDB
import ServiceModel
import Testing

@testable import Replica

/// A village whose line is cut for weeks writes many runs before any is sealed.
@Suite struct PackedBeforeSealTests {
    private static let cases = 300

    private func count(_ sql: String, at node: Town.Node) throws -> Int {
        try node.replica.read { try Int.fetchOne($0.db, sql: "SELECT count(*) FROM \(sql)") ?? 0 }
    }

    @Test func fullRunsArePackedAndRead() throws {
        let town = try Town(["C", "K", "T", "V"])
        let village = town["V"]
        let first = try village.accept("甲", number: 1)
        for number in 2...Self.cases { try village.accept("乙\(number)", number: number) }
        #expect(try count("run WHERE feed = 2 AND signature IS NULL", at: village) == 2)
        #expect(try count("unpacked", at: village) == Self.cases - Limits.changeSetsPerRun)
        try village.act(.amend, on: first, writes: [CaseField.applicantPhone: "13700000000"])
        #expect(try village.record(first).state.values[CaseField.applicantPhone]?.value == "13700000000")
        #expect(try village.replica.rebuild(keeping: false).allSatisfy(\.isSame))
        try town.settle()
        #expect(try count("unpacked", at: village) == 0)
        #expect(try town["C"].fingerprint("V") == village.fingerprint("V"))
        #expect(try town["C"].fingerprint("V").cases == Self.cases)
        #expect(try village.replica.rebuild(keeping: false).allSatisfy(\.isSame))
    }

    /// A new charter entry begins a new run; what the old pin was written under is complete.
    @Test func aPinThatWasPassedClosesItsRun() throws {
        let town = try Town(["C", "K"])
        let county = town["K"]
        try county.accept("甲", number: 1)
        try town["C"].importUnits(
            Town.units.map { code, parent, tier in
                UnitEntry(
                    code: UnitCode(code)!, name: "\(code)'", tier: tier, parent: parent.flatMap { UnitCode($0) },
                    kind: .centre)
            })
        try town.send("C", "K", isBelow: true, feeds: [.charter])
        #expect(try count("unpacked", at: county) == 1)
        try county.accept("乙", number: 2)
        #expect(try count("run WHERE feed = 2 AND signature IS NULL", at: county) == 2)
        #expect(try count("unpacked", at: county) == 1)
        try town.settle()
        #expect(try town["C"].fingerprint("K").cases == 2)
    }
}
