import ChangeSet
import ServiceModel

/// What the simulation takes from disks, and who else has it by then.
extension Simulation {
    /// In a larger network only those above and below are asked for what a unit has lost.
    private static let mostAsked = 100

    /// Notes what the simulation has taken from a unit's disk. That is an excuse for its absence only where nobody else
    /// has it: whoever has it is to bring it back to all who must see it.
    func noteTaken(_ leaves: Set<Digest32>, from name: String) {
        // What it had in a backup on another disk others may have let go of, or do so yet.
        let sought = leaves.filter { !ledger.wasBackedUp($0, at: name) }
        ledger.noteTaken(leaves, from: name, heldElsewhere: held(sought, by: others(than: name)))
    }

    /// The same, by what it had before: what counts there no more, and what is not there at all.
    func noteTaken(from name: String, since before: HeldJournal) throws {
        let after = try network.journal(of: name)
        let gone = Set(before.rows.map(\.leaf)).subtracting(after.rows.map(\.leaf))
        noteTaken(before.leaves.subtracting(after.leaves).union(gone), from: name)
    }

    /// Those first that have most.
    private func others(than name: String) -> [String] {
        let near = network.path(above: name).reversed() + network.below(name)
        let all = network.names.count > Self.mostAsked ? near : near + network.names.filter { !near.contains($0) }
        return all.filter { $0 != name && network.hasNode($0) }
    }

    /// Machines that stand aside are not asked: nobody may ever sit at them again. Nor are those without power, which
    /// cannot be read.
    private func held(_ leaves: Set<Digest32>, by names: [String]) -> Set<Digest32> {
        var missing = leaves
        for name in names where !missing.isEmpty && !network.isDown(name) {
            guard let journal = try? network.journal(of: name) else { continue }
            missing.subtract(journal.leaves)
        }
        return leaves.subtracting(missing)
    }
}
