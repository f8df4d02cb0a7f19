import Foundation

/// Files of the project and, where they are there, the reference tables beside it.
enum ProjectFiles {
    /// Why a test that needs a table is left out.
    static let absent = "the reference tables beside the project are absent"

    static func path(_ relative: String) -> String {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        return root.appendingPathComponent(relative).path
    }

    static func reference(_ name: String) -> String { path("../shared/data/\(name)") }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// Runs `body` with a new file of that name and content, which is removed afterwards.
    static func with<T>(
        _ name: String, _ content: some Sequence<UInt8>, _ body: (String) async throws -> T
    ) async throws -> T {
        let file = try make(name, content)
        defer { try? FileManager.default.removeItem(at: file.deletingLastPathComponent()) }
        return try await body(file.path)
    }

    static func with<T>(_ name: String, _ content: some Sequence<UInt8>, _ body: (String) throws -> T) throws -> T {
        let file = try make(name, content)
        defer { try? FileManager.default.removeItem(at: file.deletingLastPathComponent()) }
        return try body(file.path)
    }

    private static func make(_ name: String, _ content: some Sequence<UInt8>) throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("terrace-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent(name)
        try Data(content).write(to: file)
        return file
    }
}
