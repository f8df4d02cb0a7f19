import Foundation
import SyncNode

/// Backups that the program makes, and disks that are lost.
extension SimulatedNetwork {
    /// Makes a backup of a unit's node.
    /// - Parameter target: where backups lie; beside the data when left out.
    package func backUp(_ name: String, to target: URL? = nil, as label: String? = nil) throws -> Backup {
        try node(name).backUp(to: target ?? folder.appending(path: "backups"), as: label, now: time(at: name))
    }

    /// Makes a backup of a unit's node on another disk, which outlives the machine's.
    @discardableResult
    package func backUpElsewhere(_ name: String) throws -> Backup {
        made += 1
        let backup = try backUp(name, as: "\(made)-\(name)")
        try node(name).replica.write { transaction in
            try transaction.note(
                backup.row(isOnOtherDisk: true), holding: transaction.allGaplessHeads(),
                received: transaction.receivedCasework())
        }
        return backup
    }

    /// Enrolls another machine for a unit, on which a backup of the one before was restored.
    func enroll(_ name: String, from backup: Backup) throws {
        let code = try enrollmentCode(for: name)
        try setUpNext(name)
        try restore(backup, at: name)
        try enrollAgain(name, code: code)
    }

    /// The process dies and the machine's disk is gone, with everything on it.
    package func loseDisk(of name: String) throws {
        drop(name)
        beginLife(of: name)
        try disk(name).replace()
        try FileManager.default.removeItem(at: directory(name).url)
    }

    func hasAnchor(_ name: String) -> Bool { FileManager.default.fileExists(atPath: directory(name).anchor.path) }

    /// Somebody takes the anchor away. The process goes on, if there is one.
    /// A machine that is not asked for anything meanwhile may lose it once only.
    package func loseAnchor(of name: String) throws {
        beginLife(of: name)
        if hasAnchor(name) { try FileManager.default.removeItem(at: directory(name).anchor) }
    }

    /// Restores a backup into the folder of a unit's machine; a replica that is there is moved aside, whatever it
    /// holds.
    @discardableResult
    package func restore(_ backup: Backup, at name: String) throws -> Restoration {
        drop(name)
        let restored = try backup.restore(
            into: directory(name), replacing: true, losingUnsent: true, now: time(at: name), entropy: entropy)
        disk(name).noteReplaced()
        try reopen(name)
        return restored
    }
}
