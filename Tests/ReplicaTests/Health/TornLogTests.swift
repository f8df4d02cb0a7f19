import Foundation
import GRDB
import ServiceModel
import Testing

@testable import Replica

/// A power cut leaves the log of the database torn at any byte: what lay before it is there, whole transactions and
/// nothing else.
@Suite struct TornLogTests {
    private static let cases = 30
    private static let places = 150

    private enum Tear: CaseIterable {
        /// The file ends there.
        case truncated
        /// A sector behind it never reached the disk.
        case zeroed
        case flipped

        func apply(to log: Data, at place: Int) -> Data {
            var log = log
            switch self {
            case .truncated: log = log.prefix(place)
            case .zeroed: log.resetBytes(in: place..<min(place + 512, log.count))
            case .flipped: log[place] ^= 0x40
            }
            return log
        }
    }

    @Test func whatLiesBeforeTheTearIsThere() throws {
        let town = try Town(["C"])
        try town.reopen("C")
        let file = town.folder.appending(path: "C.sqlite")
        let log = URL(filePath: file.path + "-wal")
        // How long the log is once each case is confirmed.
        var ends: [Int] = []
        for number in 1...Self.cases {
            try town["C"].accept("孙\(number)", number: number)
            ends.append(try FileManager.default.attributesOfItem(atPath: log.path)[.size] as? Int ?? 0)
        }
        let (base, whole) = (try Data(contentsOf: file), try Data(contentsOf: log))
        #expect(whole.count > 100_000)
        let seed = Seeded.seed
        var generator = Seeded()
        var counts: Set<Int> = []
        for round in 0..<Self.places {
            let tear = Tear.allCases[round % Tear.allCases.count]
            let place = generator.below(whole.count)
            let torn = town.folder.appending(path: "torn.sqlite")
            for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: torn.path + suffix) }
            try base.write(to: torn)
            try tear.apply(to: whole, at: place).write(to: URL(filePath: torn.path + "-wal"))
            let replica = try Replica(path: torn.path)
            let held = try replica.read { try $0.caseCounts().all }
            let confirmed = ends.count { $0 <= place }
            // Zeros may take the place of zeros, and tear nothing.
            #expect(
                tear == .zeroed ? held >= confirmed : held == confirmed, "TERRACE_SEED=\(seed): \(tear) at \(place)")
            counts.insert(held)
            #expect(
                try replica.rebuild(keeping: false).allSatisfy(\.isSame), "TERRACE_SEED=\(seed): \(tear) at \(place)")
            var scrub = Scrub(began: 0)
            while !scrub.isFinished { #expect(try scrub.step(replica, isSigned: { _ in true }).isEmpty) }
            try replica.close()
        }
        #expect(counts.count > Self.cases / 2, "TERRACE_SEED=\(seed): \(counts.sorted())")
    }
}
