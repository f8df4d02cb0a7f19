import ChangeSet
import ServiceModel

/// What a person was told is saved, kept outside the system.
package struct Confirmation: Hashable, Sendable {
    package let unit: String
    package let action: CaseAction
    package let place: Place
    package let leaf: Digest32
    package let record: Place
    /// Of an acceptance: the number on the paper.
    package let receipt: String?
    /// The latest that any clock above the unit had shown by then; nil at the root.
    package var shown: Int64?
    /// Of the machine at which it was; nil where nobody noted it.
    package var life: MachineLife?
}

/// All confirmations of a simulation, and what happened to the disks that held them.
package struct ConfirmationLedger {
    package private(set) var confirmed: [Confirmation] = []
    private var shown: [Digest32: Int64] = [:]
    /// By unit: change sets that its disk held and then, being rolled back or thrown away, no longer.
    private var taken: [String: Set<Digest32>] = [:]
    /// Those of them that nobody else held at that moment.
    private var lost: Set<Digest32> = []
    private var lostByName: Set<Leaf> = []
    /// By unit: what its last backup on another disk holds.
    private var backedUp: [String: Set<Digest32>] = [:]
    /// Authors as whom two machines write, with what both had when the second began.
    private var cloned: [AuthorID: Set<Digest32>] = [:]
    /// The root's charter was once shorter than before.
    package private(set) var hasLostEntries = false

    package init() {}

    package var records: [Place] { confirmed.filter { $0.receipt != nil }.map(\.record) }

    package mutating func note(_ confirmation: Confirmation) {
        confirmed.append(confirmation)
        if let time = confirmation.shown, shown[confirmation.leaf] == nil { shown[confirmation.leaf] = time }
    }

    /// The latest that any clock above its unit had shown when it was confirmed.
    func timeShown(at leaf: Digest32) -> Int64? { shown[leaf] }

    package mutating func noteCloned(_ author: AuthorID, common: Set<Digest32>) {
        if cloned[author] == nil { cloned[author] = common }
    }

    package func isCloned(_ author: AuthorID) -> Bool { cloned[author] != nil }

    /// Whether one of two machines under one name wrote it, and the other one had it not.
    package func isOfOneMachine(_ leaf: Digest32, by author: AuthorID) -> Bool {
        cloned[author].map { !$0.contains(leaf) } ?? false
    }

    /// - Parameter heldElsewhere: which of them another machine holds, and so must bring back.
    package mutating func noteTaken(_ leaves: Set<Digest32>, from unit: String, heldElsewhere: Set<Digest32>) {
        taken[unit, default: []].formUnion(leaves)
        let gone = leaves.subtracting(heldElsewhere)
        lost.formUnion(gone)
        lostByName.formUnion(gone.map(\.leaf))
    }

    package mutating func noteBackedUp(_ leaves: Set<Digest32>, of unit: String) { backedUp[unit] = leaves }

    package mutating func noteLostEntries() { hasLostEntries = true }

    /// Whether its absence everywhere is a loss that had to be: the last disk that held it lost it.
    package func isExcused(_ leaf: Digest32) -> Bool { lost.contains(leaf) }

    /// Whether the simulation has taken it from this unit's disk, whoever else held it.
    package func wasTaken(_ leaf: Digest32, from unit: String) -> Bool { taken[unit]?.contains(leaf) == true }

    /// What the unit's last backup on another disk holds.
    func backedUp(at unit: String) -> Set<Digest32> { backedUp[unit] ?? [] }

    package func isBackedUp(_ leaf: Digest32, at unit: String) -> Bool { backedUp[unit]?.contains(leaf) == true }

    /// Whether its absence is excused, by the name that others give it.
    package func isExcused(_ leaf: Leaf) -> Bool { lostByName.contains(leaf) }
}
