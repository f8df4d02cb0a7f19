import ChangeSet
import Replica
import SyncNode

/// A whole machine that is set back to an earlier time with everything on it, the anchor included: somebody goes back
/// to a snapshot of a virtual one. What it has given and sealed since it gives and seals again, so that there may be
/// two lines under its name, as with a disk that was cloned; the root then cuts the name off.
extension Simulation {
    private static let mostSnapshots = 4

    /// Somebody keeps a machine as it is. None of the root's: nobody could cut that name off.
    /// - Returns: whose; nil where there is none.
    func takeSnapshot() throws -> String? {
        let names = unitsWithOneMachine
        guard !names.isEmpty else { return nil }
        let name = random.pick(names)
        snapshots.append(try network.snapshot(name))
        if snapshots.count > Self.mostSnapshots { snapshots.removeFirst() }
        return name
    }

    /// A snapshot of a machine that still is its unit's; nil where there is none.
    func snapshotToRollBackTo() -> MachineImage? {
        let usable = snapshots.filter { network.isOfPresentMachine($0) && copies[$0.unit] == nil }
        return usable.isEmpty ? nil : random.pick(usable)
    }

    func rollBack(to snapshot: MachineImage) throws {
        let name = snapshot.unit
        dropLines(of: name)
        tally.add(.rollbacks)
        let before = try network.journal(of: name)
        try network.rollBack(to: snapshot)
        let after = try network.journal(of: name).leaves
        // To judges it is as if another machine had the disk of then.
        if let own = try network.node(name).replica.read({ try $0.identity }) {
            ledger.noteCloned(
                own.author, incarnation: own.incarnation, common: before.leaves.intersection(after))
        }
        try noteTaken(from: name, since: before)
        try wishNameIfCut(name)
    }

    /// What a clerk does at a machine before anybody can be asked.
    func workAlone(at name: String, times: Int) throws {
        for _ in 0..<times {
            try accept(at: name)
            try actSomewhere(at: name)
        }
    }
}
