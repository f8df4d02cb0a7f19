import ChangeSet
import ServiceModel

/// All judges of a simulation. Let them look as often as something may have happened, and ask them when all has healed.
package struct Judges {
    private var judges: [any Judge] = [
        StandingJudge(), NumberJudge(), EqualityJudge(), ChainJudge(), LastingJudge(), GrantedJudge(), AncestorJudge(),
        SightJudge(), KeepingJudge(), FrontierJudge(), FiguresJudge(), FileJudge(), WorkJudge(),
    ]
    private let files = FileMemory()
    private let memory = OracleMemory()

    package init() {}

    /// What is to be judged amid the troubles. To read it may open a node, of which a ledger is told: nobody may be
    /// writing in that meanwhile.
    func world(of network: SimulatedNetwork) throws -> World { try World(network, files) }

    /// Looks at a network amid its troubles.
    package mutating func observe(
        _ network: SimulatedNetwork, _ ledger: ConfirmationLedger
    ) throws -> [Violation] {
        try judge(try world(of: network), ledger).violations
    }

    /// Looks at a network that has healed. Then it lets it do a little more work, so that nobody looks after that.
    /// - Returns: what was broken, and a tally of what was met.
    package mutating func check(
        _ network: SimulatedNetwork, _ ledger: ConfirmationLedger
    ) throws -> (violations: [Violation], tally: Tally) {
        var world = try World(network, files)
        try world.askHealed(network)
        let (violations, tally) = try judge(world, ledger)
        try world.askWork(network)
        return (violations + WorkJudge().judge(world), tally)
    }

    /// Looks at what may be a doctored network.
    package mutating func judge(
        _ world: World, _ ledger: ConfirmationLedger
    ) throws -> (violations: [Violation], tally: Tally) {
        var ledger = ledger
        return try judge(world, noting: &ledger)
    }

    /// The same, and notes in the ledger what is held.
    mutating func judge(
        _ world: World, noting ledger: inout ConfirmationLedger
    ) throws -> (violations: [Violation], tally: Tally) {
        for (name, replica) in world.replicas { ledger.noteHeld(replica.journal.leaves, at: name) }
        let hearing = try Hearing(world, ledger, memory)
        var violations: [Violation] = []
        // Judges go through sets, which have another order in each process.
        for at in judges.indices {
            violations += judges[at].judge(hearing).sorted { $0.description < $1.description }
        }
        return (violations, world.hasHealed ? Tally(hearing) : Tally())
    }
}
