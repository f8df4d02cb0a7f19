import Foundation
import GRDB

/// What a person knows a case by.
package struct NamedCase: Hashable, Sendable {
    package let receipt: String?
    package let applicant: String?

    /// nil where the database has none, or it cannot be read.
    static func find(_ record: Int64, _ db: Database) -> NamedCase? {
        let sql = "SELECT receipt, applicant FROM service_case WHERE record = ?"
        guard let row = (try? Row.fetchOne(db, sql: sql, arguments: [record])) ?? nil else { return nil }
        return NamedCase(receipt: try? row[0], applicant: try? row[1])
    }

    /// Finds what a damaged file can still tell of them: in a new one no case is derived yet.
    static func reader(of damaged: String) -> (Int64) -> NamedCase? {
        let queue = try? DatabaseQueue(path: damaged, configuration: Replica.readingDamaged)
        return { record in
            // Outside of a transaction, whose end would fail for what could not be read in it.
            queue.flatMap { queue in queue.unsafeRead { find(record, $0) } }
        }
    }
}

extension Replica {
    /// How a damaged file is looked into.
    static var readingDamaged: Configuration {
        var reading = Configuration()
        reading.readonly = true
        // Definitions that cannot be read keep nobody from the other tables.
        reading.prepareDatabase { try $0.execute(sql: "PRAGMA writable_schema = ON") }
        return reading
    }
}
