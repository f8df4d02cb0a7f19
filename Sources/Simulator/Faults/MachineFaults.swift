import ChangeSet
import Foundation
import Replica
import ServiceModel
import SyncNode

/// A unit's database as it once was: off its disk, or as the program backs it up.
enum KeptBackup {
    case copy(DiskCopy)
    case made(Backup)

    var unit: String {
        switch self {
        case .copy(let copy): copy.unit
        case .made(let backup): backup.manifest.unit
        }
    }

    /// Of the machine then.
    var ordinal: UInt32 {
        switch self {
        case .copy(let copy): copy.ordinal
        case .made(let backup): backup.manifest.node
        }
    }
}

/// A machine whose power goes soon, and what it held when that was settled.
struct PowerLoss {
    let unit: String
    let survivors: Survivors
    let held: Set<Digest32>
    /// How much had been confirmed to anybody.
    let confirmed: Int
}

/// What happens to machines and their disks.
extension Simulation {
    /// Power loss at any moment: in the middle of any change that the disk is asked for, or between two.
    func crash(_ chosen: String? = nil) throws {
        let name = chosen ?? random.pick(network.names)
        let loss = try expectPowerLoss(at: name)
        for _ in 0..<4 where !network.isDown(name) {
            do { try work(at: name) } catch ReplicaError.storage(let why, let path) {
                // What a person is told then is that it failed.
                guard network.isDown(name) else { throw ReplicaError.storage(why, at: path) }
                tally.add(.cutWrites)
            }
        }
        try powerReturns(loss)
    }

    /// The power of a unit's machine goes with one of the next changes to its disk.
    func expectPowerLoss(at name: String) throws -> PowerLoss {
        tally.add(.crashes)
        // It is open before anything happens to its disk.
        _ = try network.node(name)
        let held = try network.journal(of: name).leaves
        let survivors: Survivors = random.pick([
            .nothing, .everything, .some(SeededGenerator(state: random.next())),
            .some(SeededGenerator(state: random.next())),
        ])
        if case .some = survivors { tally.add(.torn) }
        network.disk(name).losePower(after: random.below(60), leaving: survivors)
        return PowerLoss(unit: name, survivors: survivors, held: held, confirmed: ledger.confirmed.count)
    }

    /// It has gone, at the latest now, and comes back: nothing that was confirmed is missing.
    func powerReturns(_ loss: PowerLoss) throws {
        let name = loss.unit
        network.disk(name).losePower(leaving: loss.survivors)
        dropLines(of: name)
        leftBehind[name] = nil
        try network.powerOn(name)
        let after = try network.journal(of: name).leaves
        let confirmed = ledger.confirmed.dropFirst(loss.confirmed).filter { $0.unit == name }.map(\.leaf)
        let promised = loss.held.union(confirmed)
        if !promised.subtracting(after).isSubset(of: leftBehind[name] ?? []) {
            failures.append("1: a crash of \(name) took what was confirmed")
        }
    }

    /// Something that writes at a unit's machine.
    private func work(at name: String) throws {
        switch random.below(4) {
        case 0: try accept(at: name)
        case 1: try actSomewhere(at: name)
        default:
            let links = network.names.filter { other in
                other != network.root && (other == name || network.parent(of: other) == name)
            }
            if !links.isEmpty { try exchange(random.pick(links)) }
        }
    }

    func restart(_ chosen: String? = nil) throws {
        let name = chosen ?? random.pick(network.names)
        dropLines(of: name)
        tally.add(.restarts)
        guard random.one(in: 2) else { return try network.restart(name) }
        let before = try network.journal(of: name).leaves
        leftBehind[name] = nil
        try network.kill(name)
        let after = try network.journal(of: name).leaves
        if !before.symmetricDifference(after).isSubset(of: leftBehind[name] ?? []) {
            failures.append("1: the end of its process changed the journal of \(name)")
        }
    }

    /// A disk is full, or read-only, for a while. What it does not take is not confirmed, and nothing of it is left.
    func strainDisk(_ chosen: String? = nil) throws {
        let name = chosen ?? random.pick(network.names), disk = network.disk(name)
        _ = try network.node(name)
        tally.add(.strainedDisks)
        if random.one(in: 3) { disk.isReadOnly = true } else { disk.room = Int64(random.below(60_000)) }
        defer { (disk.isReadOnly, disk.room) = (false, nil) }
        for _ in 0..<4 {
            do { try work(at: name) } catch ReplicaError.storage { tally.add(.refusedWrites) }
        }
    }

    func keepBackup(_ chosen: String? = nil) throws {
        let name = chosen ?? random.pick(network.names)
        if random.one(in: 3) {
            let backup =
                casesLeave ? try backUpElsewhere(name) : .made(try network.backUp(name, as: "\(network.now.seconds)"))
            backups.append(backup)
        } else {
            backups.append(.copy(try network.copyOfDisk(name)))
        }
        if backups.count > 4 { backups.removeFirst() }
    }

    /// The machine goes on from a backup; its anchor is that of today, or lost.
    func restoreBackup() throws {
        guard !backups.isEmpty else { return }
        let backup = random.pick(backups)
        guard network.names.contains(backup.unit) else { return }
        guard let newest = try newest(backup) else { return }
        try restore(newest, losingAnchor: random.one(in: 3))
    }

    /// What is restored in place of a backup: those below may have let go what the last one on another disk has.
    /// - Returns: nil where the machine has another name by now: no node opens what is another's.
    func newest(_ backup: KeptBackup) throws -> KeptBackup? {
        let newest = elsewhere[backup.unit].map { .made($0) } ?? backup
        return try network.node(backup.unit).name.ordinal == newest.ordinal ? newest : nil
    }

    func restore(_ backup: KeptBackup, losingAnchor: Bool = false, losingDisk: Bool = false) throws {
        let name = backup.unit
        dropLines(of: name)
        tally.add(.restores)
        let incarnation = try network.node(name).replica.read { try $0.identity?.incarnation }
        let before = try network.journal(of: name)
        let entries = try network.node(name).replica.read { $0.charter.count }
        if losingAnchor {
            tally.add(.anchorsLost)
            network.drop(name)
            try network.loseAnchor(of: name)
        }
        if losingDisk { try network.loseDisk(of: name) }
        switch backup {
        case .copy(let copy): try network.crash(name, leaving: copy)
        case .made(let backup):
            tally.add(.madeRestores)
            try network.restore(backup, at: name)
            try demandBackedUp(backup, at: name)
        }
        try noteTaken(from: name, since: before)
        // One whose anchor is of another machine of the same life, or of a day before, may fork any life of that name.
        if let incarnation, ledger.isShared(incarnation: incarnation),
            let own = try network.node(name).replica.read({ try $0.identity })
        {
            let common = before.leaves.intersection(try network.journal(of: name).leaves)
            ledger.noteCloned(own.author, incarnation: own.incarnation, common: common)
        }
        if name == network.root, try network.node(name).replica.read({ $0.charter.count }) < entries {
            ledger.noteLostEntries()
        }
        if try network.node(name).replica.read({ try $0.identity?.incarnation }) != incarnation {
            tally.add(.incarnations)
        }
    }

    /// A machine whose disk may die: the root's only where it can be had again.
    func machineWithMortalDisk() throws -> String? {
        let names = try unitsWithOneMachine + (lastBackup(of: network.root) == nil ? [] : [network.root])
        return names.isEmpty ? nil : random.pick(names)
    }

    /// A machine's disk dies with everything on it, keys and anchor too, and nobody has stolen it. As `terrace doctor`
    /// has it, the last backup is restored on another disk; where there is none the root cuts the name off, and another
    /// machine is enrolled.
    /// - Returns: false where the root has never heard of the machine, which stays as it is then.
    func loseDisk(of name: String) throws -> Bool {
        if let backup = try lastBackup(of: name) {
            try restore(.made(backup), losingDisk: true)
            try wishNameIfCut(name)
        } else {
            guard try cutSomeMachine(name) else { return false }
            try network.loseDisk(of: name)
        }
        tally.add(.disksLost)
        return true
    }

    /// What the program has backed up last of the node that a unit's machine is today.
    private func lastBackup(of name: String) throws -> Backup? {
        let made = backups.compactMap { kept -> Backup? in
            if case .made(let backup) = kept, backup.manifest.unit == name { backup } else { nil }
        }
        let ordinal = try network.node(name).name.ordinal
        return ([elsewhere[name]] + made.reversed()).compactMap { $0 }.first { $0.manifest.node == ordinal }
    }

    /// A relay that is rolled back without having written anything knows less of the charter than those below it.
    func rollBackUnderAChild() throws {
        let relays = network.names.filter { name in
            name != network.root && !network.below(name).isEmpty && network.parent(of: name) == network.root
        }
        guard !relays.isEmpty else { return }
        let relay = random.pick(relays)
        let children = network.names.filter { network.parent(of: $0) == relay }
        guard !children.isEmpty else { return }
        let child = random.pick(children)
        try exchange(child)
        let copy = KeptBackup.copy(try network.copyOfDisk(relay))
        let unit = random.pick(network.units).code
        try enter(
            .grant(
                .with {
                    $0.unit = unit.text
                    $0.kind = CaseAction.decide.rawValue
                }))
        try exchange(relay)
        try exchange(child)
        let confirmed = ledger.confirmed.count
        try noteAcceptance(try network.accept(at: child, number: confirmed, route: [relay]), at: child)
        try restore(copy)
        try exchange(child)
        tally.add(.pinGaps, try network.journal(of: relay).waitingForEntry)
    }

    // MARK: - Machines that are replaced

    /// Units below the root of whose machine there is no copy.
    var unitsWithOneMachine: [String] { network.names.filter { $0 != network.root && copies[$0] == nil } }

    /// A machine is stolen: the root cuts it as far as it knows its journal, its parent inherits, the unit enrolls
    /// another.
    /// - Returns: false where the root has never heard of the machine.
    @discardableResult
    func cutSomeMachine(_ chosen: String? = nil) throws -> Bool {
        let candidates = unitsWithOneMachine
        guard let name = chosen ?? (candidates.isEmpty ? nil : random.pick(candidates)) else { return false }
        let node = try network.node(name), root = try network.node(network.root)
        let author = try node.replica.read { try node.author($0) }
        guard let opening = try root.replica.read({ try $0.opening(of: author) }) else { return false }
        let through = try root.replica.read { try $0.gaplessHeads(of: author) }[1]
        let heir = network.parent(of: name).flatMap { UnitCode($0) }
        tally.add(.machinesCut)
        try enter(.cut(WireCut(Cut(author: opening.author, through: through, heir: heir))))
        dropLines(of: name)
        noteTaken(try network.journal(of: name).leaves, from: name)
        backups.removeAll { $0.unit == name }
        snapshots.removeAll { $0.unit == name }
        network.drop(name)
        renaming.remove(name)
        waiting.append(name)
        return true
    }

    /// Enrolls the machines that are still to replace one that was cut. A parent may not have heard yet that the unit
    /// is under it, and one whose clock is in doubt issues nothing. Where the last backup of the stolen machine lies on
    /// another disk the new one goes on from it: those below may have let go what it has.
    func enrollWaiting() throws {
        for name in waiting where network.parent(of: name).map(network.names.contains) == true {
            do {
                if let backup = elsewhere[name] {
                    try network.enroll(name, from: backup)
                    try demandBackedUp(backup, at: name)
                    try backUpElsewhere(name)
                } else {
                    try network.enroll(name)
                }
                waiting.removeAll { $0 == name }
            } catch NodeError.unknownUnit, NodeError.notParent, ClockError.nothingIssued {
                continue
            }
        }
    }
}
