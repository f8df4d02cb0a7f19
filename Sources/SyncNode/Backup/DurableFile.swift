import ChangeSet
import Foundation
import Replica

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Files of any size that must be whole and on disk before anything is said of them.
enum DurableFile {
    private static let piece = 1024 * 1024

    /// - Parameter progress: bytes so far.
    /// - Throws: `NodeError.file`.
    static func digest(of file: URL, progress: (Int) throws -> Void = { _ in }) throws -> Digest32 {
        var running = RunningDigest32()
        var count = 0
        try pieces(of: file) { piece in
            running.update(piece)
            count += piece.count
            try progress(count)
        }
        return running.digest
    }

    /// Copies a file to a new one that only its owner may read; it is on disk when this returns.
    /// - Parameter progress: bytes so far.
    /// - Returns: the digest of what was copied.
    /// - Throws: `NodeError.file`.
    static func copy(_ file: URL, to copy: URL, progress: (Int) -> Void = { _ in }) throws -> Digest32 {
        try create(copy)
        var running = RunningDigest32()
        var count = 0
        do {
            let handle = try FileHandle(forWritingTo: copy)
            defer { try? handle.close() }
            try pieces(of: file) { piece in
                running.update(piece)
                try handle.write(contentsOf: piece)
                count += piece.count
                progress(count)
            }
        } catch let error as NodeError {
            throw error
        } catch {
            throw NodeError.file(copy.path, FileTrouble(error))
        }
        try sync(copy)
        return running.digest
    }

    /// Makes an empty file that only its owner may read, where there is none; root makes it for the account that owns
    /// the folder.
    /// - Throws: `NodeError.file`.
    static func create(_ file: URL) throws {
        let owner = FileOwner(of: file.path)
        let descriptor = open(file.path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else { throw NodeError.file(file.path, FileTrouble()) }
        defer { close(descriptor) }
        guard owner?.take(descriptor) ?? true else { throw NodeError.file(file.path, FileTrouble()) }
    }

    /// Gives a file that SQLite has made to whom its folder belongs, where it was root that made it.
    /// - Throws: `NodeError.file`.
    static func handOver(_ file: URL) throws {
        guard FileOwner(ofNew: file.path)?.take(file.path) ?? true else {
            throw NodeError.file(file.path, FileTrouble())
        }
    }

    /// Gives a file or folder another name in its folder; that is on disk when this returns.
    /// - Throws: `NodeError.file`.
    static func rename(_ file: URL, to name: URL) throws {
        guard systemRename(file.path, name.path) == 0 else { throw NodeError.file(name.path, FileTrouble()) }
        try sync(name.deletingLastPathComponent())
    }

    /// What was written to a file, or into a folder, is on disk when this returns.
    /// - Throws: `NodeError.file`.
    static func sync(_ url: URL) throws {
        let descriptor = open(url.path, O_RDONLY)
        guard descriptor >= 0 else { throw NodeError.file(url.path, FileTrouble()) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw NodeError.file(url.path, FileTrouble()) }
    }

    /// Hands out a file piece by piece as its disk has it: what the system remembers of it is dropped where it lets us.
    private static func pieces(of file: URL, _ take: (Data) throws -> Void) throws {
        let handle: FileHandle
        do {
            handle = try FileHandle(forReadingFrom: file)
        } catch {
            throw NodeError.file(file.path, FileTrouble(error))
        }
        defer { try? handle.close() }
        #if canImport(Glibc)
            _ = posix_fadvise(handle.fileDescriptor, 0, 0, POSIX_FADV_DONTNEED)
        #endif
        func next() throws -> Data? {
            do {
                return try handle.read(upToCount: piece)
            } catch {
                throw NodeError.file(file.path, FileTrouble(error))
            }
        }
        while let data = try next(), !data.isEmpty { try take(data) }
    }
}

/// The system's `rename`, by a name that the type above does not shadow.
private func systemRename(_ from: String, _ to: String) -> Int32 { rename(from, to) }
