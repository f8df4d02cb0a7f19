import Foundation
import Replica
import ServiceModel
import Simulator
import Synchronization
import Testing

@testable import SyncNode

/// Commands do not ask whether a restore is at work: what a person was told is done must not go with the old database.
@Suite struct RestoreBesideCommandTests {
    private static let entropy: @Sendable (Int) -> Data = { Data((0..<$0).map { _ in .random(in: 0...255) }) }

    /// In the middle of its transaction when the restore asks what would be lost.
    @Test func whatACommandIsWritingIsCounted() throws {
        let network = try Network([Network.city, Network.county])
        let place = try network.accept(at: Network.county, number: 1).creation
        try network.settle(rounds: 1)
        let backup = try network.backUp(Network.county)
        try network[Network.county].replica.close()
        network.drop(Network.county)
        let directory = network.directory(Network.county), now = network.now

        let isHeld = Mutex(false), outcome = Mutex<Result<Verdict, any Error>?>(nil)
        let started = DispatchSemaphore(value: 0), ended = DispatchSemaphore(value: 0)
        let copied = DispatchSemaphore(value: 0)
        let command = try Node(directory, now: now) { count in
            // Asked for with the database held.
            if isHeld.withLock({ $0 }) { started.signal() }
            while isHeld.withLock({ $0 }) { Thread.sleep(forTimeInterval: 0.01) }
            return Self.entropy(count)
        }
        let record = try #require(try command.replica.read { try $0.record(created: place) })
        isHeld.withLock { $0 = true }
        Thread {
            var note = CaseStep(.note, day: now.day, actor: "c")
            note.text = "x"
            let result = Result { try command.act(note, on: record, now: now) }
            outcome.withLock { $0 = result }
            ended.signal()
        }.start()
        started.wait()
        Thread {
            // One that did not wait for the command would ask, and put its database in place, long before.
            copied.wait()
            Thread.sleep(forTimeInterval: 2)
            isHeld.withLock { $0 = false }
        }.start()
        #expect(throws: RestoreError.unsent(directory.url.path, 1, isRoot: false)) {
            try backup.restore(into: directory, replacing: true, now: now, entropy: Self.entropy) { step in
                if case .copying(let done, let all) = step, done == all { copied.signal() }
            }
        }
        copied.signal()
        ended.wait()
        _ = try #require(outcome.withLock { $0 }).get()
        try command.replica.close()
    }

    /// It had opened the file before that was moved aside.
    @Test func nobodyIsToldThatSomethingIsDoneInTheOldFile() throws {
        let network = try Network([Network.city, Network.county])
        let backup = try network.backUp(Network.county)
        try network[Network.county].replica.close()
        network.drop(Network.county)
        let directory = network.directory(Network.county)
        let command = try Replica(path: directory.replica.path)
        let restored = try backup.restore(
            into: directory, replacing: true, now: network.now, entropy: Self.entropy)
        #expect(throws: ReplicaError.busy) {
            try command.write { try $0.begin(Draft(id: "d1", item: "1", content: "{}", edit: 1, saved: 1)) }
        }
        #expect(try restored.node.replica.read { try $0.drafts() }.isEmpty)
        try? command.close()
        try restored.node.replica.close()
    }
}
