import Foundation
import GRDBSQLite
import Synchronization

/// How SQLite comes to simulated disks: it is registered as SQLite's default way to files, and what lies on no
/// simulated disk it leaves to the system's.
enum DiskSystem {
    private struct Mounted {
        weak var disk: SimulatedDisk?
    }

    private static let disks = Mutex<[String: Mounted]>([:])

    /// - Parameter folder: as SQLite's full paths have it.
    static func mount(_ disk: SimulatedDisk, at folder: String) {
        _ = registered
        disks.withLock { $0[folder] = Mounted(disk: disk) }
    }

    static func unmount(_ folder: String) {
        disks.withLock { mounted in
            if mounted[folder]?.disk == nil { mounted[folder] = nil }
        }
    }

    /// The disk on which a path lies.
    private static func disk(of path: UnsafePointer<CChar>?) -> (disk: SimulatedDisk, path: String)? {
        guard let path = path.map({ String(cString: $0) }), let slash = path.lastIndex(of: "/") else { return nil }
        return disks.withLock { $0[String(path[..<slash])]?.disk }.map { ($0, path) }
    }

    /// The system's own way to files, which stays as it is.
    nonisolated(unsafe) private static let system: UnsafeMutablePointer<sqlite3_vfs>? = sqlite3_vfs_find(nil)

    /// Never freed: SQLite keeps it. What it does not do itself is the system's.
    private static let registered: Bool = {
        guard let system else { return false }
        let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        vfs.initialize(to: system.pointee)
        vfs.pointee.pNext = nil
        vfs.pointee.zName = UnsafePointer(strdup("simulated-disks"))
        vfs.pointee.szOsFile = max(system.pointee.szOsFile, Int32(MemoryLayout<DiskCall>.size))
        vfs.pointee.xOpen = open
        vfs.pointee.xDelete = delete
        vfs.pointee.xAccess = access
        return sqlite3_vfs_register(vfs, 1) == SQLITE_OK
    }()

    private static let open:
        @convention(c) (
            UnsafeMutablePointer<sqlite3_vfs>?, UnsafePointer<CChar>?, UnsafeMutablePointer<sqlite3_file>?, Int32,
            UnsafeMutablePointer<Int32>?
        ) -> Int32 = { _, name, file, flags, outFlags in
            guard let (disk, path) = disk(of: name) else {
                return system?.pointee.xOpen(system, name, file, flags, outFlags) ?? SQLITE_CANTOPEN
            }
            guard let file else { return SQLITE_CANTOPEN }
            guard let opened = disk.ask({ $0.open(path, flags: flags) }) else {
                file.pointee.pMethods = nil
                return SQLITE_CANTOPEN
            }
            DiskCall.begin(file, disk, opened.handle)
            let readOnly = flags & ~SQLITE_OPEN_READWRITE | SQLITE_OPEN_READONLY
            outFlags?.pointee = opened.isReadOnly ? readOnly : flags
            return SQLITE_OK
        }

    private static let delete:
        @convention(c) (UnsafeMutablePointer<sqlite3_vfs>?, UnsafePointer<CChar>?, Int32) -> Int32 = { _, name, syncs in
            guard let (disk, path) = disk(of: name) else {
                return system?.pointee.xDelete(system, name, syncs) ?? SQLITE_IOERR
            }
            return disk.ask { $0.delete(path, syncingFolder: syncs != 0) }
        }

    private static let access:
        @convention(c) (
            UnsafeMutablePointer<sqlite3_vfs>?, UnsafePointer<CChar>?, Int32, UnsafeMutablePointer<Int32>?
        ) -> Int32 = { _, name, flags, answer in
            if let (disk, _) = disk(of: name), disk.isDown { return SQLITE_IOERR | 13 << 8 }
            return system?.pointee.xAccess(system, name, flags, answer) ?? SQLITE_IOERR
        }
}
