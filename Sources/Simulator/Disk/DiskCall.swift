import GRDBSQLite

/// What SQLite holds of an open file on a simulated disk, and the calls that it makes with it. It begins as SQLite's
/// own struct does.
struct DiskCall {
    private var methods: UnsafePointer<sqlite3_io_methods>?
    private let disk: Unmanaged<SimulatedDisk>
    private let handle: Int

    /// Fills what SQLite has made room for.
    static func begin(_ file: UnsafeMutablePointer<sqlite3_file>, _ disk: SimulatedDisk, _ handle: Int) {
        UnsafeMutableRawPointer(file).initializeMemory(
            as: DiskCall.self,
            to: DiskCall(methods: UnsafePointer(table), disk: Unmanaged.passRetained(disk), handle: handle))
    }

    private typealias File = UnsafeMutablePointer<sqlite3_file>?

    /// Asks the disk about an open file.
    private static func ask<T: Sendable>(_ file: File, _ question: (inout DiskState, Int) -> T) -> T? {
        guard let file else { return nil }
        let call = UnsafeMutableRawPointer(file).load(as: DiskCall.self)
        return call.disk.takeUnretainedValue().ask { question(&$0, call.handle) }
    }

    /// The second version of SQLite's table: with shared memory, without files that are mapped.
    nonisolated(unsafe) private static let table: UnsafeMutablePointer<sqlite3_io_methods> = {
        let table = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        table.initialize(to: sqlite3_io_methods())
        table.pointee.iVersion = 2
        table.pointee.xClose = { file in
            guard let file else { return SQLITE_OK }
            let call = UnsafeMutableRawPointer(file).load(as: DiskCall.self)
            call.disk.takeUnretainedValue().ask { $0.close(call.handle) }
            call.disk.release()
            return SQLITE_OK
        }
        table.pointee.xRead = { file, bytes, count, offset in
            nonisolated(unsafe) let buffer = UnsafeMutableRawBufferPointer(start: bytes, count: Int(count))
            return ask(file) { $0.read($1, into: buffer, at: offset) } ?? SQLITE_IOERR
        }
        table.pointee.xWrite = { file, bytes, count, offset in
            nonisolated(unsafe) let buffer = UnsafeRawBufferPointer(start: bytes, count: Int(count))
            return ask(file) { $0.write($1, buffer, at: offset) } ?? SQLITE_IOERR
        }
        table.pointee.xTruncate = { file, size in ask(file) { $0.cut($1, to: size) } ?? SQLITE_IOERR }
        table.pointee.xSync = { file, _ in ask(file) { $0.sync($1) } ?? SQLITE_IOERR }
        table.pointee.xFileSize = { file, size in
            guard let answer = ask(file, { $0.size($1) }), let answer else { return SQLITE_IOERR | 7 << 8 }
            size?.pointee = answer
            return SQLITE_OK
        }
        table.pointee.xLock = { file, level in
            guard let level = FileLocks.Level(rawValue: level) else { return SQLITE_MISUSE }
            return ask(file) { $0.lock($1, to: level) } ?? SQLITE_IOERR
        }
        table.pointee.xUnlock = { file, level in
            guard let level = FileLocks.Level(rawValue: level) else { return SQLITE_MISUSE }
            ask(file) { $0.unlock($1, to: level) }
            return SQLITE_OK
        }
        table.pointee.xCheckReservedLock = { file, answer in
            guard let isReserved = ask(file, { $0.isReserved($1) }), let isReserved else {
                return SQLITE_IOERR | 14 << 8
            }
            answer?.pointee = isReserved ? 1 : 0
            return SQLITE_OK
        }
        table.pointee.xFileControl = { _, _, _ in SQLITE_NOTFOUND }
        table.pointee.xSectorSize = { _ in 4096 }
        // As on a real disk here: a write that is torn leaves the bytes beside it alone.
        table.pointee.xDeviceCharacteristics = { _ in SQLITE_IOCAP_POWERSAFE_OVERWRITE }
        table.pointee.xShmMap = { file, region, size, extends, answer in
            answer?.pointee = nil
            let found = ask(file) { $0.region($1, Int(region), bytes: Int(size), extending: extends != 0) }
            guard let found, let found else { return SQLITE_IOERR | 21 << 8 }
            answer?.pointee = found?.pointer
            return SQLITE_OK
        }
        table.pointee.xShmLock = { file, first, count, flags in
            let range = Int(first)..<Int(first + count)
            let exclusively = flags & SQLITE_SHM_EXCLUSIVE != 0
            if flags & SQLITE_SHM_UNLOCK != 0 {
                ask(file) { $0.unlockRegion($1, range) }
                return SQLITE_OK
            }
            return ask(file) { $0.lockRegion($1, range, exclusively: exclusively) } ?? SQLITE_IOERR
        }
        // The lock of the disk orders what was written to memory before it.
        table.pointee.xShmBarrier = { file in ask(file) { _, _ in } }
        table.pointee.xShmUnmap = { file, _ in
            ask(file) { $0.leaveRegions($1) }
            return SQLITE_OK
        }
        return table
    }()
}
