import ChangeSet
import Foundation
import Replica
import ServiceModel
import SyncNode

/// A network of real nodes that lives through what its seed says: faults first, then everything heals, then checkers
/// hold it against the rules.
package final class Simulation {
    package let seed: UInt64
    let network: SimulatedNetwork
    var random: SeededGenerator
    var ledger = ConfirmationLedger()
    private var judges = Judges()
    var lines: [SimulatedLine] = []
    var backups: [KeptBackup] = []
    /// By unit: what it left behind when it last began anew without its anchor.
    var leftBehind: [String: Set<Digest32>] = [:]
    /// By unit: its last backup on another disk.
    var elsewhere: [String: Backup] = [:]
    /// Closed cases may leave.
    var casesLeave = false
    /// Units whose machine was cut and has no successor yet.
    var waiting: [String] = []
    /// Units that were merged into another one, which need not be the last.
    var successors: [String: String] = [:]
    /// Sticks that are under way.
    var sticks: [CarriedVolume] = []
    /// By unit: the folder of another machine with the same disk, at which nobody sits.
    var copies: [String: String] = [:]
    /// Units in whose journal a disk has changed something, whole again or not.
    var rotten: Set<String> = []
    /// By unit, what was taken out of its journal then, by where it stood.
    var rotted: [String: [Place: Set<Digest32>]] = [:]
    /// Machines as they once were, to which somebody may go back.
    var snapshots: [MachineImage] = []
    /// Units whose machine works under a name that was cut.
    var renaming: Set<String> = []
    package internal(set) var failures: [String] = []
    package internal(set) var tally = Tally()
    /// What was done, for who looks for the reason of a failure.
    package private(set) var trace: [String] = []

    package init(seed: UInt64) throws {
        self.seed = seed
        random = SeededGenerator(state: seed)
        let units = Self.units(&random)
        network = try SimulatedNetwork(
            units: units, tiers: ["city", "county", "town", "village"], nodes: units.map(\.code.text), seed: seed)
        for name in network.names { network.skew[name] = Int64(random.below(600)) - 300 }
        keepLedger()
    }

    /// A network that others let live: no step is drawn here but those that are asked for.
    init(_ network: SimulatedNetwork, seed: UInt64) {
        self.seed = seed
        self.network = network
        random = SeededGenerator(state: SeededGenerator.seed(seed, for: "deeds"))
        keepLedger()
    }

    private func keepLedger() {
        network.leftBehind = { [unowned self] name, leaves in
            leftBehind[name] = leaves
            noteTaken(leaves, from: name)
        }
    }

    /// From now on chance is that of a name.
    func drawAnew(for name: String) { random = SeededGenerator(state: SeededGenerator.seed(seed, for: name)) }

    func fail(_ what: String) { failures.append(what) }

    private static let places: [(code: String, parent: String?, tier: Int, kind: UnitKind)] = [
        ("37", nil, 0, .centre), ("37B", "37", 1, .branch), ("371", "37", 1, .centre), ("372", "37", 1, .centre),
        ("3711", "371", 2, .centre), ("3712", "371", 2, .centre), ("3721", "372", 2, .centre),
        ("37111", "3711", 3, .point), ("37112", "3711", 3, .point), ("37121", "3712", 3, .point),
        (alike, "3712", 3, .point),
    ]
    /// A village whose code begins like that of a town that is not above it: who stands above whom is not in codes.
    private static let alike = "37119"

    /// A tree of 3 to 11 units.
    /// - Parameter random: what most are drawn from. The village that came when seeds had been kept is drawn from a
    ///   stream of its own, so that most of those make what they made.
    static func units(_ random: inout SeededGenerator) -> [UnitEntry] {
        let optional = ["37B", "372", "3712", "3721", "37111", "37112", "37121"]
        var later = SeededGenerator(state: SeededGenerator.seed(random.state, for: "alike"))
        var left = Set(optional.filter { _ in random.one(in: 3) })
        if !later.one(in: 4) { left.insert(alike) }
        var out: [UnitEntry] = []
        for (code, parent, tier, kind) in places where !left.contains(code) {
            guard parent == nil || out.contains(where: { $0.code.text == parent }), let unit = UnitCode(code) else {
                continue
            }
            out.append(
                UnitEntry(code: unit, name: code, tier: tier, parent: parent.flatMap { UnitCode($0) }, kind: kind))
        }
        return out
    }

    func noteAcceptance(_ reference: CaseReference, at name: String) throws {
        guard let last = try record(reference.creation, at: name)?.history.entries.last else { return }
        ledger.note(
            Confirmation(
                unit: name, action: .accept, place: last.placed.place, leaf: last.placed.leaf,
                record: reference.creation, receipt: reference.receipt, shown: network.latestShown(above: name),
                life: network.life(of: name)))
    }

    // MARK: - Two phases

    package enum Step: String, CaseIterable, Sendable {
        case accept, act, exchange, cut, open, step, run, hangUp, duplicate
        case crash, strainDisk, restart, backup, restore, underChild, move, grant, cutMachine, enroll
        case retire, fetch
        case merge, moveSubtree, bundle, volume, clone, sit, cutFork, upgrade
    }

    private static let weights: [(Step, Int)] = [
        (.accept, 8), (.act, 40), (.exchange, 16), (.cut, 10), (.open, 6), (.step, 30), (.run, 6), (.hangUp, 2),
        (.duplicate, 3), (.crash, 4), (.strainDisk, 2), (.restart, 2), (.backup, 4), (.restore, 3), (.underChild, 1),
        (.move, 1),
        (.grant, 1),
        (.cutMachine, 1), (.enroll, 3),
        (.moveSubtree, 1), (.merge, 1), (.bundle, 3), (.volume, 6), (.clone, 1), (.sit, 3), (.cutFork, 1),
        (.upgrade, 2),
    ]
    private static let leaving: [(Step, Int)] = [(.retire, 6), (.fetch, 2)]
    private static let deck = weights.flatMap { Array(repeating: $0.0, count: $0.1) }
    private static let leavingDeck = deck + leaving.flatMap { Array(repeating: $0.0, count: $0.1) }

    /// The phase of faults.
    package func trouble(steps: Int) throws {
        if random.one(in: 2) { try letCasesLeave() }
        if random.one(in: 2) { try beginOlder() }
        try acceptSomewhere()
        for _ in 0..<steps {
            network.pass(seconds: Int64(1 + random.below(300)))
            let step = random.pick(casesLeave ? Self.leavingDeck : Self.deck)
            trace.append(step.rawValue)
            try play(step)
            try network.followCharter()
            try look()
            if !failures.isEmpty { return }
        }
    }

    private func play(_ step: Step) throws {
        switch step {
        case .accept: try acceptSomewhere()
        case .act: try actSomewhere()
        case .exchange: try exchangeSomewhere()
        case .cut: try cutExchange()
        case .open: try openLine()
        case .step: try stepLines()
        case .run: try runSomeLine()
        case .hangUp: hangUpSomewhere()
        case .duplicate: try duplicateExchange()
        case .crash: try crash()
        case .strainDisk: try strainDisk()
        case .restart: try restart()
        case .backup: try keepBackup()
        case .restore: try restoreBackup()
        case .underChild: try rollBackUnderAChild()
        case .move: try moveSomeUnit()
        case .grant: try grant()
        case .cutMachine: try cutSomeMachine()
        case .enroll:
            try enrollWaiting()
            try enrollRenamed()
        case .retire: try retireSomewhere()
        case .fetch: _ = try fetchSomewhere()
        case .merge: try mergeSomeUnits()
        case .moveSubtree: try moveSomeSubtree()
        case .bundle: try sendCourier()
        case .volume: try bringStick()
        case .clone: try machineToClone().map(clone)
        case .sit: try unitWithCopy().map(sitAtOther)
        case .cutFork: try forkToCut().map(cut)
        case .upgrade: try unitToUpgrade().map(upgrade)
        }
    }

    /// All lines are good until nothing moves any more.
    package func heal() throws {
        lines = []
        network.skew = [:]
        // Who was not believed in the last hour that a machine was set back says it again.
        if !network.names.allSatisfy(believesClaims) { network.pass(seconds: Transaction.claimPause) }
        try end()
        var quiet = 0
        for _ in 0..<16 where quiet < 2 && failures.isEmpty {
            try network.followCharter()
            try enrollWaiting()
            try enrollRenamed()
            let before = try network.names.map { try network.node($0).replica.read { try $0.journalHead() } }
            for name in network.names.reversed() where name != network.root { try exchange(name) }
            for name in network.names where name != network.root { try exchange(name) }
            network.pass(seconds: 60)
            try look()
            if let fork = try forkToCut() {
                try cut(fork)
                continue
            }
            let after = try network.names.map { try network.node($0).replica.read { try $0.journalHead() } }
            quiet = before == after && waiting.isEmpty && renaming.isEmpty ? quiet + 1 : 0
        }
        if quiet < 2, failures.isEmpty { failures.append("link: the network does not come to rest") }
    }

    /// What people had begun is over: all programs are the present one, copies of disks are thrown away.
    func end() throws {
        try upgradeAll()
        copies = [:]
        snapshots = []
    }

    /// Holds the network against the rules amid its troubles.
    func look() throws {
        try scrubAgain()
        let world = try judges.world(of: network)
        failures += try judges.judge(world, noting: &ledger).violations.map(\.description)
    }

    package func check() throws {
        try scrubAgain()
        try demandTrueDamage()
        let (violations, met) = try judges.check(network, ledger)
        failures += violations.map(\.description)
        tally.add(met)
    }

    /// All of it.
    package func run(steps: Int) throws {
        try trouble(steps: steps)
        guard failures.isEmpty else { return }
        try meet()
        try heal()
        guard failures.isEmpty else { return }
        try check()
    }
}
