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
}

/// What happens to machines and their disks.
extension Simulation {
    /// Power loss at any moment: between transactions, in the middle of one, with a torn write at the end of the log.
    func crash() throws {
        let name = random.pick(network.names)
        dropLines(of: name)
        tally.add(.crashes)
        let marker = random.next() | 1
        let copy: DiskCopy
        if random.one(in: 2), let unit = UnitCode(name) {
            copy = try network.copyOfDiskWhileWriting(name) { transaction in
                _ = try transaction.meet(unit: unit, node: 99, incarnation: marker)
            }
        } else {
            copy = try network.copyOfDisk(name)
        }
        var torn = Data()
        if random.one(in: 2) {
            tally.add(.torn)
            torn = Data((0..<random.below(9000)).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
        let before = try network.journal(of: name).leaves
        try network.crash(name, leaving: copy, tornTail: torn)
        if try network.journal(of: name).leaves != before {
            failures.append("1: a crash of \(name) changed its journal")
        }
        if let unit = UnitCode(name),
            try network[name].replica.read({ try $0.peer(unit: unit, node: 99, incarnation: marker) }) != nil
        {
            failures.append("1: \(name) kept what was not committed")
        }
    }

    func restart() throws {
        let name = random.pick(network.names)
        dropLines(of: name)
        tally.add(.restarts)
        try network.restart(name)
    }

    func keepBackup() throws {
        let name = random.pick(network.names)
        if random.one(in: 3) {
            backups.append(.made(try network.backUp(name, as: "\(network.now.seconds)")))
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
        try restore(backup, losingAnchor: random.one(in: 3))
    }

    func restore(_ backup: KeptBackup, losingAnchor: Bool = false) throws {
        let name = backup.unit
        dropLines(of: name)
        tally.add(.restores)
        let incarnation = try network[name].replica.read { try $0.identity?.incarnation }
        let before = try network.journal(of: name).leaves
        let entries = try network[name].replica.read { $0.charter.count }
        if losingAnchor {
            tally.add(.anchorsLost)
            network.drop(name)
            try network.loseAnchor(of: name)
        }
        switch backup {
        case .copy(let copy): try network.crash(name, leaving: copy)
        case .made(let backup):
            tally.add(.madeRestores)
            try network.restore(backup, at: name)
        }
        ledger.noteRolledBack(before.subtracting(try network.journal(of: name).leaves))
        if name == network.root, try network[name].replica.read({ $0.charter.count }) < entries {
            ledger.noteLostEntries()
        }
        if try network[name].replica.read({ try $0.identity?.incarnation }) != incarnation { tally.add(.incarnations) }
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

    // MARK: - The root's charter

    private func enter(_ change: WireCharterEntry.OneOf_Change) throws {
        try network[network.root].enter([change], now: network.time(at: network.root))
    }

    func grant() throws {
        tally.add(.grants)
        let unit = random.pick(network.units).code
        let kind = random.pick([CaseAction.decide, .takeOver])
        try enter(
            .grant(
                .with {
                    $0.unit = unit.text
                    $0.kind = kind.rawValue
                }))
    }

    /// A unit of the lowest rank comes under another unit of its parent's rank.
    func moveSomeUnit() throws {
        let leaves = network.names.filter { network.below($0).isEmpty && network.parent(of: $0) != network.root }
        guard let name = leaves.isEmpty ? nil : random.pick(leaves), let parent = network.parent(of: name) else {
            return
        }
        let tier = network.units.first { $0.code.text == parent }?.tier
        let others = network.units.filter { $0.tier == tier && $0.code.text != parent && $0.kind == .centre }
        guard !others.isEmpty else { return }
        dropLines(of: name)
        tally.add(.moves)
        try network.move(name, under: random.pick(others).code.text)
    }

    /// A machine is stolen: the root cuts it as far as it knows its journal, its parent inherits, the unit enrolls
    /// another.
    func cutSomeMachine() throws {
        let candidates = network.names.filter { $0 != network.root }
        guard !candidates.isEmpty else { return }
        let name = random.pick(candidates)
        let node = network[name], root = network[network.root]
        let author = try node.replica.read { try node.author($0) }
        guard let opening = try root.replica.read({ try $0.opening(of: author) }) else { return }
        let through = try root.replica.read { try $0.gaplessHeads(of: author) }[1]
        let heir = network.parent(of: name).flatMap { UnitCode($0) }
        tally.add(.machinesCut)
        try enter(.cut(WireCut(Cut(author: opening.author, through: through, heir: heir))))
        dropLines(of: name)
        ledger.noteRolledBack(try network.journal(of: name).leaves)
        backups.removeAll { $0.unit == name }
        network.drop(name)
        waiting.append(name)
    }

    /// Enrolls the machines that are still to replace one that was cut. A parent may not have heard yet that the unit
    /// is under it.
    func enrollWaiting() throws {
        for name in waiting where network.parent(of: name).map(network.names.contains) == true {
            do {
                try network.enroll(name)
                waiting.removeAll { $0 == name }
            } catch NodeError.unknownUnit, NodeError.notParent {
                continue
            }
        }
    }
}
