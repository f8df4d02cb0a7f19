import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension Replica {
    /// What is derived of the next records against what it should be. Nothing of it stays.
    func scrubRecords(after: Int64, most: Int) throws -> ScrubFindings {
        struct Undo: Error {
            let findings: ScrubFindings
        }
        do {
            return try write { throw Undo(findings: try $0.scrubRecords(after: after, most: most)) }
        } catch let undo as Undo {
            return undo.findings
        }
    }
}

extension Transaction {
    fileprivate func scrubRecords(after: Int64, most: Int) throws -> ScrubFindings {
        let find = "SELECT id FROM record WHERE id > ? ORDER BY id LIMIT ?"
        var out = ScrubFindings()
        for id in try Int64.fetchAll(db, sql: find, arguments: [after, most]) {
            out.last = id
            let tables = try misderived(id)
            if !tables.isEmpty { out.damages.append(.record(id, tables: tables)) }
        }
        return out
    }

    /// The tables that do not have of a record what its change sets give.
    private func misderived(_ record: Int64) throws -> [String] {
        let tables = Schema.tablesOfRecords.sorted()
        let before = try tables.map { try content(of: $0, record: record) }
        try derive(record, arrivedBehind: 0, isAnew: true)
        let after = try tables.map { try content(of: $0, record: record) }
        let different = zip(tables, zip(before, after)).filter { $1.0 != $1.1 }.map(\.0)
        // A run that is damaged is found by itself, and what this program cannot derive is known: what stands of it is
        // of another day, but for its audience.
        let isAside = "SELECT EXISTS (SELECT 1 FROM set_aside WHERE record = ?)"
        let isWhole = try Bool.fetchOne(db, sql: isAside, arguments: [record]) == false
        return isWhole ? different : different.filter(Schema.tablesOfAudiences.contains)
    }
}
