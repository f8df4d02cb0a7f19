import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension Transaction {
    /// The greatest running number on the cases that are here, or were, and that one node accepted; 0 where there is
    /// none. Others may write what they like on their receipts. Asked for at the counter, so that it goes by the
    /// receipts, and not by all records of the node.
    /// - Parameter ordinal: of the node in its unit.
    package func greatestReceipt(givenAt unit: UnitCode, node ordinal: UInt32) throws -> UInt64 {
        let head = "\(unit.text)-\(ordinal)-"
        let find = try db.cachedStatement(
            sql: """
                SELECT max(CAST(substr(receipt, length(?1) + 1) AS INTEGER)) FROM (
                    SELECT receipt, record FROM service_case WHERE receipt > ?1 AND receipt < ?1 || ':'
                    UNION ALL SELECT receipt, record FROM stub
                    WHERE accepted_by = ?2 AND receipt > ?1 AND receipt < ?1 || ':'
                ) AS own
                CROSS JOIN record ON record.id = own.record CROSS JOIN author ON author.id = record.author
                WHERE author.unit = ?2 AND author.enrollment = ?3
                """)
        return try Int64.fetchOne(find, arguments: [head, unit.text, Int64(ordinal)]).flatMap(UInt64.init(exactly:))
            ?? 0
    }

    /// The running numbers on the receipts that one node gave, of those whose acceptance arrived behind a position, or
    /// behind the beginning are on a stub.
    /// - Parameter ordinal: of the node in its unit.
    /// - Throws: `ReplicaError.damaged`.
    package func numbers(
        givenAt unit: UnitCode, node ordinal: UInt32, arrivedBehind position: Int64 = 0
    ) throws -> [UInt64] {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT \(Self.placeColumns) FROM journal JOIN run ON run.id = journal.run
                WHERE position > ? AND action = ? AND run.author IN (
                    SELECT id FROM author WHERE unit = ? AND enrollment = ?) ORDER BY position
                """, arguments: [position, CaseAction.accept.name, unit.text, Int64(ordinal)])
        var numbers: [UInt64] = []
        while let row = try rows.next() {
            let placed = try placed(row)
            guard let changeSet = try? ChangeSet(bytes: placed.bytes, sequence: placed.place.sequence),
                let body = try? CaseBody(changeSet.body), let receipt = try? ReceiptNumber(typed: body.receipt),
                receipt.unit == unit, receipt.ordinal == ordinal
            else { continue }
            numbers.append(receipt.running)
        }
        guard position == 0 else { return numbers }
        let stubs = "SELECT receipt FROM stub WHERE accepted_by = ?"
        for text in try String.fetchAll(db, sql: stubs, arguments: [unit.text]) {
            guard let receipt = try? ReceiptNumber(typed: text), receipt.unit == unit, receipt.ordinal == ordinal else {
                continue
            }
            numbers.append(receipt.running)
        }
        return numbers
    }
}
