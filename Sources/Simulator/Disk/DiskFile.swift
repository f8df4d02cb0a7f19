import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A file by what the system calls it, whatever its name is.
struct FileID: Hashable {
    let device: UInt64
    let number: UInt64

    private init(_ status: stat) {
        device = UInt64(truncatingIfNeeded: status.st_dev)
        number = UInt64(truncatingIfNeeded: status.st_ino)
    }

    /// nil when there is no such file.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    init?(_ file: OpenDescriptor) {
        var status = stat()
        guard fstat(file.number, &status) == 0 else { return nil }
        self.init(status)
    }
}

/// Keeps a file open for as long as anybody has it.
final class OpenDescriptor: Sendable {
    let number: Int32

    /// nil when the system does not open it.
    init?(_ path: String, creating: Bool) {
        number = open(path, O_RDWR | (creating ? O_CREAT : 0), 0o600)
        if number < 0 { return nil }
    }

    deinit { close(number) }
}

/// A file of a simulated disk: the file itself has what was written to it, and beside it stands what of that a loss of
/// power could take back.
struct DiskFile {
    private enum Change {
        /// With what lay there before, and the size of the file then.
        case write(at: Int64, [UInt8], over: [UInt8], size: Int64)
        case cut(to: Int64, lost: [UInt8])
    }

    /// A disk writes a sector whole or not at all.
    static let sector: Int64 = 512

    let descriptor: OpenDescriptor
    /// Its name is on the disk only once something has synced the folder.
    var isNew: Bool
    private var unsynced: [Change] = []
    var locks = FileLocks()
    var index = WalIndex()

    init(_ descriptor: OpenDescriptor, isNew: Bool) {
        self.descriptor = descriptor
        self.isNew = isNew
    }

    /// nil when the system does not say.
    var size: Int64? {
        var status = stat()
        return fstat(descriptor.number, &status) == 0 ? Int64(status.st_size) : nil
    }

    var isSynced: Bool { unsynced.isEmpty }

    // MARK: - What SQLite asks for

    /// - Returns: how many bytes there were; negative when the system refused.
    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int64) -> Int {
        pread(descriptor.number, bytes.baseAddress, bytes.count, off_t(offset))
    }

    private func read(_ count: Int, at offset: Int64) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = max(0, read(into: UnsafeMutableRawBufferPointer(buffer), at: offset))
        }
    }

    /// False when the system refused.
    mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) -> Bool {
        guard let size else { return false }
        unsynced.append(.write(at: offset, Array(bytes), over: read(bytes.count, at: offset), size: size))
        return pwrite(descriptor.number, bytes.baseAddress, bytes.count, off_t(offset)) == bytes.count
    }

    /// False when the system refused.
    mutating func cut(to size: Int64) -> Bool {
        guard let present = self.size else { return false }
        unsynced.append(.cut(to: size, lost: read(Int(max(0, present - size)), at: size)))
        return ftruncate(descriptor.number, off_t(size)) == 0
    }

    mutating func sync() { unsynced = [] }

    /// The process is gone: nobody has it open or locked any more.
    mutating func forgetProcess() {
        locks = FileLocks()
        index = WalIndex()
    }

    // MARK: - Power

    /// Power is lost: of what was not synced, each sector keeps what the survivors say, in the order in which it was
    /// written, so that it ends as any of its states since the last sync.
    mutating func losePower(_ survivors: inout Survivors) {
        for change in unsynced.reversed() {
            switch change {
            case .write(let offset, _, let before, let size):
                put(before[...], at: offset)
                if self.size != size { ftruncate(descriptor.number, off_t(size)) }
            case .cut(let size, let lost): put(lost[...], at: size)
            }
        }
        for change in unsynced {
            switch change {
            case .write(let offset, let bytes, _, _):
                survivors.nextChange()
                var start: Int64 = 0
                while start < bytes.count {
                    let end = min(
                        Int64(bytes.count), (offset + start) / Self.sector * Self.sector + Self.sector - offset)
                    if survivors.keepsSector() { put(bytes[Int(start)..<Int(end)], at: offset + start) }
                    start = end
                }
            case .cut(let size, _): if survivors.keepsName() { ftruncate(descriptor.number, off_t(size)) }
            }
        }
        unsynced = []
    }

    /// All of it, as it is after `losePower`.
    func content() -> [UInt8] { read(Int(size ?? 0), at: 0) }

    private func put(_ bytes: ArraySlice<UInt8>, at offset: Int64) {
        bytes.withUnsafeBytes { _ = pwrite(descriptor.number, $0.baseAddress, $0.count, off_t(offset)) }
    }
}
