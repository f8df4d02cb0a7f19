import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Testing

@testable import Replica

/// A change set of which this program cannot derive anything, as a bug or a content that only a later version bears
/// would have it. A trigger in the file plays the bug.
@Suite struct SetAsideTests {
    private static let poison = """
        CREATE TRIGGER poison BEFORE INSERT ON service_case WHEN NEW.applicant LIKE '毒%'
        BEGIN SELECT RAISE(ABORT, 'poison'); END
        """
    private static let cure = "DROP TRIGGER poison"

    private func aside(_ node: Town.Node) throws -> [SetAsideRecord] {
        try node.replica.read { try $0.setAsideRecords() }
    }

    private func receipts(_ node: Town.Node) throws -> [String] {
        try node.replica.read { try $0.serviceCases(limit: 100).map(\.receipt).sorted() }
    }

    @Test func blocksNeitherItsBatchNorItsNeighbours() throws {
        let town = try Town(["C", "K", "T", "V"])
        try town.change("K", Self.poison)
        let poisonous = try town["V"].accept("毒", route: ["T", "K"], number: 2)
        try town["V"].accept("甲", route: ["T", "K"], number: 1)
        try town["V"].accept("乙", route: ["T", "K"], number: 3)
        try town.settle()
        // All of it is held, and went on.
        #expect(try town["K"].rows() == town["V"].rows() && town["C"].rows() == town["V"].rows())
        #expect(try receipts(town["K"]) == ["V-1", "V-3"] && receipts(town["C"]) == ["V-1", "V-2", "V-3"])
        let held = try aside(town["K"])
        #expect(held.map(\.creation) == [poisonous] && held.map(\.program) == [ProgramVersion.current])
        #expect(held[0].words[.english].contains("poison"), "\(held[0].words[.english])")
        #expect(try aside(town["C"]).isEmpty)

        // What follows on it is held and goes on too.
        try town["V"].act(.amend, on: poisonous, writes: [CaseField.applicantPhone: "13700000000"])
        try town.settle()
        #expect(try town["C"].fingerprint("V") == town["V"].fingerprint("V"))
        #expect(try town["K"].fingerprint("V") == town["V"].fingerprint("V"))
        #expect(try aside(town["K"]).count == 1)
        #expect(try town["K"].replica.rebuild(keeping: false).allSatisfy(\.isSame))

        // Another version of the program tries again, this one not.
        try town.change("K", Self.cure)
        #expect(try aside(town["K"]).count == 1)
        try town.reopen("K", program: "later")
        #expect(try aside(town["K"]).isEmpty && receipts(town["K"]) == receipts(town["C"]))
        #expect(try town["K"].found("毒").count == 1)
        #expect(try town["K"].replica.rebuild(keeping: false).allSatisfy(\.isSame))
    }

    @Test func isTriedAgainByARebuildAndByWhateverComes() throws {
        for byRebuild in [true, false] {
            let town = try Town(["C", "K"])
            try town.change("C", Self.poison)
            let place = try town["K"].accept("毒")
            try town.settle()
            #expect(try aside(town["C"]).count == 1)
            try town.change("C", Self.cure)
            if byRebuild {
                #expect(try town["C"].replica.rebuild(keeping: false).contains { !$0.isSame })
                #expect(try aside(town["C"]).count == 1)
                _ = try town["C"].replica.rebuild(keeping: true)
            } else {
                try town["K"].act(.note, on: place, writes: ["note.1": "好"])
                try town.settle()
            }
            #expect(try aside(town["C"]).isEmpty && receipts(town["C"]) == ["K-1"])
        }
    }

    /// A clerk goes on finding the case as it was before.
    @Test func whatWasDerivedBeforeStays() throws {
        let town = try Town(["C", "K"])
        let place = try town["K"].accept("甲", route: ["C"])
        try town["K"].accept("乙", number: 2)
        try town.settle()
        try town.change("C", Self.poison)
        try town["K"].act(.amend, on: place, writes: [CaseField.applicantName: "毒药"])
        try town.settle()
        #expect(try aside(town["C"]).map(\.receipt) == ["K-1"])
        func applicant() throws -> String? {
            try town["C"].replica.read {
                try String.fetchOne($0.db, sql: "SELECT applicant FROM service_case WHERE receipt = 'K-1'")
            }
        }
        #expect(try applicant() == "甲" && town["C"].found("甲").count == 1)
        for keeping in [false, true, false] {
            #expect(try town["C"].replica.rebuild(keeping: keeping).allSatisfy(\.isSame), "\(keeping)")
        }
        #expect(try applicant() == "甲" && town["C"].found("甲").count == 1)
        // The page reads the journal, where everything is.
        let row = try town["C"].replica.read { try $0.serviceCase(receipt: "K-1") }
        #expect(row?.applicant == "毒药")
        try town.change("C", Self.cure)
        try town.reopen("C", program: "later")
        #expect(try applicant() == "毒药" && town["C"].found("甲").isEmpty && town["C"].found("毒药").count == 1)
        #expect(try town["C"].replica.rebuild(keeping: false).allSatisfy(\.isSame))
    }

    /// What a clerk writes here and now is refused instead: nobody was told yet that it is done.
    @Test func anOwnActFails() throws {
        let town = try Town(["C", "K"])
        try town.change("K", Self.poison)
        let before = try town["K"].rows()
        #expect(throws: ReplicaError.fault("poison")) { try town["K"].accept("毒") }
        #expect(try town["K"].rows() == before && aside(town["K"]).isEmpty)
        try town["K"].accept("甲")
        #expect(try receipts(town["K"]) == ["K-1"])
    }

    @Test func anItemIsSetAsideLikeACase() throws {
        let town = try Town(["C", "K"])
        try town.change(
            "K",
            """
            CREATE TRIGGER poison BEFORE INSERT ON catalog_item WHEN NEW.code = 'JZ-02'
            BEGIN SELECT RAISE(ABORT, 'poison'); END
            """)
        for code in ["JZ-01", "JZ-02", "JZ-03"] { try town["C"].publish(Town.Node.item(code)) }
        try town.settle()
        #expect(try town["K"].found(catalog: "救助") == ["JZ-01", "JZ-03"])
        #expect(try aside(town["K"]).count == 1)
        #expect(try town["K"].replica.rebuild(keeping: false).allSatisfy(\.isSame))
        try town.change("K", Self.cure)
        try town.reopen("K", program: "later")
        #expect(try town["K"].found(catalog: "救助") == ["JZ-01", "JZ-02", "JZ-03"])
    }

    /// A disk that is full is nobody's poison.
    @Test func aFailingFileFailsTheWholeBatch() throws {
        let town = try Town(["C", "K"])
        try town["K"].accept("甲")
        let before = try town["C"].rows()
        // No page more than there are.
        try town["C"].replica.write { _ = try $0.db.execute(sql: "PRAGMA max_page_count = 1") }
        let long = String(repeating: "长", count: 2000)
        for number in 2...40 { try town["K"].accept("\(number)\(long)", number: number) }
        let full = ReplicaError.storage("database or disk is full", at: town["C"].replica.path)
        #expect(throws: full) { try town.settle() }
        try town.reopen("C")
        #expect(try town["C"].rows() == before && aside(town["C"]).isEmpty)
        try town.settle()
        #expect(try town["C"].fingerprint("K").cases == 40)
    }
}
