import Foundation
import Replica
import ServiceModel
import SyncNode
import Trust

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

    // MARK: - Clones

    /// Copies the whole disk of a unit's machine, anchor and keys included, into another one.
    /// - Returns: the folder of the copy, for `sit`.
    package func clone(_ name: String) throws -> String {
        let copy = "\(directory(name).url.lastPathComponent)-copy"
        try self[name].replica.close()
        try FileManager.default.copyItem(at: directory(name).url, to: folder.appending(path: copy))
        try reopen(name)
        return copy
    }

    /// The clerk of a unit turns to another machine; the one before is switched off.
    /// - Parameter machine: name of its folder.
    /// - Returns: that of the one before.
    @discardableResult
    package func sit(_ name: String, at machine: String) throws -> String {
        let before = directory(name).url.lastPathComponent
        try self[name].replica.close()
        try place(name, in: machine)
        return before
    }

    /// A machine that was cut off gets another name, and keeps what it holds.
    package func enrollAgain(_ name: String) throws {
        guard let above = parent(of: name), let unit = UnitCode(name) else {
            preconditionFailure("no parent of \(name)")
        }
        let code = try self[above].issueEnrollmentCode(for: unit, now: time(at: above))
        let enrollee = try Enrollee(code: code.text, anew: self[name])
        let grant = try self[above].enroll(
            EnrollmentRequest(json: enrollee.request.json), presented: enrollee.key.publicKey, now: time(at: above))
        _ = try enrollee.take(grant, presented: self[above].chain.der, now: time(at: name), entropy: entropy)
        try reopen(name)
    }
}
