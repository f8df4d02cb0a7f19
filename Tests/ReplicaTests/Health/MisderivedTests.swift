import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Testing

@testable import Replica

/// Rows that the journal gives, and that the disk has changed: they are made again, and no more than has to be while
/// others wait for the database.
@Suite struct MisderivedTests {
    private func town() throws -> Town {
        let town = try Town(["C", "K"])
        for (number, name) in [(1, "孙一"), (2, "孙二"), (3, "孙三")] {
            try town["K"].accept(name, number: number)
        }
        try town["C"].publish(Town.Node.item("JZ-01"))
        try town.settle()
        return town
    }

    private func scrub(_ node: Town.Node) throws -> [Damage] {
        var scrub = Scrub(began: 0)
        var found: [Damage] = []
        while !scrub.isFinished { found += try scrub.step(node.replica, isSigned: { _ in true }) }
        return found
    }

    private func takeOut(_ node: Town.Node) throws {
        let out = try node.replica.takeOut(
            node.replica.damage.notes, now: 7, isSigned: { _ in true }, seal: { _ in Issue.record("not its own") },
            goOn: { _, _ in Issue.record("nothing is gone") })
        #expect(out.isEmpty && node.replica.damage.notes.isEmpty)
    }

    @Test(arguments: [
        "UPDATE service_case SET applicant = '坏名' WHERE receipt = 'K-2'",
        "UPDATE service_case SET holder = 'C' WHERE receipt = 'K-2'",
        "DELETE FROM service_case WHERE receipt = 'K-2'",
        "UPDATE catalog_item SET name = '坏名'", "DELETE FROM catalog_item",
    ])
    func oneRecordIsDerivedAgain(sql: String) throws {
        let town = try town()
        try town.change("C", sql)
        let found = try scrub(town["C"])
        #expect(found.map(\.code) == ["damage.derived"])
        #expect(town["C"].replica.damage.notes.allSatisfy { if case .record = $0 { true } else { false } })
        // It is not noted: whoever makes everything again would put it right as well.
        try town["C"].replica.write { transaction in
            try transaction.db.execute(sql: "UPDATE service_case SET applicant = '别人' WHERE receipt = 'K-3'")
        }
        try takeOut(town["C"])
        #expect(try town["C"].found("孙二") == ["K-2"] && town["C"].found("坏名").isEmpty, "\(sql)")
        #expect(try town["C"].found(catalog: "救助") == ["JZ-01"])
        let left = try scrub(town["C"])
        #expect(left.count == 1, "\(sql)")
        try takeOut(town["C"])
        #expect(try scrub(town["C"]).isEmpty)
        #expect(try town["C"].replica.rebuild(keeping: false).allSatisfy(\.isSame), "\(sql)")
        #expect(try town["C"].found("孙三") == ["K-3"])
    }

    /// Who is above whom tells who may have what: where it was wrong, something may have been kept from somebody.
    @Test(arguments: [
        ("unit", "UPDATE unit SET name = '坏名' WHERE code = 'K'"),
        ("unit", "UPDATE unit SET parent = 'K'"),
        ("unit_above", "DELETE FROM unit_above WHERE ancestor = 'C' AND unit = 'K'"),
        ("unit_above", "UPDATE unit_above SET ancestor = 'B' WHERE ancestor = 'C' AND unit = 'K'"),
        ("unit_above", "INSERT INTO unit_above (ancestor, unit) VALUES ('K', 'C')"),
    ])
    func unitsAreHeldAgainstTheCharter(table: String, sql: String) throws {
        let town = try town()
        try town.change("C", sql)
        let city = town["C"].replica
        #expect(try scrub(town["C"]) == [.derived(table)], "\(sql)")
        var lives = 0
        let out = try city.takeOut(
            city.damage.notes, now: 7, isSigned: { _ in true }, seal: { _ in Issue.record("not its own") },
            goOn: { _, _ in lives += 1 })
        #expect(out.wasMisled == (table == "unit_above") && !out.endsAuthor, "\(sql)")
        #expect(lives == (out.wasMisled ? 1 : 0), "\(sql)")
        #expect(try scrub(town["C"]).isEmpty, "\(sql)")
        #expect(try city.rebuild(keeping: false).allSatisfy(\.isSame), "\(sql)")
    }

    /// So it is with whom a case concerns, and what its rows in the journal belong to.
    @Test(arguments: [
        "DELETE FROM audience WHERE record = (SELECT record FROM service_case WHERE receipt = 'K-2')",
        "UPDATE journal SET record = NULL WHERE record = (SELECT record FROM service_case WHERE receipt = 'K-2')",
        "UPDATE journal SET feed = 3 WHERE record = (SELECT record FROM service_case WHERE receipt = 'K-2')",
    ])
    func whatDecidesWhoHasACaseBeginsAnotherLife(sql: String) throws {
        let town = try town()
        try town.change("C", sql)
        let city = town["C"].replica
        #expect(try !scrub(town["C"]).isEmpty, "\(sql)")
        var lives = 0
        let out = try city.takeOut(
            city.damage.notes, now: 7, isSigned: { _ in true }, seal: { _ in }, goOn: { _, _ in lives += 1 })
        #expect(out.wasMisled && out.runs.isEmpty && lives == 1, "\(sql)")
        #expect(try scrub(town["C"]).isEmpty, "\(sql)")
        #expect(try city.rebuild(keeping: false).allSatisfy(\.isSame), "\(sql)")
    }

    /// What failed is tried again, and not forgotten until the next scrub.
    @Test func aRebuildThatFailsIsTriedAgain() throws {
        let town = try town()
        let city = town["C"]
        try city.replica.write { transaction in
            try transaction.db.execute(
                sql: """
                    UPDATE gapless_head SET through = through + 1;
                    CREATE TRIGGER failing BEFORE DELETE ON gapless_head BEGIN SELECT RAISE(ABORT, 'failing'); END
                    """)
        }
        city.replica.damage.add(.derived)
        #expect(throws: ReplicaError.fault("failing")) { try takeOut(city) }
        #expect(city.replica.damage.notes == [.derived])
        try city.replica.write { try $0.db.execute(sql: "DROP TRIGGER failing") }
        try takeOut(city)
        #expect(try city.replica.rebuild(keeping: false).allSatisfy(\.isSame))
    }
}
