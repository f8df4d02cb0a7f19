import Foundation

/// Where the package lies, found from a source file of it.
enum ProjectRoot {
    static func find(from file: String) -> URL? {
        var at = URL(fileURLWithPath: file)
        while at.pathComponents.count > 1 {
            at.deleteLastPathComponent()
            if FileManager.default.fileExists(atPath: at.appendingPathComponent("Package.swift").path) { return at }
        }
        return nil
    }
}
