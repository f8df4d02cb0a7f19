import ArgumentParser
import Foundation
import NodeServer
import ServiceModel
import SyncNode

/// `terrace backup`.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy this node to another disk while it works, and read the copy back.",
        discussion: """
            A new folder in TARGET gets the database, keys, certificates and settings, and manifest.json with the
            digest of each. It gets its name when all of it was read back from the disk, every change set was held
            against its seal, and it was as much as was copied. Only a backup on another disk is told to the units
            below. Whoever has the folder has the keys of the node: keep it under lock. The authority's key is not in
            it. Example:
              terrace backup --data village /media/backup
            """)

    @OptionGroup var node: NodeOptions

    @Argument(help: "The folder that backups lie in; on another disk than the data.")
    var target: String

    @Option(help: "Name of the new folder; unit, node and time when left out.")
    var name: String?

    @Option(help: "table or json.")
    var format = OutputFormat.table

    private struct Output: Encodable {
        let backup: String
        let bytes: Int64
        let manifest: BackupManifest
    }

    func run() throws {
        guard !target.allSatisfy(\.isWhitespace) else {
            throw NodeError.badInput(
                target, wanted: Words("the folder that backups lie in, on another disk", "存放备份的文件夹，在另一磁盘上"))
        }
        let progress = BackupProgress()
        let backup = try node.open().backUp(
            to: URL(filePath: target, directoryHint: .isDirectory), as: name, now: SystemClock.now(),
            progress: progress.show)
        progress.end()
        let manifest = backup.manifest
        let output = Output(
            backup: backup.folder.path, bytes: manifest.files.reduce(0) { $0 + $1.bytes }, manifest: manifest)
        guard format == .table else { return try output.printJSON() }
        print(output.backup)
        let (changeSets, cases) = (manifest.rows["journal"] ?? 0, manifest.rows["service_case"] ?? 0)
        print(
            Words(
                "read back and verified: \(cases) cases, \(changeSets) change sets, \(output.bytes) bytes",
                "已读回核验：办件\(cases)件，变更\(changeSets)条，共\(output.bytes)字节")[.current])
        if manifest.unsealed > 0 {
            print(
                Words(
                    "\(manifest.unsealed) of them could not be sealed, as others wrote all the time: make another",
                    "其中\(manifest.unsealed)条因不断有写入而未能封存：请再备份一次")[.current])
        }
        if !manifest.isOnOtherDisk {
            print(
                Words(
                    "it lies on the same disk as the data and would be lost with it: make one on another disk",
                    "它与数据在同一磁盘，会一同丢失：请在另一磁盘上再做一份")[.current])
        }
        if FileManager.default.fileExists(atPath: node.directory.authorityKey.path) {
            print(
                Words(
                    "authority.key is not in it: keep it off line", "其中没有 authority.key：请离线保管")[.current])
        }
    }
}

/// How far it is, on standard error: in place on a terminal, nothing elsewhere.
final class BackupProgress {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var shown = ""

    func show(_ step: BackupStep) {
        guard isTerminal else { return }
        let text =
            switch step {
            case .copying(let done, let all): Words("copied", "已复制") + Self.part(done, of: all)
            case .reading(let done, let all): Words("read back", "已读回") + Self.part(done, of: all)
            case .checking(let done, let all): Words("checked", "已核验") + Self.part(done, of: all)
            }
        guard text[.current] != shown else { return }
        shown = text[.current]
        FileHandle.standardError.write(Data("\r\u{1B}[K\(shown)".utf8))
    }

    func end() { if !shown.isEmpty { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) } }

    private static func part(_ done: Int, of all: Int) -> Words {
        Words(name: " \(all > 0 ? done * 100 / all : 100) %")
    }
}
