import ChangeSet
import Foundation
import GRDB
import ServiceModel
import SyncNode
import Testing

@testable import Simulator

/// A loss is forgiven where the simulation has taken the last disk that had it, and as long as nobody has it again.
@Suite struct ExcusedLossTests {
    typealias Scene = JudgesTests

    /// What is nowhere is forgiven only where the last machine that had it has lost its disk.
    @Test func oneOfSeveralDisksIsNoExcuse() throws {
        let made = try Scene.made()
        let places = try #require(made.places)
        let leaf = places.acceptance.leaf
        var world = try Scene.world(made)
        for name in world.replicas.keys { world.replicas[name]?.journal.rows.removeAll { $0.leaf == leaf } }
        func isFound(_ ledger: ConfirmationLedger) throws -> Bool {
            var judges = Judges()
            return try judges.judge(world, ledger).violations.contains {
                $0.law == .confirmedStands && $0.node == nil && $0.place == places.acceptance.place
            }
        }
        var ledger = made.ledger
        #expect(try isFound(ledger))
        ledger.noteTaken([leaf], from: Scene.village, heldElsewhere: [leaf])
        #expect(try isFound(ledger))
        ledger.noteTaken([leaf], from: Scene.town, heldElsewhere: [])
        #expect(try !isFound(ledger))
    }

    /// A disk that is taken back excuses what had gone nowhere yet, and nothing that others have.
    @Test func whoElseHoldsItIsAsked() throws {
        let made = try Scene.made()
        let simulation = Simulation(made.network, seed: 1)
        let old = KeptBackup.copy(try made.network.copyOfDisk(Scene.village))
        func accept() throws -> Digest32 {
            try simulation.accept(at: Scene.village)
            return try #require(simulation.ledger.confirmed.last).leaf
        }
        let sent = try accept()
        try made.network.exchange(Scene.village)
        let unsent = try accept()
        try simulation.restore(old)
        #expect(simulation.ledger.wasTaken(sent, from: Scene.village))
        #expect(simulation.ledger.wasTaken(unsent, from: Scene.village))
        #expect(!simulation.ledger.isExcused(sent) && simulation.ledger.isExcused(unsent))
        // Who relies on a backup may let go of what is in it.
        let relied = try accept()
        try made.network.exchange(Scene.village)
        try simulation.backUpElsewhere(Scene.village)
        simulation.noteTaken([relied], from: Scene.village)
        #expect(simulation.ledger.isExcused(relied))
    }

    /// What was lost and is held again must be kept like anything else.
    @Test func anExcuseEndsWhenSomebodyHoldsIt() throws {
        let made = try Scene.made()
        // That the village handed it on, upon which others have acted.
        let one = try #require(made.ledger.confirmed.first { $0.action == .forward }), leaf = one.leaf
        func found(_ taken: (inout ConfirmationLedger) -> Void, heldAt names: [String]) throws -> Set<Law> {
            var judges = Judges(), ledger = made.ledger, world = try Scene.world(made)
            taken(&ledger)
            world.drop(leaf, at: world.replicas.keys.filter { !names.contains($0) })
            _ = try judges.judge(world, noting: &ledger)
            world.drop(leaf, at: names)
            let violations = try judges.judge(world, noting: &ledger).violations
            return Set(
                violations.filter { found in
                    found.law == .effectLasts && found.finding.hasPrefix("still waits")
                        || found.law == .confirmedStands && found.place == one.place && found.node == nil
                }.map(\.law))
        }
        func taken(_ ledger: inout ConfirmationLedger) {
            ledger.noteTaken([leaf], from: Scene.town, heldElsewhere: [])
        }
        func takenAndBackedUp(_ ledger: inout ConfirmationLedger) {
            ledger.noteBackedUp([leaf], of: Scene.town)
            ledger.noteBackedUp([], of: Scene.town)
            taken(&ledger)
        }
        #expect(try found(taken, heldAt: []) == [])
        #expect(try found(taken, heldAt: [Scene.village]) == [.confirmedStands, .effectLasts])
        // Who has relied on the town's backup may let go of it, until the town holds it again.
        #expect(try found(takenAndBackedUp, heldAt: [Scene.village]) == [])
        #expect(try found(takenAndBackedUp, heldAt: [Scene.town]) == [.confirmedStands, .effectLasts])
    }

    // MARK: - Backups

    /// The file itself is asked what a backup holds, and not the machine that made it.
    @Test func whatABackupLacksIsNotBackedUp() throws {
        let made = try Scene.made(), network = made.network, name = Scene.town
        let simulation = Simulation(network, seed: 1)
        try simulation.backUpElsewhere(name)
        let leaf = try #require(try network.journal(of: name).rows.last).leaf
        #expect(simulation.failures == [] && simulation.ledger.isBackedUp(leaf, at: name))
        let backup = try #require(simulation.elsewhere[name])
        #expect(try network.countOfRows(missingIn: backup, of: name) == 0)
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(
            path: backup.folder.appending(path: network.directory(name).replica.lastPathComponent).path,
            configuration: configuration)
        try queue.write { db in
            try db.execute(sql: "DELETE FROM journal WHERE position = (SELECT max(position) FROM journal)")
        }
        try queue.close()
        try simulation.noteBackedUp(backup, of: name)
        #expect(simulation.failures == ["9: the backup of \(name) lacks 1 of its change sets"])
        // All that is asked in a larger network.
        #expect(try network.countOfRows(missingIn: backup, of: name) == 1)
        #expect(!simulation.ledger.isBackedUp(leaf, at: name))
    }

    /// Whoever relies on a backup has let go of what was in it.
    @Test(arguments: [true, false])
    func whatABackupHeldIsThereAgainWhenItIsRestored(isWhole: Bool) throws {
        let made = try Scene.made(), name = Scene.town
        let simulation = Simulation(made.network, seed: 1)
        let backup = try simulation.backUpElsewhere(name)
        if !isWhole {
            let held = simulation.ledger.backedUp(at: name)
            simulation.ledger.noteBackedUp(held.union([Digest32(hashing: Data([9]))]), of: name)
        }
        try simulation.restore(backup, losingAnchor: true)
        let finding = "9: \(name) lacks 1 change sets of the backup that was restored"
        #expect(simulation.failures == (isWhole ? [] : [finding]))
    }
}
