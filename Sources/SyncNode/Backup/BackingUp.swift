import ChangeSet
import Foundation
import Replica
import ServiceModel
import Trust

extension Node {
    /// How often a moment without anything unsealed is looked for, before a copy is made of any.
    private static let tries = 100
    /// Room that is asked for beside the database, in bytes.
    private static let spare: Int64 = 64 * 1024

    /// Makes a backup of this node while it goes on working, reads it back from the disk, and holds it against what was
    /// copied. Only then it gets its name, and this node remembers it.
    ///
    /// What is written is sealed first: an incarnation that begins from the backup could not send what is not.
    /// - Parameters:
    ///   - target: the folder that backups lie in.
    ///   - name: of this one's folder in it; unit, node and civil time when left out.
    ///   - progress: what it throws ends the making.
    /// - Throws: `BackupError`, `NodeError`, `ReplicaError`.
    package func backUp(
        to target: URL, as name: String? = nil, now: Moment, progress: @escaping (BackupStep) throws -> Void = { _ in }
    ) throws -> Backup {
        let target = target.absoluteURL
        let site = try BackupSite(
            in: target, named: name ?? self.name.backupName(at: now.seconds), of: self.name, outside: directory.url)
        let disk = try Disk(of: target)
        let needed = try sizeOfReplica() + Self.spare
        guard disk.free >= needed else { throw BackupError.noRoom(target.path, needed: needed, free: disk.free) }

        let database = site.folder.appending(path: directory.replica.lastPathComponent)
        let content = try copyReplica(to: database, now: now) { try progress(.copying($0, of: $1)) }
        // Behind the copy, so that it covers every number in it.
        let ceiling = min(try anchor.read()?.ceiling ?? 0, UInt64(Int64.max))
        var files = [try seen(database, progress)]
        for name in (Backup.needed + Backup.optional).dropFirst() {
            let original = directory.url.appending(path: name)
            if Backup.optional.contains(name), !FileManager.default.fileExists(atPath: original.path) { continue }
            files.append(try copy(original, into: site.folder, progress))
        }
        let found = try Replica.check(copy: database.path) { try progress(.checking($0, of: $1)) }
        guard found == content else { throw BackupError.differs(database.lastPathComponent) }
        let manifest = BackupManifest(
            of: self, content, time: now.seconds, ceiling: ceiling,
            isOnOtherDisk: try disk != Disk(of: directory.url), files: files)
        try NodeDirectory.write(try manifest.json, to: site.folder.appending(path: Backup.manifest))
        try site.finish()
        let made = Backup(folder: site.final, manifest: manifest)
        try replica.write {
            try $0.note(
                made.row(isOnOtherDisk: manifest.isOnOtherDisk), holding: content.heads, received: content.received)
        }
        return made
    }

    private func copyReplica(
        to file: URL, now: Moment, progress: @escaping (Int, Int) throws -> Void
    ) throws -> ReplicaContent {
        try DurableFile.create(file)
        func copied(if fits: (Transaction) throws -> Bool) throws -> ReplicaContent? {
            try replica.copy(to: file.path, time: now.seconds, if: fits, progress: progress)
        }
        var content: ReplicaContent?
        for _ in 0..<Self.tries where content == nil {
            try seal(now: now)
            content = try copied { try !$0.hasUnsealed(try author($0)) }
        }
        guard let content = try content ?? copied(if: { _ in true }) else { preconditionFailure("any state fits") }
        try DurableFile.sync(file)
        return content
    }

    /// Copies a small file and looks whether it is there.
    private func copy(_ original: URL, into folder: URL, _ progress: (BackupStep) throws -> Void) throws
        -> BackupManifest.File
    {
        let content = try NodeDirectory.read(original)
        let copy = folder.appending(path: original.lastPathComponent)
        try NodeDirectory.write(content, to: copy)
        let file = try seen(copy, progress)
        guard file.sha256 == Digest32(hashing: content).description else { throw BackupError.differs(file.name) }
        return file
    }

    /// A file as its disk gives it back.
    private func seen(_ file: URL, _ progress: (BackupStep) throws -> Void) throws -> BackupManifest.File {
        let bytes = try Self.size(of: file)
        let digest = try DurableFile.digest(of: file) { try progress(.reading($0, of: Int(bytes))) }
        return BackupManifest.File(name: file.lastPathComponent, bytes: bytes, sha256: digest.description)
    }

    /// What a copy comes to, at most: what the log has is in it, too.
    private func sizeOfReplica() throws -> Int64 {
        let log = URL(filePath: directory.replica.path + "-wal")
        return try Self.size(of: directory.replica) + ((try? Self.size(of: log)) ?? 0)
    }

    private static func size(of file: URL) throws -> Int64 {
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
            return attributes[.size] as? Int64 ?? (attributes[.size] as? NSNumber)?.int64Value ?? 0
        } catch {
            throw NodeError.file(file.path, FileTrouble(error))
        }
    }
}

extension NodeName {
    /// The folder's name of a backup that nobody named, with nothing that some file system does not take.
    func backupName(at seconds: Int64) -> String {
        let minute = CivilTime.text(seconds).filter { $0 != ":" }.replacing(" ", with: "-")
        let second = String(seconds % 60 + 100).dropFirst()
        return "\(unit)-\(ordinal)-\(minute)\(second)"
    }
}

extension Backup {
    /// As a node remembers it.
    /// - Parameter isOnOtherDisk: it outlives the disk of the data.
    package func row(isOnOtherDisk: Bool) -> BackupRow {
        BackupRow(
            isOnOtherDisk: isOnOtherDisk, time: manifest.time, position: manifest.position, place: folder.path)
    }
}
