import ChangeSet
import Replica
import ServiceModel
import SyncNode

/// One disk in two machines, which work in turn under one name until the root cuts it and each gets its own.
extension Simulation {
    /// A unit whose machine's disk somebody may copy; nil where there is none.
    func machineToClone() -> String? {
        let names = unitsWithOneMachine
        return names.isEmpty ? nil : random.pick(names)
    }

    /// Somebody copies the whole disk of a machine, anchor and keys included, into another one.
    func clone(_ name: String) throws {
        dropLines(of: name)
        tally.add(.clones)
        copies[name] = try network.clone(name)
    }

    /// A unit with two machines; nil where none has.
    func unitWithCopy() -> String? {
        let names = copies.keys.sorted().filter(network.hasNode)
        return names.isEmpty ? nil : random.pick(names)
    }

    /// The clerk of a unit turns to the other one of its two machines.
    func sitAtOther(of name: String) throws {
        guard let other = copies[name] else { return }
        dropLines(of: name)
        let before = try network.journal(of: name)
        copies[name] = try network.sit(name, at: other)
        let after = try network.journal(of: name).leaves
        if let own = try network.node(name).replica.read({ try $0.identity }) {
            ledger.noteCloned(
                own.author, incarnation: own.incarnation, common: before.leaves.intersection(after))
        }
        // What only the machine has that stands aside now may never be seen again.
        try noteTaken(from: name, since: before)
        try wishNameIfCut(name)
    }

    /// A name under which two have worked, as the root knows, and that is not cut yet; nil where there is none.
    func forkToCut() throws -> ForkEvidence? {
        let forks = try network.node(network.root).replica.read { transaction in
            try transaction.forkEvidence().filter { fork in
                fork.feed == .casework && fork.author.unit.text != network.root
                    && network.hasNode(fork.author.unit.text)
                    && !transaction.charter.current.isCutNode(
                        unit: fork.author.unit, enrollment: fork.author.enrollment)
            }
        }
        // A cut chooses in the least incarnation that has forked, and covers all later ones.
        let least = forks.filter { fork in
            !forks.contains {
                $0.author.unit == fork.author.unit && $0.author.enrollment == fork.author.enrollment
                    && $0.author.depth < fork.author.depth
            }
        }
        return least.isEmpty ? nil : random.pick(least)
    }

    /// The root cuts off such a name, and keeps what one of the two did.
    func cut(_ fork: ForkEvidence) throws {
        let wish = CutWish(
            unit: fork.author.unit, ordinal: fork.author.enrollment,
            keeping: random.pick(fork.branches.map(\.name)))
        tally.add(.forksCut)
        dropLines(of: fork.author.unit.text)
        _ = try network.node(network.root).cut(wish, now: network.time(at: network.root))
        try wishNameIfCut(fork.author.unit.text)
    }

    /// A machine whose name was cut is to get another one, and keeps what it holds.
    func wishNameIfCut(_ name: String) throws {
        let own = try network.node(name).name
        let isCut = try network.node(network.root).replica.read {
            $0.charter.current.isCutNode(unit: own.unit, enrollment: own.ordinal)
        }
        if isCut { renaming.insert(name) } else { renaming.remove(name) }
    }

    /// Enrolls anew the machines whose name was cut, where their parent has heard of it.
    func enrollRenamed() throws {
        for name in renaming.sorted() {
            guard network.hasNode(name), network.parent(of: name).map(network.hasNode) == true else { continue }
            do {
                try network.enrollAgain(name)
                renaming.remove(name)
                tally.add(.renamed)
            } catch NodeError.unknownUnit, NodeError.notParent, ClockError.nothingIssued {
                continue
            }
        }
    }
}
