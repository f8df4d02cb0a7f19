/// A charter entry's statement of how far an author's casework journal stands and who inherits its custody
/// (RULES.md, "Charter"). It also covers every later incarnation under the same certificate, of which nothing stands.
package struct Cut: Hashable, Sendable {
    /// Two branches of the cut author's journal were seen; this one was chosen.
    package struct Fork: Hashable, Sendable {
        /// First sequence at which the branches differ. What is below it stands.
        package let from: UInt64
        /// Of the sequences from `from` to `through`, the leaves that stand.
        package let kept: Set<Leaf>

        package init(from: UInt64, kept: Set<Leaf>) {
            self.from = from
            self.kept = kept
        }
    }

    package let author: Author
    /// Sequence in the casework feed up to which the journal stands; 0 leaves nothing.
    package let through: UInt64
    /// The leaf at `through`, where it is known.
    package let digest: Leaf?
    package let fork: Fork?
    /// The unit that custody passes to which the author's unit had gained before.
    package let heir: UnitCode?
    /// The kinds of action that are taken away; nil is all of them, and only then does custody pass.
    package let scope: Set<ActionKind>?
    /// Sequences that no disk holds any more. They count as present and empty, whoever should still turn up with them.
    package let lost: [ClosedRange<UInt64>]

    package init(
        author: Author,
        through: UInt64,
        digest: Leaf? = nil,
        fork: Fork? = nil,
        heir: UnitCode?,
        scope: Set<ActionKind>? = nil,
        lost: [ClosedRange<UInt64>] = []
    ) {
        self.author = author
        self.through = through
        self.digest = digest
        self.fork = fork
        self.heir = heir
        self.scope = scope
        self.lost = lost
    }

    /// Whether it speaks of `other`: the author itself, or what its certificate opened later. Only re-enrollment gives
    /// a unit a machine again.
    package func covers(_ other: Author) -> Bool {
        other.id == author.id
            || (other.unit == author.unit && other.enrollment == author.enrollment && other.depth > author.depth)
    }

    /// Whether it takes away actions of this kind.
    package func takes(_ kind: ActionKind) -> Bool { scope?.contains(kind) ?? true }

    /// The last sequence up to which nothing is taken away.
    func untouched(of author: AuthorID) -> UInt64 {
        guard author == self.author.id else { return 0 }
        let starts = lost.map(\.lowerBound) + (fork.map { [$0.from] } ?? [])
        return min(through, starts.min().map { max($0, 1) - 1 } ?? through)
    }

    /// Whether a change set is in the part of the journal that stands.
    package func leavesStanding(_ leaf: Leaf, of author: AuthorID, at sequence: UInt64) -> Bool {
        guard author == self.author.id, reaches(leaf, at: sequence) else { return false }
        return sequence < through || digest == nil || digest == leaf
    }

    /// Whether it goes as far as a change set of its author, whichever one it names as the last.
    package func reaches(_ leaf: Leaf, at sequence: UInt64) -> Bool {
        guard sequence <= through else { return false }
        guard let fork, sequence >= fork.from else { return true }
        return fork.kept.contains(leaf)
    }

    /// Whether it raises `earlier`, a cut that covers the same author: further along the same chain. Over a cut of
    /// another incarnation it does so only where that one left nothing standing.
    package func raises(_ earlier: Cut) -> Bool {
        guard author.id == earlier.author.id else { return earlier.through == 0 }
        guard through >= earlier.through else { return false }
        if through == earlier.through, let digest, let before = earlier.digest, digest != before { return false }
        if let fork, let before = earlier.fork { return fork.kept.isSuperset(of: before.kept) }
        return true
    }

    /// Whether it says no more than `earlier`, which it raises.
    package func isNoMore(than earlier: Cut) -> Bool { through == earlier.through && choice == earlier.choice }

    /// The fork, where it takes something away: one that begins beyond `through` does not.
    private var choice: Fork? { fork.flatMap { $0.from <= through ? $0 : nil } }
}
