import Foundation
import Replica
import ServiceModel
import Testing
import Trust

@testable import SyncNode

/// No node is made over one that lies there, whichever of its files is missing.
@Suite struct FoundingOverTests {
    private static let now = Moment(seconds: 1_790_000_000, day: 20_717)
    private static let root = UnitCode("3799")
    private static let plan = NetworkPlan(network: "test", root: root, rootName: "滨湖市", tiers: ["city", "county"])
    private static let entropy: @Sendable (Int) -> Data = { count in
        Data((0..<count).map { _ in UInt8.random(in: .min ... .max) })
    }

    private func with(_ body: (NodeDirectory) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "terrace-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let directory = NodeDirectory(folder)
        try directory.create()
        try body(directory)
    }

    private func found(_ directory: NodeDirectory) throws -> Node {
        try Node.found(Self.plan, in: directory, now: Self.now, entropy: Self.entropy)
    }

    /// A code that some network has issued.
    private func code() throws -> String {
        var code = ""
        try with { directory in
            let city = try found(directory)
            let below = UnitCode("379902")
            try city.importUnits([UnitEntry(code: below, name: "x", tier: 1, parent: Self.root)], now: Self.now)
            code = try city.issueEnrollmentCode(for: below, now: Self.now).text
            try city.replica.close()
        }
        return code
    }

    /// Founding and enrolling are refused, and leave every file as it was.
    private func expectRefused(_ directory: NodeDirectory, _ files: [String]) throws {
        let places = [directory.replica, directory.nodeKey, directory.sealKey, directory.authorityKey]
        let before = places.map { try? Data(contentsOf: $0) }
        let remains = NodeError.remains(directory.url.path, files)
        #expect(throws: remains) { _ = try found(directory) }
        let code = try code()
        #expect(throws: remains) { _ = try Enrollee(code: code, unit: UnitCode("379902"), in: directory) }
        #expect(places.map { try? Data(contentsOf: $0) } == before)
        #expect(remains.words[.english].contains("terrace doctor --data \(directory.url.path)"))
    }

    @Test func aNodeWithoutItsCertificatesIsNotFoundedOver() throws {
        try with { directory in
            let node = try found(directory)
            try node.replica.close()
            try FileManager.default.removeItem(at: directory.certificates)
            try expectRefused(directory, ["replica.sqlite", "authority.key"])
            let incomplete = NodeError.incomplete(directory.url.path, missing: ["certificates.pem"])
            #expect(throws: incomplete) { _ = try Node(directory, now: Self.now, entropy: Self.entropy) }
            // The authority's key is off line, as it should be.
            try FileManager.default.removeItem(at: directory.authorityKey)
            try expectRefused(directory, ["replica.sqlite"])
            // Nor is what cannot be read.
            try Data("no database".utf8).write(to: directory.replica)
            try expectRefused(directory, ["replica.sqlite"])
        }
    }

    @Test func theKeyOfANetworkIsNotOverwritten() throws {
        try with { directory in
            try Data("a key".utf8).write(to: directory.authorityKey)
            try expectRefused(directory, ["authority.key"])
        }
    }

    @Test func anAttemptThatWasCutOffIsGoneOnWith() throws {
        try with { other in
            let genesis = try found(other).genesis
            try with { directory in
                // Every file but the last, and nobody has written anything.
                let key: NodeKey = directory.keys.key()
                try NodeDirectory.write(Data(key.pem.utf8), to: directory.nodeKey)
                try NodeDirectory.write(Data(directory.keys.sealKey().pem.utf8), to: directory.sealKey)
                let replica = try directory.openReplica(creates: true)
                try replica.write {
                    try $0.establish(genesis: genesis, unit: Self.root, ordinal: 1, incarnation: 7)
                }
                try replica.close()
                #expect(throws: NodeError.notFounded(directory.url.path)) {
                    _ = try Node(directory, now: Self.now, entropy: Self.entropy)
                }
                #expect(try found(directory).genesis.id != genesis.id)
            }
        }
    }

    @Test func aMissingKeyIsNamedWithTheWayOut() throws {
        try with { directory in
            try found(directory).replica.close()
            try FileManager.default.removeItem(at: directory.nodeKey)
            let incomplete = NodeError.incomplete(directory.url.path, missing: ["node.key"])
            #expect(throws: incomplete) { _ = try Node(directory, now: Self.now, entropy: Self.entropy) }
            #expect(incomplete.words[.english].contains("terrace doctor --data"))
        }
    }
}
