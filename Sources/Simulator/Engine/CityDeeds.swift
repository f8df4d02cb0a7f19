import Foundation
import ServiceModel
import SyncNode

/// What is done to machines and to the network in a run, with the deeds that the random steps have too.
extension City {
    private func someMachine() -> String { faultChance.pick(network.names) }

    func carryOut(_ deed: CityDeed, _ number: Int) throws {
        // What is done to machines finds each of them dead or alive, not in between; a clock needs no disk.
        if ![.clockJump, .deadBattery, .clockSet].contains(deed) { try loseDoomed { _ in true } }
        self.deed = deed
        defer { self.deed = nil }
        switch deed {
        case .crash, .restart, .backup, .loseAnchor: try touch(someMachine(), deed)
        case .restore: try restore(number)
        case .clockJump, .deadBattery, .clockSet: try setClock(of: someMachine(), deed, number)
        case .move: try moved(try world.moveSomeUnit())
        case .grant:
            try world.grant()
            tell("grant", [network.root])
            try grew(network.root, from: nil)
        case .cutMachine: try cutMachine()
        case .enroll:
            try enrollWaiting()
            try enrollRenamed()
        case .revise: try revise()
        case .duplicate: try duplicate()
        case .retire:
            guard world.casesLeave else { return }
            tell("retire", [])
            try world.retireSomewhere()
        case .fetch:
            guard let name = try world.fetchSomewhere() else { return }
            tell("fetch", [name])
            announce(name)
        case .merge: try merge()
        case .moveSubtree: try moved(try world.moveSomeSubtree())
        case .bundle:
            guard let name = try world.sendCourier() else { return }
            tell("bundle", [name])
        case .volume: try bringStick()
        case .clone: try clone()
        case .sit: try sit()
        case .cutFork: try cutFork()
        case .upgrade: try upgrade()
        case .snapshot:
            guard let name = try world.takeSnapshot() else { return }
            tell("snapshot", [name])
        case .rollBack: try rollBack(number)
        case .strain: try strain()
        case .loseDisk: try loseDisk()
        case .rot: try rot()
        }
    }

    private func touch(_ name: String, _ deed: CityDeed) throws {
        tell(deed.rawValue, [name])
        switch deed {
        case .crash:
            if faultChance.one(in: 2) { return try doom(name) }
            try begunAgain(name)
            try world.crash(name)
            try neighboursGrew(of: name)
        case .restart:
            try begunAgain(name)
            try world.restart(name)
        case .backup: try world.keepBackup(name)
        default: try network.loseAnchor(of: name)
        }
    }

    /// Amid its work a machine may have exchanged with a neighbour, of which no line of the city tells.
    private func neighboursGrew(of name: String) throws {
        for other in network.names {
            if network.parent(of: other) == name || network.parent(of: name) == other {
                try grew(other, from: name)
            }
        }
    }

    /// A machine's disk is full, or read-only, while its clerk and its lines are at work.
    private func strain() throws {
        let name = someMachine()
        tell("strain", [name])
        // Nobody could open its file anew meanwhile.
        network.hold(name, by: 1)
        defer { network.hold(name, by: -1) }
        try world.strainDisk(name)
        try grew(name, from: name)
        try neighboursGrew(of: name)
    }

    /// A machine stops, and starts again at once.
    func begunAgain(_ name: String) throws {
        let wasOn = isOn.contains(name)
        switchOff(name)
        if wasOn { try switchOn(name) }
    }

    private func restore(_ number: Int) throws {
        guard let chosen = world.backups.isEmpty ? nil : faultChance.pick(world.backups),
            network.hasNode(chosen.unit), let backup = try world.newest(chosen)
        else { return }
        let name = backup.unit
        try setBack(name, "restore", number) {
            try world.restore(backup, losingAnchor: faultChance.one(in: 3))
        }
        try followRoot(name)
        try grew(name, from: name)
    }

    /// A disk is gone. Its machine goes on from a backup, or stays off until another one is enrolled.
    private func loseDisk() throws {
        guard let name = try world.machineWithMortalDisk() else { return }
        let isLost = try attempt("disk lost", at: name) {
            let wasOn = isOn.contains(name)
            switchOff(name)
            let isLost = try world.loseDisk(of: name)
            if wasOn { try switchOn(name) }
            return isLost
        }
        guard isLost else { return }
        guard network.hasNode(name) else { return try grew(network.root, from: nil) }
        seen[name] = 0
        try followRoot(name)
        try enrollRenamed()
        try grew(name, from: name)
    }

    /// A disk changes something of a journal.
    private func rot() throws {
        let name = someMachine()
        try attempt("rot", at: name) {
            try begunAgain(name)
            return try world.rot(name)
        }
        seen[name] = 0
        try followRoot(name)
        try grew(name, from: name)
    }

    /// A root that was restored may have forgotten a move: machines dial whom its charter has above them.
    private func followRoot(_ name: String) throws {
        guard name == network.root else { return }
        try network.followCharter()
    }

    func moved(_ name: String?) throws {
        guard let name else { return }
        tell("move", [name], "under \(network.parent(of: name) ?? "")")
        loseLines(of: name)
        renewLife(of: name)
        planDial(name, after: 1000)
        try grew(network.root, from: nil)
    }

    private func cutMachine() throws {
        let candidates = world.unitsWithOneMachine
        guard !candidates.isEmpty else { return }
        let name = faultChance.pick(candidates)
        try attempt("cut off", at: name) {
            let wasOn = isOn.contains(name)
            switchOff(name)
            let isCut = try world.cutSomeMachine(name)
            if !isCut, wasOn { try switchOn(name) }
            return isCut
        }
        try grew(network.root, from: nil)
    }

    /// Machines that were cut off get a successor. A parent without a machine enrolls nobody.
    func enrollWaiting() throws {
        guard !world.waiting.isEmpty else { return }
        let before = world.waiting
        try world.enrollWaiting()
        for name in before where network.hasNode(name) {
            tell("enroll", [name])
            agents[name]?.life += 1
            seen[name] = 0
            try switchOn(name)
        }
    }

    /// The city publishes the next version of an item of its catalog, or the first.
    private func revise() throws {
        let code = "3700000\(100 + faultChance.below(40))"
        let root = try network.node(network.root)
        let day = network.now.day
        let known = try root.published()[code]
        var item =
            known
            ?? CatalogItem(
                code: code, name: "临时救助金给付\(code.suffix(2))", kind: .benefit,
                department: ItemDepartment(name: "民政局"), accepting: ItemAcceptance(tiers: [plan.tiers.count - 1]),
                decider: .tier(plan.tiers.count - 2))
        item.note = "第\((known?.version ?? 0) + 1)版，第\(day)日"
        let now = network.time(at: network.root)
        do {
            if known == nil {
                try root.publish([item], by: Publisher(actor: "o01"), now: now)
            } else {
                item.version += 1
                try root.revise([item], by: Publisher(actor: "o01"), now: now)
            }
            tell("revise", [network.root], code)
        } catch let error as CatalogError {
            deed = nil
            tell("refused", [network.root], error.code)
        }
        try grew(network.root, from: nil)
    }

    /// A whole request arrives once more.
    private func duplicate() throws {
        let names = network.names.filter { $0 != network.root && isOn.contains($0) }
        guard !names.isEmpty else { return }
        let name = faultChance.pick(names)
        guard let upper = network.parent(of: name), path(from: name, to: upper) == .open else { return }
        if let timed = agents[name]?.line.flatMap({ lines[$0] }) { lose(timed) }
        tell("duplicate", [name])
        try world.duplicate(name)
        try grew(name, from: upper)
        try grew(upper, from: name)
    }
}
