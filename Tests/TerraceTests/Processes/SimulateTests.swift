import Foundation
import Testing

extension ProcessTests {
    /// The simulator as a process: it takes no number that it cannot live with, and leaves nothing behind.
    @Suite struct SimulateTests {
        private static func words(_ more: String...) -> [String] {
            ["simulate", "--topology", ProjectFiles.path("topology/demo.yaml"), "--seed", "3"] + more
        }

        @Test func numbersThatNoCityCanLiveWithAreRefused() async throws {
            for more in ["--days=0", "--days=-1", "--heartbeat=0", "--wait=0", "--news=-5", "--most-open=0"] {
                let result = try await TerraceProcess.run(Self.words(more))
                #expect(result.status == 64 && result.errors.contains(" takes "), "\(more): \(result.errors)")
            }
        }

        @Test func whatCannotBeRehearsedIsRefused() async throws {
            for what in [
                "2 10:00 move 379902001 379902100", "2 10:00 fly 379902001", "0 10:00 upgrade 3799",
                "2 24:00 upgrade 3799", "2 10:00 outage 379902 0", "2 10:00 merge 379902", "9 10:00 upgrade 3799",
            ] {
                let result = try await TerraceProcess.run(Self.words("--rehearse", what))
                #expect(result.status == 64 && result.errors.contains(what), "\(what): \(result.errors)")
            }
        }

        @Test func nobodyIsTracedWhoIsNotThere() async throws {
            let result = try await TerraceProcess.run(Self.words("--trace", "379902x"))
            #expect(result.status == 1 && result.errors.contains("input.bad: "), "\(result.errors)")
        }

        /// Not after a run of hours.
        @Test func aReportThatCannotBeWrittenIsRefusedAtOnce() async throws {
            let file = FileManager.default.temporaryDirectory.appending(path: "report-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: file) }
            try Data().write(to: file)
            let result = try await TerraceProcess.run(Self.words("--report", file.path))
            #expect(result.status == 1 && result.errors.contains("node.file: "), "\(result.errors)")
            #expect(!result.errors.contains("founded"))
        }

        @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/stat")))
        func anInterruptionLeavesNoCityBehind() async throws {
            let (process, _, _) = TerraceProcess.make(Self.words("--days", "2000"))
            try process.run()
            var folder: String?
            for _ in 0..<4000 where folder == nil && process.isRunning {
                folder = Self.folder(of: process.processIdentifier)
                try await Task.sleep(for: .milliseconds(5))
            }
            process.terminate()
            for _ in 0..<4000 where process.isRunning { try await Task.sleep(for: .milliseconds(5)) }
            #expect(!process.isRunning && process.terminationStatus == 130)
            let left = try #require(folder)
            #expect(!FileManager.default.fileExists(atPath: left), "\(left)")
            if process.isRunning { process.interrupt() }
        }

        /// Where the files lie that a process has open.
        private static func folder(of process: Int32) -> String? {
            let open = "/proc/\(process)/fd"
            let names = (try? FileManager.default.contentsOfDirectory(atPath: open)) ?? []
            let files = names.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "\(open)/\($0)") }
            let parts = files.map { $0.split(separator: "/") }
            return parts.compactMap { parts -> String? in
                guard let at = parts.firstIndex(where: { $0.hasPrefix("terrace-") && $0.count > 40 }) else {
                    return nil
                }
                return "/" + parts[...at].joined(separator: "/")
            }.first
        }
    }
}
