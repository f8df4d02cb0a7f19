import ChangeSet
import Foundation
import GRDB
import ServiceModel
import Testing

@testable import Replica

@Suite struct RebuildTests {
    private func busyTown() throws -> Town {
        let town = try Town()
        for number in 1...5 {
            let place = try town["V"].accept("孙\(number)", route: ["T", "K"], number: number)
            try town.settle()
            try town["V"].act(.amend, on: place, writes: [CaseField.applicantPhone: "1390000000\(number)"])
            try town["K"].act(.amend, on: place, writes: [CaseField.applicantPhone: "1380000000\(number)"])
            if number % 2 == 0 { try town["V"].act(.forward, on: place, target: "B") }
            try town.settle()
        }
        let item = try town["C"].publish(Town.Node.item())
        try town["K"].publish(Town.Node.item("JZ-02"))
        try town["K"].override(item, window: "区1号窗口", days: 6)
        try town.settle()
        return town
    }

    @Test func derivedTablesComeOutTheSame() throws {
        let town = try busyTown()
        for name in ["C", "K", "T", "V", "B"] {
            for table in try town[name].replica.rebuild(keeping: false) {
                #expect(table.isSame, "\(name) \(table.name)")
            }
        }
        let conflicts = try town["C"].fingerprint("V").conflicts
        #expect(conflicts == 5)
        #expect(try town["V"].fingerprint("V") == town["C"].fingerprint("V"))
    }

    /// Whoever opens the file reads in `case_action` what the fold says.
    @Test func theTableOfActionsSaysWhatTheFoldSays() throws {
        let town = try busyTown()
        // By one without custody, and by one without the power.
        let passed = try town["V"].accept("钱", route: ["K"], number: 9)
        try town["V"].act(.forward, on: passed, target: "K")
        try town["V"].act(.withdraw, on: passed)
        let kept = try town["V"].accept("李", route: ["K"], number: 10)
        try town["V"].act(.decide, on: kept)
        try town.settle()
        var codes: Set<String> = []
        for name in ["C", "K", "V"] {
            try town[name].replica.read { transaction in
                for row in try Int64.fetchAll(transaction.db, sql: "SELECT record FROM service_case") {
                    let record = try transaction.caseRecord(row)
                    let said = try Row.fetchAll(
                        transaction.db, sql: "SELECT * FROM case_action WHERE record = ? ORDER BY position",
                        arguments: [row])
                    #expect(said.map { $0["position"] as Int64 } == record.positions)
                    for (line, entry) in zip(said, record.history.entries) {
                        let status = record.state.status[entry.placed.leaf.leaf]?.code
                        #expect(line["status"] as String == status)
                        #expect(line["action"] as String == CaseAction(kind: entry.changeSet.kind)?.name)
                        #expect(line["actor"] as String == entry.changeSet.actor)
                        #expect(line["day"] as Int32? == entry.body?.day)
                        #expect(line["unit"] as String? == record.authors[entry.placed.place.author]?.unit.text)
                        codes.insert(line["status"])
                    }
                }
            }
        }
        #expect(codes.isSuperset(of: ["effective", "merged", "request", "void.notOnRoute"]), "\(codes.sorted())")
    }

    private static let flips = [
        "UPDATE service_case SET applicant = '别人' WHERE record = 2",
        "UPDATE service_case SET conflicts = conflicts + 1 WHERE record = 1",
        """
        INSERT INTO case_status (record, position, status)
        SELECT record, position, 'void.noPower' FROM journal WHERE action = 'accept' LIMIT 1
        """,
        "UPDATE journal SET day = day + 1 WHERE action = 'accept'",
        "UPDATE journal SET actor = '', action = 'decide' WHERE action = 'amend'",
        "UPDATE journal SET size = size + 1 WHERE action = 'accept'",
        "UPDATE author SET depth = 3 WHERE unit = 'V'",
        "UPDATE case_conflict SET chosen = '' WHERE record = 1",
        "DELETE FROM audience WHERE record = 1 AND unit = 'K'",
        "UPDATE unit SET name = 'x' WHERE code = 'V'",
        "UPDATE gapless_head SET through = through + 1",
        "UPDATE gapless_head SET quoted = quoted + 1",
        "UPDATE service_case SET promised_due = promised_due + 1 WHERE record = 3",
        "UPDATE service_case SET statutory_due = 1, statutory_days = 1 WHERE record = 1",
        "UPDATE service_case SET used_days = 3 WHERE record = 1",
        "UPDATE service_case SET lacks_calendar = 1 - lacks_calendar WHERE record = 5",
        "UPDATE service_case SET delivered_day = 20001, evaluated_day = 20001 WHERE record = 2",
        "UPDATE catalog_item SET content = replace(content, '救助', '求助') WHERE code = 'JZ-01'",
        "UPDATE catalog_item SET promised = NULL WHERE code = 'JZ-02'",
        "UPDATE catalog_override SET promised = '1w'",
        "DELETE FROM catalog_override",
        "INSERT INTO case_search (case_search, rowid, terms) VALUES ('delete', 1, '孙')",
        "INSERT INTO case_search (rowid, terms) VALUES (1, '张三')",
        "INSERT INTO case_search (case_search) VALUES ('delete-all')",
        "INSERT INTO catalog_search (catalog_search, rowid, terms) SELECT 'delete', record, '救助' FROM catalog_item",
        "INSERT INTO catalog_search (rowid, terms) VALUES (77, '救助')",
        "UPDATE catalog_search_data SET block = zeroblob(length(block)) WHERE id > 10",
    ]

    @Test func oneFlippedCellIsFound() throws {
        let town = try busyTown()
        let file = try DatabaseQueue(path: town.folder.appending(path: "C.sqlite").path)
        for sql in Self.flips {
            try file.write { try $0.execute(sql: sql) }
            let wrong = try town["C"].replica.rebuild(keeping: false).filter { !$0.isSame }
            #expect(wrong.count == 1, "\(sql): \(wrong.map(\.name))")
            #expect(try town["C"].replica.rebuild(keeping: true).filter { !$0.isSame }.count == 1)
            #expect(try town["C"].replica.rebuild(keeping: false).allSatisfy(\.isSame))
        }
        #expect(try town["C"].found("孙").count == 5)
        #expect(try town["C"].found(catalog: "救助") == ["JZ-01", "JZ-02"])
    }
}
