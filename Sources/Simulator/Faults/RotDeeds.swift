import ChangeSet
import Replica
import SyncNode

/// A disk that changes a bit of a journal, and what those who run the machine do: they have everything looked through
/// and what is damaged taken out, as a serving node does at night, and the neighbours bring it again.
extension Simulation {
    func rot(_ name: String) throws {
        dropLines(of: name)
        let before = try network.journal(of: name)
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
        try noteTaken(from: name, before)
    }

    private func scrub(_ name: String) throws -> [Damage] {
        let now = network.time(at: name)
        return try network.node(name).scrub(now: { now }, progress: { _ in }).found
    }

    /// What was written here and is at no unit above is lost: the disk had it alone.
    private func noteTaken(from name: String, _ before: HeldJournal) throws {
        var left = try network.journal(of: name).leaves
        for above in network.path(above: name) where network.hasNode(above) {
            left.formUnion(try network.journal(of: above).leaves)
        }
        let own = before.rows.filter { $0.counts && $0.source == nil && $0.place.feed == .casework }
        ledger.noteRolledBack(Set(own.map(\.leaf)).subtracting(left))
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
