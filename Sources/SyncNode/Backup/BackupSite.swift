import Foundation
import ServiceModel
import Trust

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Where a backup is made: in a folder that nobody takes for one, until it is whole, checked and on disk.
final class BackupSite {
    /// Its folder while it is made.
    let folder: URL
    /// Its folder from then on.
    let final: URL
    private let lock: Int32
    private var isFinished = false

    /// Longest name of a backup, in bytes.
    private static let longestName = 100

    /// - Throws: `BackupError`, `NodeError.file`, `NodeError.badInput`.
    init(in target: URL, named name: String, of node: NodeName, outside data: URL) throws {
        guard !name.allSatisfy(\.isWhitespace), name.utf8.count <= Self.longestName, !name.hasPrefix("."),
            !name.contains("/")
        else {
            throw NodeError.badInput(
                name, wanted: Words("a plain name for a folder", "普通的文件夹名"))
        }
        guard !Self.place(of: target).starts(with: Self.place(of: data)) else {
            throw BackupError.insideData(target.path)
        }
        final = target.appending(path: name, directoryHint: .isDirectory)
        folder = target.appending(path: ".\(node.unit)-\(node.ordinal).partial", directoryHint: .isDirectory)
        try Self.makeFolder(target)
        guard !FileManager.default.fileExists(atPath: final.path) else { throw BackupError.exists(final.path) }
        try Self.makeFolder(folder)
        lock = open(folder.path, O_RDONLY)
        guard lock >= 0 else { throw NodeError.file(folder.path, FileTrouble()) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            isFinished = true
            throw BackupError.running(target.path)
        }
        // What an attempt that was cut off has left behind.
        for left in (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? [] {
            try? FileManager.default.removeItem(at: left)
        }
    }

    deinit {
        guard !isFinished else { return }
        try? FileManager.default.removeItem(at: folder)
        close(lock)
    }

    /// Gives the folder its name.
    /// - Throws: `NodeError.file`.
    func finish() throws {
        try DurableFile.sync(folder)
        try DurableFile.rename(folder, to: final)
        isFinished = true
        close(lock)
    }

    /// Where a path leads, without links: also one whose end is not there yet, and which may go through a link all the
    /// same.
    private static func place(of url: URL) -> [String] {
        // As it was typed: what `..` leads to behind a link only the system can tell.
        let typed = url.path.hasPrefix("/") ? url.path : "\(FileManager.default.currentDirectoryPath)/\(url.path)"
        var there = URL(filePath: typed)
        var rest: [String] = []
        while true {
            if let path = realpath(there.path, nil) {
                defer { free(path) }
                return rest.reversed().reduce(into: URL(filePath: String(cString: path)).pathComponents) {
                    place, name in
                    if name == ".." { _ = place.popLast() } else if name != "." { place.append(name) }
                }
            }
            guard there.pathComponents.count > 1 else { return url.standardizedFileURL.pathComponents }
            rest.append(there.lastPathComponent)
            there = URL(filePath: there.pathComponents.dropLast().joined(separator: "/"))
        }
    }

    private static func makeFolder(_ url: URL) throws {
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw NodeError.file(url.path, FileTrouble(error))
        }
    }
}
