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
    /// Those of them that nobody else held at that moment, until somebody does.
    private var lost = Excused()
    /// By unit: those that had been in a backup of it, so that others may let go of them whenever it is, until the unit
    /// holds them again.
    private var relied: [String: Excused] = [:]
    /// By unit: what its last backup on another disk holds, and what any has held.
    private var backedUp: [String: Set<Digest32>] = [:]
    private var everBackedUp: [String: Set<Digest32>] = [:]
    /// Authors as whom two machines write, with what both had when the second began.
    private var cloned: [AuthorID: Set<Digest32>] = [:]
    /// Incarnations that two machines live, as whatever authors they write since.
    private var sharedLives: Set<UInt64> = []
    /// The root's charter was once shorter than before.
    package private(set) var hasLostEntries = false

    /// Change sets whose absence is excused, also by the name that others give them.
    private struct Excused {
        private(set) var leaves: Set<Digest32> = []
        private(set) var names: Set<Leaf> = []

        mutating func add(_ more: Set<Digest32>) {
            leaves.formUnion(more)
            names.formUnion(more.map(\.leaf))
        }

        mutating func remove(_ leaf: Digest32) {
            guard leaves.remove(leaf) != nil else { return }
            names.remove(leaf.leaf)
        }
    }

    package init() {}

    package var records: [Place] { confirmed.filter { $0.receipt != nil }.map(\.record) }

    package mutating func note(_ confirmation: Confirmation) {
        confirmed.append(confirmation)
        if let time = confirmation.shown, shown[confirmation.leaf] == nil { shown[confirmation.leaf] = time }
    }

    /// The latest that any clock above its unit had shown when it was confirmed.
    func timeShown(at leaf: Digest32) -> Int64? { shown[leaf] }

    package mutating func noteCloned(_ author: AuthorID?, incarnation: UInt64, common: Set<Digest32>) {
        if let author, cloned[author] == nil { cloned[author] = common }
        sharedLives.insert(incarnation)
    }

    package func isShared(incarnation: UInt64) -> Bool { sharedLives.contains(incarnation) }

    package func isCloned(_ author: AuthorID) -> Bool { cloned[author] != nil }

    /// Whether one of two machines under one name wrote it, and the other one had it not.
    package func isOfOneMachine(_ leaf: Digest32, by author: AuthorID) -> Bool {
        cloned[author].map { !$0.contains(leaf) } ?? false
    }

    /// - Parameter heldElsewhere: which of them another machine holds, and so must bring back.
    package mutating func noteTaken(_ leaves: Set<Digest32>, from unit: String, heldElsewhere: Set<Digest32>) {
        taken[unit, default: []].formUnion(leaves)
        let backedUp = leaves.filter { wasBackedUp($0, at: unit) }
        if !backedUp.isEmpty { relied[unit, default: Excused()].add(backedUp) }
        lost.add(leaves.subtracting(backedUp).subtracting(heldElsewhere))
    }

    /// What somebody holds is not lost: whoever loses it then needs an excuse of his own.
    mutating func noteHeld(_ leaves: Set<Digest32>, at unit: String) {
        for leaf in lost.leaves.intersection(leaves) { lost.remove(leaf) }
        for leaf in relied[unit]?.leaves.intersection(leaves) ?? [] { relied[unit]?.remove(leaf) }
    }

    package mutating func noteBackedUp(_ leaves: Set<Digest32>, of unit: String) {
        backedUp[unit] = leaves
        everBackedUp[unit, default: []].formUnion(leaves)
    }

    package mutating func noteLostEntries() { hasLostEntries = true }

    /// Whether its absence everywhere is a loss that had to be: the last disk that held it lost it.
    package func isExcused(_ leaf: Digest32) -> Bool {
        lost.leaves.contains(leaf) || relied.values.contains { $0.leaves.contains(leaf) }
    }

    /// Whether the simulation has taken it from this unit's disk, whoever else held it.
    package func wasTaken(_ leaf: Digest32, from unit: String) -> Bool { taken[unit]?.contains(leaf) == true }

    /// What the unit's last backup on another disk holds.
    func backedUp(at unit: String) -> Set<Digest32> { backedUp[unit] ?? [] }

    package func isBackedUp(_ leaf: Digest32, at unit: String) -> Bool { backedUp[unit]?.contains(leaf) == true }

    /// Whether any backup of the unit has held it, not only the last one.
    func wasBackedUp(_ leaf: Digest32, at unit: String) -> Bool { everBackedUp[unit]?.contains(leaf) == true }

    /// Whether its absence is excused, by the name that others give it.
    package func isExcused(_ leaf: Leaf) -> Bool {
        lost.names.contains(leaf) || relied.values.contains { $0.names.contains(leaf) }
    }
}
