import ArgumentParser
import ChangeSet
import Foundation
import NodeServer
import ServiceModel
import SyncNode

/// `terrace bundle`.
struct BundleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Exchange with a neighbour by a courier, who carries files on a stick.",
        discussion: """
            At the village:  terrace bundle export --to 379902001 /media/stick
            At the town:     terrace bundle import /media/stick
            Then the town exports to the village and the courier takes that back: it brings what the village lacks, and
            tells it what has arrived. It works beside a serving node, and between exchanges over the line.
            """,
        subcommands: [BundleExportCommand.self, BundleImportCommand.self, BundleShowCommand.self])
}

/// A file on a stick.
enum VolumeFile {
    static let suffix = "bundle"

    /// The name of a volume's file: who it is for, who it is from, which bundle, which volume.
    static func name(_ header: WireBundleHeader) -> String {
        let number = String(header.volume)
        let padded = String(repeating: "0", count: max(0, 4 - number.count)) + number
        return "\(header.recipientUnit)-from-\(header.senderUnit)-\(header.name.prefix(8))-\(padded).\(suffix)"
    }

    /// - Parameter most: bytes that are read; one more where there are more.
    /// - Throws: `NodeError.file`.
    static func read(_ path: String, upTo most: Int) throws -> Data {
        do {
            return Data(try BoundedFile.bytes(path: path, limit: most))
        } catch {
            throw NodeError.file(path, FileTrouble(error))
        }
    }

    static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// The files that are meant by a path, and whether it names a folder: the volumes in it, by their names.
    /// - Throws: `NodeError.file`.
    static func all(at path: String) throws -> (paths: [String], isFolder: Bool) {
        guard isFolder(path) else { return ([path], false) }
        do {
            let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
            return (names.filter { $0.hasSuffix(".\(suffix)") }.map { "\(path)/\($0)" }, true)
        } catch {
            throw NodeError.file(path, FileTrouble(error))
        }
    }

    /// Writes a volume so that it is whole and on the stick, or not there.
    /// - Throws: `NodeError.file`.
    static func write(_ file: Data, to path: String) throws {
        do {
            try NodeDirectory.write(file, to: URL(filePath: path))
        } catch {
            try? FileManager.default.removeItem(atPath: "\(path).new")
            throw error
        }
    }
}

/// `terrace bundle show`.
struct BundleShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Say what stands on the outside of a volume: from whom, for whom, which one.",
        discussion: """
            Needs no node, and checks nothing: whoever wrote the file could write that too. Example:
              terrace bundle show /media/stick/379902001-from-379902001001-5e0c11d2-0001.bundle
            """)

    @Argument(help: "The file of a volume.")
    var file: String

    @Option(help: "table or json.")
    var format = OutputFormat.table

    private struct Output: Encodable {
        let network: String
        let from: String
        let to: String
        let bundle: String
        let volume: Int
        let isLast: Bool
        /// Seconds since 1970, by the sender's clock.
        let time: Int64
        let fromIncarnation: String
        /// Left out where the sender did not know it.
        let toIncarnation: String?
    }

    func run() throws {
        let most = Limits.volumeHeaderBytes + BundleVolume.overhead
        let header = try BundleVolume.header(ofFile: VolumeFile.read(file, upTo: most))
        let output = Output(
            network: Digest32(header.network)?.description ?? "", from: header.sender, to: header.recipient,
            bundle: header.name, volume: Int(header.volume), isLast: header.last, time: header.time,
            fromIncarnation: String(header.senderIncarnation, radix: 16),
            toIncarnation: header.recipientIncarnation == 0 ? nil : String(header.recipientIncarnation, radix: 16))
        guard format == .table else { return try output.printJSON() }
        let last = output.isLast ? Words(", the last", "（最后一卷）") : Words("", "")
        let lines = [
            Words("network \(output.network)", "网络：\(output.network)"),
            Words("from \(output.from) to \(output.to)", "由\(output.from)发往\(output.to)"),
            Words("bundle \(output.bundle), volume \(output.volume)", "数据包\(output.bundle)，第\(output.volume)卷") + last,
            Words("written \(CivilTime.text(output.time))", "写于\(CivilTime.text(output.time))"),
        ]
        print(lines.map { $0[.current] }.joined(separator: "\n"))
    }
}
