import Foundation
import SyncNode
import Testing

@testable import terrace

@Suite struct NodeSettingsTests {
    @Test func backupsOfEveryNight() throws {
        #expect(try NodeSettings().backupPlan(folder: nil, kept: nil) == nil)
        let usual = try #require(try NodeSettings(backups: "/media/backup").backupPlan(folder: nil, kept: nil))
        #expect(usual.folder.path == "/media/backup" && usual.kept == 14)
        let settings = NodeSettings(backups: "/media/backup", backupsKept: 3)
        #expect(try settings.backupPlan(folder: nil, kept: nil)?.kept == 3)
        let given = try #require(try settings.backupPlan(folder: "/mnt", kept: 5))
        #expect(given.folder.path == "/mnt" && given.kept == 5)
    }

    /// A person adds a line to what `init` has written.
    @Test func aFileThatSaysNothingMayBeAddedTo() throws {
        let directory = NodeDirectory(
            FileManager.default.temporaryDirectory.appending(path: "terrace-\(UUID().uuidString)"))
        try FileManager.default.createDirectory(at: directory.url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory.url) }
        try NodeSettings().write(directory)
        #expect(try NodeSettings.read(directory) == NodeSettings())
        for (addition, backups) in [("# where they go\n", nil), ("backups: /media/backup\n", "/media/backup")] {
            let text = try String(contentsOf: directory.settings, encoding: .utf8) + addition
            try Data(text.utf8).write(to: directory.settings)
            #expect(try NodeSettings.read(directory) == NodeSettings(backups: backups))
        }
    }

    /// In which folder a service is started nobody knows; and who says how many stay has forgotten to say where.
    @Test func whatMeansNothingIsRefused() {
        for settings in [
            NodeSettings(backups: "backup"), NodeSettings(backupsKept: 3),
            NodeSettings(backups: "/media/backup", backupsKept: 1),
        ] {
            #expect(throws: NodeError.self) { try settings.backupPlan(folder: nil, kept: nil) }
        }
    }
}
