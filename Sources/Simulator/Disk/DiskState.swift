import Foundation
import GRDBSQLite

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What a simulated disk knows of its files, and what it does when SQLite asks. Answers are SQLite's result codes.
struct DiskState {
    /// What SQLite has opened.
    private struct Handle {
        let file: FileID
        let path: String
        /// The process that opened it; one that is gone gets nothing done.
        let process: Int
        let deletesOnClose: Bool
        /// Memory stays until the last who knows its address has gone.
        var regions: [SharedRegion] = []
        /// As long as it is open, its number is no other file's.
        let descriptor: OpenDescriptor
    }

    private let folder: String
    private var files: [FileID: DiskFile] = [:]
    private var handles: [Int: Handle] = [:]
    private var lastHandle = 0
    private var process = 0
    /// Files of which it is not on the disk yet that they are gone, by name.
    private var deleted: [String: [UInt8]] = [:]

    /// Changes that were asked for so far: each is a moment at which the power may go.
    private(set) var changes = 0
    /// How often files were put, removed or lost without SQLite.
    private(set) var replacements = 0
    /// Changes that are still made before the power goes.
    var changesLeft: Int?
    var survivors = Survivors.nothing
    private(set) var isDown = false
    /// Why the disk could not be left as the loss of power leaves it.
    private var trouble: (any Error)?
    /// Bytes by which files may still grow; nil for a disk without end.
    var room: Int64?
    var isReadOnly = false

    init(folder: String) { self.folder = folder }

    // MARK: - Files

    /// - Returns: the handle's number, and whether it may only be read; nil when it could not be opened.
    mutating func open(_ path: String, flags: Int32) -> (handle: Int, isReadOnly: Bool)? {
        guard !isDown else { return nil }
        let isThere = FileID(path: path) != nil
        let creates = flags & SQLITE_OPEN_CREATE != 0 && !isThere
        guard !creates || (!isReadOnly && counted()) else {
            if !isReadOnly { losePower() }
            return nil
        }
        guard let descriptor = OpenDescriptor(path, creating: creates), let id = FileID(descriptor) else { return nil }
        if files[id] == nil { files[id] = DiskFile(descriptor, isNew: creates) }
        lastHandle += 1
        handles[lastHandle] = Handle(
            file: id, path: path, process: process, deletesOnClose: flags & SQLITE_OPEN_DELETEONCLOSE != 0,
            descriptor: descriptor)
        return (lastHandle, isReadOnly || flags & SQLITE_OPEN_READONLY != 0)
    }

    mutating func close(_ number: Int) {
        guard let handle = handles.removeValue(forKey: number), handle.process == process else { return }
        files[handle.file]?.locks.unlock(number, to: .none)
        files[handle.file]?.index.leave(number)
        if handle.deletesOnClose { _ = delete(handle.path, syncingFolder: false) }
        let isOpen = handles.values.contains { $0.file == handle.file && $0.process == process }
        if !isOpen, files[handle.file]?.isSynced == true, files[handle.file]?.isNew == false {
            files[handle.file] = nil
        } else if !isOpen {
            files[handle.file]?.forgetProcess()
        }
    }

    mutating func delete(_ path: String, syncingFolder: Bool) -> Int32 {
        guard !isDown, !isReadOnly else { return SQLITE_IOERR | 10 << 8 }
        guard let id = FileID(path: path) else { return SQLITE_IOERR | 23 << 8 }
        guard counted() else {
            losePower()
            return SQLITE_IOERR | 10 << 8
        }
        var file = files[id] ?? OpenDescriptor(path, creating: false).map { DiskFile($0, isNew: false) }
        room = room.map { $0 + (file?.size ?? 0) }
        guard unlink(path) == 0 else { return SQLITE_IOERR | 10 << 8 }
        if syncingFolder {
            syncFolder()
        } else if file?.isNew == false {
            // What comes back is what was synced: the rest is lost in any case.
            var nothing = Survivors.nothing
            let name = URL(filePath: path).lastPathComponent
            if !isOpen(id) { file?.losePower(&nothing) }
            deleted[name] = file?.content()
        }
        if !isOpen(id) { files[id] = nil }
        return SQLITE_OK
    }

    private func isOpen(_ id: FileID) -> Bool {
        handles.values.contains { $0.file == id && $0.process == process }
    }

    private mutating func syncFolder() {
        deleted = [:]
        for id in files.keys { files[id]?.isNew = false }
    }

    // MARK: - Content

    /// The file of a handle; nil once its process or the power is gone.
    private func file(of number: Int) -> FileID? {
        guard !isDown, let handle = handles[number], handle.process == process else { return nil }
        return handle.file
    }

    func read(_ number: Int, into bytes: UnsafeMutableRawBufferPointer, at offset: Int64) -> Int32 {
        guard let id = file(of: number), let count = files[id]?.read(into: bytes, at: offset), count >= 0 else {
            return SQLITE_IOERR | 1 << 8
        }
        guard count < bytes.count else { return SQLITE_OK }
        bytes[count...].initializeMemory(as: UInt8.self, repeating: 0)
        return SQLITE_IOERR | 2 << 8
    }

    mutating func write(_ number: Int, _ bytes: UnsafeRawBufferPointer, at offset: Int64) -> Int32 {
        let refused = SQLITE_IOERR | 3 << 8
        guard let id = file(of: number), !isReadOnly, let size = files[id]?.size else { return refused }
        let fails = !counted()
        let growth = max(0, offset + Int64(bytes.count) - size)
        // What finds no room is cut off where the room ends.
        let short = room.map { max(0, growth - $0) } ?? 0
        let fitting = UnsafeRawBufferPointer(rebasing: bytes.prefix(bytes.count - Int(min(short, Int64(bytes.count)))))
        guard fitting.isEmpty || files[id]?.write(fitting, at: offset) == true else { return refused }
        room = room.map { max(0, $0 - growth) }
        if fails {
            losePower()
            return refused
        }
        return short > 0 ? SQLITE_FULL : SQLITE_OK
    }

    mutating func cut(_ number: Int, to size: Int64) -> Int32 {
        let refused = SQLITE_IOERR | 6 << 8
        guard let id = file(of: number), !isReadOnly, let before = files[id]?.size else { return refused }
        let fails = !counted()
        guard files[id]?.cut(to: size) == true else { return refused }
        room = room.map { max(0, $0 + before - size) }
        guard fails else { return SQLITE_OK }
        losePower()
        return refused
    }

    mutating func sync(_ number: Int) -> Int32 {
        guard let id = file(of: number) else { return SQLITE_IOERR | 4 << 8 }
        guard counted() else {
            losePower()
            return SQLITE_IOERR | 4 << 8
        }
        files[id]?.sync()
        // As SQLite does for a new log or journal on a real disk, and for nothing else.
        let path = handles[number]?.path ?? ""
        if files[id]?.isNew == true, path.hasSuffix("-wal") || path.hasSuffix("-journal") { syncFolder() }
        return SQLITE_OK
    }

    func size(_ number: Int) -> Int64? { file(of: number).flatMap { files[$0]?.size } }

    // MARK: - Locks and shared memory

    mutating func lock(_ number: Int, to level: FileLocks.Level) -> Int32 {
        guard let id = file(of: number) else { return SQLITE_IOERR | 15 << 8 }
        return files[id]?.locks.lock(number, to: level) == true ? SQLITE_OK : SQLITE_BUSY
    }

    mutating func unlock(_ number: Int, to level: FileLocks.Level) {
        if let id = file(of: number) { files[id]?.locks.unlock(number, to: level) }
    }

    func isReserved(_ number: Int) -> Bool? { file(of: number).flatMap { files[$0]?.locks.isReserved } }

    /// - Returns: nil in it when there is no such region and none was to be made; nil when nothing is to be had.
    mutating func region(_ number: Int, _ index: Int, bytes: Int, extending: Bool) -> SharedRegion?? {
        guard let id = file(of: number) else { return nil }
        if extending { files[id]?.index.extend(to: index + 1, bytes: bytes) }
        guard let regions = files[id]?.index.regions, index < regions.count else { return .some(nil) }
        handles[number]?.regions = regions
        return regions[index]
    }

    mutating func lockRegion(_ number: Int, _ range: Range<Int>, exclusively: Bool) -> Int32 {
        guard let id = file(of: number) else { return SQLITE_IOERR | 20 << 8 }
        return files[id]?.index.lock(number, range, exclusively: exclusively) == true ? SQLITE_OK : SQLITE_BUSY
    }

    mutating func unlockRegion(_ number: Int, _ range: Range<Int>) {
        if let id = file(of: number) { files[id]?.index.unlock(number, range) }
    }

    mutating func leaveRegions(_ number: Int) {
        handles[number]?.regions = []
        if let id = file(of: number) { files[id]?.index.leave(number) }
    }

    // MARK: - The end of a process

    /// The process is gone; what it has written stays, as the system still has it.
    mutating func endProcess() {
        process += 1
        noteReplaced()
        for id in files.keys { files[id]?.forgetProcess() }
    }

    mutating func noteReplaced() { replacements += 1 }

    /// Another disk is in its place: nobody who used this one gets anything done, and nothing of it comes back.
    mutating func replaced() {
        endProcess()
        (files, deleted) = ([:], [:])
        (changesLeft, room, isReadOnly) = (nil, nil, false)
    }

    /// Counts a change. False when the power goes before it is done.
    private mutating func counted() -> Bool {
        changes += 1
        guard let left = changesLeft else { return true }
        changesLeft = left - 1
        return left > 0
    }

    /// The power is gone. What the disk holds then is kept aside under another name, so that nothing which the dying
    /// process still does with plain files comes to it.
    mutating func losePower() {
        do {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            try FileManager.default.createDirectory(atPath: aside, withIntermediateDirectories: false)
            for name in names {
                let path = "\(folder)/\(name)"
                if let id = FileID(path: path), var file = files.removeValue(forKey: id) {
                    file.losePower(&survivors)
                    if file.isNew, !survivors.keepsName() { continue }
                }
                try FileManager.default.linkItem(atPath: path, toPath: "\(aside)/\(name)")
            }
            for (name, bytes) in deleted.sorted(by: { $0.key < $1.key }) where !survivors.keepsName() {
                let path = "\(aside)/\(name)"
                guard !FileManager.default.fileExists(atPath: path) else { continue }
                try Data(bytes).write(to: URL(filePath: path))
            }
        } catch {
            trouble = error
        }
        (files, deleted) = ([:], [:])
        endProcess()
        changesLeft = nil
        isDown = true
    }

    /// - Throws: what kept the disk from being left as it should be.
    mutating func powerOn() throws {
        guard isDown else { return }
        if let trouble { throw trouble }
        noteReplaced()
        try FileManager.default.removeItem(atPath: folder)
        try FileManager.default.moveItem(atPath: aside, toPath: folder)
        isDown = false
    }

    private var aside: String { "\(folder).down" }
}
