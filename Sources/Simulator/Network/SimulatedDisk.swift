import Foundation
import Replica
import SyncNode

/// A unit's database as its disk had it at some moment.
package struct DiskCopy: Sendable {
    package let unit: String
    /// The database and its write-ahead log.
    let database: Data
    let log: Data?
}

extension SimulatedNetwork {
    private static let logSuffix = "-wal"

    /// What power loss would leave of a unit's database: everything that was committed, in the file or in the log.
    package func copyOfDisk(_ name: String) throws -> DiskCopy {
        let path = directory(name).replica.path
        return DiskCopy(
            unit: name, database: try Data(contentsOf: URL(filePath: path)),
            log: try? Data(contentsOf: URL(filePath: path + Self.logSuffix)))
    }

    /// The same, in the middle of a transaction that never ends.
    package func copyOfDiskWhileWriting(_ name: String, write: (Transaction) throws -> Void) throws -> DiskCopy {
        struct PowerLoss: Error {
            let copy: DiskCopy
        }
        do {
            try self[name].replica.write { transaction -> Never in
                try write(transaction)
                throw PowerLoss(copy: try copyOfDisk(name))
            }
        } catch let loss as PowerLoss {
            return loss.copy
        }
    }

    /// The process dies, and its database is what the copy says; keys, certificates and anchor are those of the
    /// machine.
    /// - Parameter tornTail: bytes of a write that did not come to its end.
    package func crash(_ name: String, leaving copy: DiskCopy, tornTail: Data = Data()) throws {
        drop(name)
        let path = directory(name).replica.path
        for suffix in ["", Self.logSuffix, "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        try copy.database.write(to: URL(filePath: path))
        if let log = copy.log { try (log + tornTail).write(to: URL(filePath: path + Self.logSuffix)) }
        try reopen(name)
    }
}
