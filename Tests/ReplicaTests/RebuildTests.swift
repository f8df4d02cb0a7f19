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

    @Test(arguments: [
        "UPDATE service_case SET applicant = '别人' WHERE record = 2",
        "UPDATE service_case SET conflicts = conflicts + 1 WHERE record = 1",
        "UPDATE case_action SET status = 'void.noPower' WHERE position = 3",
        "UPDATE case_conflict SET chosen = '' WHERE record = 1",
        "DELETE FROM audience WHERE record = 1 AND unit = 'K'",
        "UPDATE unit SET name = 'x' WHERE code = 'V'",
        "UPDATE gapless_head SET through = through + 1",
    ])
    func oneFlippedCellIsFound(sql: String) throws {
        let town = try busyTown()
        let file = town.folder.appending(path: "C.sqlite").path
        try DatabaseQueue(path: file).write { try $0.execute(sql: sql) }
        let wrong = try town["C"].replica.rebuild(keeping: false).filter { !$0.isSame }
        #expect(wrong.count == 1, "\(sql): \(wrong.map(\.name))")
        #expect(try town["C"].replica.rebuild(keeping: true).filter { !$0.isSame }.count == 1)
        #expect(try town["C"].replica.rebuild(keeping: false).allSatisfy(\.isSame))
    }
}
