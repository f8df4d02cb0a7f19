import Foundation
import Replica

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What lies in a folder, before a node is opened or made there.
extension NodeDirectory {
    /// Which files without which no node works are not there, by name.
    private func missing(_ files: [URL]) -> [String] {
        files.filter { !FileManager.default.fileExists(atPath: $0.path) }.map(\.lastPathComponent)
    }

    /// What cannot be made again, by the names of the files: a database with anybody's work, the key of a network. An
    /// attempt to make a node that was cut off leaves neither behind, or the latter at its very end.
    private var remains: [String] {
        let key = FileManager.default.fileExists(atPath: authorityKey.path) ? [authorityKey.lastPathComponent] : []
        return (Replica.isUsed(path: replica.path) ? [replica.lastPathComponent] : []) + key
    }

    /// A node is made only where none would be lost: not even one of which a file is missing.
    /// - Throws: `NodeError.denied`, `.alreadyFounded`, `.remains`.
    func demandVacant() throws {
        if let denied = NodeError.denial(of: url) { throw denied }
        guard !isFounded else { throw NodeError.alreadyFounded(url.path) }
        let remains = remains
        guard remains.isEmpty else { throw NodeError.remains(url.path, remains) }
    }

    /// - Throws: `NodeError.denied`, `.notFounded`, `.incomplete`.
    func demandNode() throws {
        if let denied = NodeError.denial(of: url) { throw denied }
        guard !isFounded else { return }
        guard !remains.isEmpty else { throw NodeError.notFounded(url.path) }
        throw NodeError.incomplete(url.path, missing: missing([certificates, nodeKey, sealKey, replica]))
    }

    /// - Throws: `NodeError.incomplete`.
    func demandKeys() throws {
        let missing = missing([nodeKey, sealKey])
        guard missing.isEmpty else { throw NodeError.incomplete(url.path, missing: missing) }
    }
}

extension NodeError {
    /// That this account may not look into a folder, and whose it is; nil where it may, or where there is none.
    package static func denial(of folder: URL) -> NodeError? {
        guard access(folder.path, R_OK | X_OK) != 0, FileTrouble().isDenied else { return nil }
        // Where not even that can be asked, the folder above is closed.
        var place = folder.absoluteURL.standardizedFileURL
        var status = stat()
        while stat(place.path, &status) != 0 {
            guard place.pathComponents.count > 1 else { return .denied(folder.path, owner: nil) }
            place.deleteLastPathComponent()
        }
        return .denied(folder.path, owner: status.st_uid)
    }
}
