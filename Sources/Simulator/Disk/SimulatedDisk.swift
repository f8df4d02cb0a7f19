import Foundation
import Synchronization

/// The disk of a machine: a folder whose SQLite files behave as on a real disk that loses its power, fills up or goes
/// bad. SQLite comes to it by itself, by the path of a file in the folder, as long as this object lives.
///
/// What a sync has confirmed stays. Of everything else a loss of power leaves what `Survivors` say. Plain files, which
/// are the anchor, keys and certificates, are on it as soon as they are written: whoever writes them syncs them.
/// *Limit: no power goes in the middle of them, and they find room on a full disk.*
package final class SimulatedDisk: Sendable {
    package let folder: URL
    private let state: Mutex<DiskState>

    /// - Parameter folder: made if it is not there.
    package init(_ folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // By the name under which SQLite will ask for it.
        self.folder = folder.resolvingSymlinksInPath().standardizedFileURL
        state = Mutex(DiskState(folder: Self.path(self.folder)))
        DiskSystem.mount(self, at: Self.path(self.folder))
    }

    deinit { DiskSystem.unmount(Self.path(folder)) }

    private static func path(_ folder: URL) -> String {
        let path = folder.path(percentEncoded: false)
        return path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    func ask<T: Sendable>(_ question: (inout DiskState) -> T) -> T { state.withLock { question(&$0) } }

    // MARK: - Power

    /// Changes that SQLite has asked for so far: to write, to cut, to sync, to make or to delete a file. The power may
    /// go at any of them.
    package var changes: Int { state.withLock { $0.changes } }

    /// Another number whenever something on it may have become other than it was.
    var version: Int { state.withLock { $0.changes + $0.replacements } }

    /// Files on it were changed past SQLite and this object.
    func noteReplaced() { state.withLock { $0.noteReplaced() } }

    /// The power is off: nobody gets anything done until it is on again.
    package var isDown: Bool { state.withLock { $0.isDown } }

    /// The power goes in the middle of a change, after so many others.
    package func losePower(after changes: Int, leaving survivors: Survivors) {
        state.withLock {
            $0.changesLeft = changes
            $0.survivors = survivors
        }
    }

    /// The power goes now, between two changes.
    package func losePower(leaving survivors: Survivors) {
        state.withLock {
            guard !$0.isDown else { return }
            $0.survivors = survivors
            $0.losePower()
        }
    }

    /// The power is there again. What was open stays without effect.
    /// - Throws: what kept the disk from being left as the loss of power would leave it.
    package func powerOn() throws { try state.withLock { try $0.powerOn() } }

    /// The process that uses it is killed, and the power stays: what was written is there, synced or not.
    package func endProcess() { state.withLock { $0.endProcess() } }

    // MARK: - Other troubles

    /// Bytes by which its files may still grow; nil when there is room for all. A write that finds no room is done in
    /// part.
    package var room: Int64? {
        get { state.withLock { $0.room } }
        set { state.withLock { $0.room = newValue } }
    }

    package var isReadOnly: Bool {
        get { state.withLock { $0.isReadOnly } }
        set { state.withLock { $0.isReadOnly = newValue } }
    }

    /// It does not take everything that SQLite gives it.
    package var isFailing: Bool { state.withLock { $0.isDown || $0.isReadOnly || $0.room != nil } }

    /// A byte goes bad at rest.
    /// - Parameters:
    ///   - name: of a file that nobody has open.
    ///   - flips: the bits that change.
    package func rot(_ name: String, at offset: Int, flips: UInt8) throws {
        let file = folder.appending(path: name)
        try state.withLock { state in
            state.noteReplaced()
            var data = try Data(contentsOf: file)
            data[data.startIndex + offset] ^= flips
            let handle = try FileHandle(forWritingTo: file)
            defer { try? handle.close() }
            try handle.seek(toOffset: UInt64(offset))
            try handle.write(contentsOf: data.dropFirst(offset).prefix(1))
        }
    }

    /// What lies on it, as the system has it.
    /// - Parameter names: of files; all when left out.
    package func image(of names: [String]? = nil) throws -> DiskImage {
        try state.withLock { _ in
            var files: [String: Data] = [:]
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
            where names?.contains(name) ?? true {
                files[name] = try Data(contentsOf: folder.appending(path: name))
            }
            return DiskImage(files: files)
        }
    }

    /// Puts files in place of those of the same name. The process that used them is gone.
    package func put(_ image: DiskImage) throws {
        endProcess()
        for (name, data) in image.files {
            try data.write(to: folder.appending(path: name), options: .atomic)
        }
    }

    /// Another disk is in its place, on which these files lie and nothing else: not what a loss of power might have
    /// brought back on this one.
    package func replace(with image: DiskImage = DiskImage(files: [:])) throws {
        state.withLock { $0.replaced() }
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            try FileManager.default.removeItem(at: folder.appending(path: name))
        }
        try put(image)
    }

    /// The process is gone, and so are these files.
    package func remove(_ names: [String]) {
        endProcess()
        for name in names { try? FileManager.default.removeItem(at: folder.appending(path: name)) }
    }
}

/// What lay on a disk at a moment, by the names of files.
package struct DiskImage: Sendable {
    package let files: [String: Data]
}
