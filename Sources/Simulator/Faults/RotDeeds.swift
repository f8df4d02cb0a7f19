import ChangeSet
import Replica
import SyncNode

/// A disk that changes a bit of a journal, and what those who run the machine do: they have everything looked through
/// and what is damaged taken out, as a serving node does at night, and the neighbours bring it again.
extension Simulation {
    func rot(_ name: String) throws {
        dropLines(of: name)
        let before = try network.journal(of: name).leaves
        try network.node(name).replica.close()
        // What only the root has written, nobody could bring to it again.
        let isBad = try network.rot(name, foreignOnly: name == network.root, &random)
        // Nothing of the casework keeps a node from being opened.
        try network.reopen(name)
        guard isBad else { return }
        tally.add(.rotten)
        network.impairedOnPurpose.insert(name)
        let found = try scrub(name)
        if found.isEmpty { fail("file: a scrub of \(name) does not see what its disk has changed") }
        try network.node(name).takeOutDamage(now: network.time(at: name))
        noteTaken(before.subtracting(try network.journal(of: name).leaves), from: name)
    }

    private func scrub(_ name: String) throws -> [Damage] {
        let now = network.time(at: name)
        return try network.node(name).scrub(now: { now }, progress: { _ in }).found
    }

    /// What has come again is forgotten as damaged by the next scrub; then nothing excuses the machine any more. One that
    /// has lost what nobody else had stays marked, as its file is.
    func scrubAgain() throws {
        for name in network.impairedOnPurpose.sorted() where network.hasNode(name) {
            guard try network.node(name).replica.read({ try $0.countOfTakenOut().all }) == 0 else { continue }
            let found = try scrub(name)
            if !found.isEmpty { fail("file: \(name) is damaged again: \(found.map(\.code))") }
            network.impairedOnPurpose.remove(name)
        }
    }
}
