import Foundation
import Testing

@testable import terrace

extension ProcessTests {
    /// The demo as a process: it refuses what it cannot tell, and leaves nothing behind.
    @Suite struct DemoTests {
        @Test func fewerCasesThanTheStoryNeedsAreRefused() async throws {
            for cases in ["0", "49", "50001"] {
                let result = try await TerraceProcess.run("demo", "--no-stay", "--cases", cases)
                #expect(result.status == 64 && result.errors.contains("50 to 50000"), "\(cases): \(result.errors)")
            }
        }

        /// A server that has only just been started stops too.
        @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/stat")))
        func anInterruptionLeavesNoServerBehind() async throws {
            let (process, _, _) = TerraceProcess.make(["demo", "--fixtures", ProjectFiles.path("")])
            try process.run()
            var servers: [Int32] = []
            for _ in 0..<4000 where servers.isEmpty && process.isRunning {
                servers = Self.servers(of: process.processIdentifier)
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(!servers.isEmpty)
            process.terminate()
            for _ in 0..<4000 where process.isRunning { try await Task.sleep(for: .milliseconds(5)) }
            #expect(!process.isRunning && process.terminationStatus == 130)
            for server in servers {
                #expect(!FileManager.default.fileExists(atPath: "/proc/\(server)"), "\(server) goes on")
            }
            if process.isRunning { process.interrupt() }
        }

        /// The serving nodes that a demo has started.
        private static func servers(of demo: Int32) -> [Int32] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            return names.compactMap { Int32($0) }.filter { pid in
                // The parent stands behind the name, which is in brackets, and the state.
                let stat = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
                let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
                guard fields.count > 2, Int32(fields[2]) == demo else { return false }
                let words = (try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)) ?? ""
                return words.split(separator: "\0").contains("serve")
            }
        }
    }
}
