import ChangeSet
import Foundation
import ServiceModel
import Trust

/// Where a serving node makes a backup of itself every night, and how many of them stay.
package struct BackupPlan: Hashable, Sendable {
    /// On another disk than the data, and there before the first is made.
    package let folder: URL
    package let kept: Int

    package static let usuallyKept = 14
    package static let bounds = 2...1000

    /// - Throws: `NodeError.badInput` for a number out of bounds.
    package init(folder: URL, kept: Int = usuallyKept) throws {
        guard Self.bounds.contains(kept) else {
            let (least, most) = (Self.bounds.lowerBound, Self.bounds.upperBound)
            throw NodeError.badInput(
                "\(kept)", wanted: Words("backups that stay, \(least) to \(most)", "保留的备份数，\(least)至\(most)"))
        }
        self.folder = folder.absoluteURL
        self.kept = kept
    }
}

extension Node {
    /// Whether the night's backup on another disk is still to be made.
    /// - Throws: `ReplicaError`.
    package func owesBackup(now: Moment) throws -> Bool {
        let last = try replica.read { try $0.backups() }.first(where: \.isOnOtherDisk)?.time
        return NightWork.backup.isDue(last: last, now: now)
    }

    /// Makes the night's backup. Where there is no room for it, the oldest that nobody named go before it.
    ///
    /// A disk that is not mounted has an empty folder in its place, on the disk of the data: nothing is made there.
    /// - Throws: `BackupError`, `NodeError`, `ReplicaError`.
    package func backUp(
        by plan: BackupPlan, now: Moment, progress: @escaping (BackupStep) throws -> Void = { _ in }
    ) throws -> Backup {
        guard FileManager.default.fileExists(atPath: plan.folder.path) else {
            throw BackupError.noFolder(plan.folder.path)
        }
        guard try Disk(of: plan.folder) != Disk(of: directory.url) else {
            throw BackupError.dataDisk(plan.folder.path)
        }
        let shelf = BackupShelf(plan.folder, of: self)
        // If it cannot be deleted it is in nobody's way.
        try? shelf.finishRemoving()
        while true {
            do {
                return try backUp(to: plan.folder, now: now, progress: progress)
            } catch let error as BackupError {
                guard case .noRoom(_, let needed, let free) = error, try shelf.makeRoom(for: needed - free) else {
                    throw error
                }
            }
        }
    }

    /// Removes the oldest backups that nobody named, beyond those that stay.
    /// - Parameter made: stays, whatever the clock said when the others were made.
    /// - Returns: how many went.
    /// - Throws: `NodeError.file`.
    package func thinBackups(by plan: BackupPlan, sparing made: Backup) throws -> Int {
        try BackupShelf(plan.folder, of: self).thin(to: plan.kept, sparing: made)
    }
}

/// The backups of one node that lie in a folder, among whatever else lies there.
struct BackupShelf {
    private let folder: URL
    private let name: NodeName
    private let network: String

    init(_ folder: URL, of node: Node) {
        self.folder = folder
        name = node.name
        network = node.genesis.id.description
    }

    /// Those that nobody gave a name, the oldest first.
    /// - Throws: `NodeError.file`.
    func unnamed() throws -> [Backup] {
        let entries: [String]
        do {
            entries = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        } catch {
            throw NodeError.file(folder.path, FileTrouble(error))
        }
        // What cannot be read as a backup of this node is nothing to be removed.
        return entries.filter { $0.hasPrefix("\(name.unit)-\(name.ordinal)-") }
            .compactMap { try? Backup(at: folder.appending(path: $0, directoryHint: .isDirectory)) }
            .filter { backup in
                let manifest = backup.manifest
                return manifest.network == network && manifest.nodeName == name.description
                    && backup.folder.lastPathComponent == name.backupName(at: manifest.time)
            }
            .sorted { ($0.manifest.time, $0.manifest.position) < ($1.manifest.time, $1.manifest.position) }
    }

    /// Removes the oldest, until so many are left.
    func thin(to kept: Int, sparing spared: Backup) throws -> Int {
        let old = try unnamed().filter { $0.folder.lastPathComponent != spared.folder.lastPathComponent }
        let going = old.dropLast(kept - 1)
        for one in going { try remove(one) }
        return going.count
    }

    /// Removes the oldest, where those that need not stay are enough.
    /// - Parameter missing: bytes.
    /// - Returns: whether one went.
    /// - Throws: `NodeError.file`.
    func makeRoom(for missing: Int64) throws -> Bool {
        let going = try unnamed().dropLast(BackupPlan.bounds.lowerBound)
        let room = going.flatMap(\.manifest.files).reduce(0.0) { $0 + Double($1.bytes) }
        guard let oldest = going.first, room >= Double(missing) else { return false }
        try remove(oldest)
        return true
    }

    /// Deletes what is on its way out since the power went.
    func finishRemoving() throws { try delete(leaving) }

    private var leaving: URL {
        folder.appending(path: ".\(name.unit)-\(name.ordinal).leaving", directoryHint: .isDirectory)
    }

    /// Out of sight first: half a backup must not be taken for one.
    private func remove(_ backup: Backup) throws {
        try finishRemoving()
        try DurableFile.rename(backup.folder, to: leaving)
        try delete(leaving)
    }

    private func delete(_ folder: URL) throws {
        guard FileManager.default.fileExists(atPath: folder.path) else { return }
        do {
            try FileManager.default.removeItem(at: folder)
        } catch {
            throw NodeError.file(folder.path, FileTrouble(error))
        }
    }
}
