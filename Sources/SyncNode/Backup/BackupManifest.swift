import ChangeSet
import Foundation
import Replica
import ServiceModel

/// What a backup says of itself: `manifest.json` in its folder, written last.
package struct BackupManifest: Codable, Equatable, Sendable {
    package struct File: Codable, Equatable, Sendable {
        /// In the backup's folder.
        package let name: String
        package let bytes: Int64
        /// In hexadecimal.
        package let sha256: String
    }

    /// Of this layout.
    package static let presentFormat = 1

    package let format: Int
    /// The network's id, in hexadecimal.
    package let network: String
    package let unit: String
    /// Ordinal of the node in its unit.
    package let node: UInt32
    /// Whom it wrote as, in hexadecimal.
    package let author: String
    /// Of the database, in hexadecimal.
    package let incarnation: String
    /// Seconds since 1970, by the node's clock.
    package let time: Int64
    /// The end of the order of arrival.
    package let position: Int64
    /// The rolling digest there, in hexadecimal.
    package let rolling: String
    /// The author's last sealed sequences, by feed.
    package let heads: [UInt64]
    /// How many of its change sets could not be sealed, since others wrote all the time.
    package let unsealed: Int
    /// No running number above it had been given. It is a floor for an anchor that is lost, and never an anchor.
    package let ceiling: UInt64
    package let isOnOtherDisk: Bool
    /// Of every table of the database.
    package let rows: [String: Int]
    package let files: [File]

    init(
        of node: Node, _ content: ReplicaContent, time: Int64, ceiling: UInt64, isOnOtherDisk: Bool, files: [File]
    ) {
        format = Self.presentFormat
        network = node.genesis.id.description
        unit = content.identity.unit.text
        self.node = content.identity.ordinal
        author = content.identity.author?.description ?? ""
        incarnation = String(content.identity.incarnation, radix: 16)
        self.time = time
        position = content.head.position
        rolling = String(content.head.rolling, radix: 16)
        heads = content.sealed
        unsealed = content.unsealed
        self.ceiling = ceiling
        self.isOnOtherDisk = isOnOtherDisk
        rows = content.rows
        self.files = files
    }

    /// `379902#1`, as people name a node.
    package var nodeName: String { "\(unit)#\(node)" }

    var json: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return try encoder.encode(self)
        }
    }

    /// - Throws: `BackupError.format`, `.damaged`.
    init(json: Data) throws {
        struct Format: Decodable {
            let format: Int
        }
        guard let format = try? JSONDecoder().decode(Format.self, from: json).format else {
            throw BackupError.damaged(Backup.manifest)
        }
        guard format == Self.presentFormat else { throw BackupError.format(format) }
        guard let read = try? JSONDecoder().decode(Self.self, from: json), read.ceiling <= UInt64(Int64.max) else {
            throw BackupError.damaged(Backup.manifest)
        }
        self = read
    }
}

/// How far the making, checking or restoring of a backup is.
package enum BackupStep: Sendable, Equatable {
    /// Pages of the database.
    case copying(Int, of: Int)
    /// Bytes of a file, read back from the disk.
    case reading(Int, of: Int)
    /// Runs of the journal, held against their seals.
    case checking(Int, of: Int)
}

/// A folder with a backup of one node.
package struct Backup: Sendable {
    package let folder: URL
    package let manifest: BackupManifest

    static let manifest = "manifest.json"
    /// Files of a data directory that a machine needs to live again: the database first. The authority's key is not
    /// among them, which is kept off line; nor is the anchor, which must never be an old one.
    static let needed = ["replica.sqlite", "node.key", "seal.key", "certificates.pem"]
    static let optional = ["terrace.yaml"]

    init(folder: URL, manifest: BackupManifest) {
        self.folder = folder
        self.manifest = manifest
    }

    /// Reads what a backup says of itself.
    /// - Throws: `BackupError.absent`, `.format`, `.damaged`, `NodeError.denied`.
    package init(at folder: URL) throws {
        if let denied = NodeError.denial(of: folder) { throw denied }
        let file = folder.appending(path: Self.manifest)
        guard FileManager.default.fileExists(atPath: file.path) else { throw BackupError.absent(folder.path) }
        self.init(folder: folder, manifest: try BackupManifest(json: try NodeDirectory.read(file)))
        let names = manifest.files.map(\.name)
        guard Set(names).count == names.count, Set(names).isSuperset(of: Self.needed),
            Set(names).isSubset(of: Self.needed + Self.optional)
        else { throw BackupError.damaged(Self.manifest) }
    }

    func file(_ name: String) -> URL { folder.appending(path: name) }

    /// Whether files are still those that were written.
    /// - Parameter names: of those that are needed; all when left out.
    /// - Throws: `BackupError.damaged`, `NodeError.file`.
    package func check(_ names: [String]? = nil, progress: (BackupStep) -> Void = { _ in }) throws {
        for one in manifest.files where names?.contains(one.name) ?? true {
            guard FileManager.default.fileExists(atPath: file(one.name).path) else {
                throw BackupError.damaged(one.name)
            }
            let digest = try DurableFile.digest(of: file(one.name)) { progress(.reading($0, of: Int(one.bytes))) }
            guard digest.description == one.sha256 else { throw BackupError.damaged(one.name) }
        }
    }
}
