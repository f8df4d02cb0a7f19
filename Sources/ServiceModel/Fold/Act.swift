/// A change set as the fold reads it: its envelope and what its body writes.
package struct Act: Hashable, Sendable {
    /// A head of the record that the author had seen.
    package struct Parent: Hashable, Sendable {
        package let leaf: Leaf
        package let author: AuthorID
        package let sequence: UInt64

        package init(leaf: Leaf, author: AuthorID, sequence: UInt64) {
            self.leaf = leaf
            self.author = author
            self.sequence = sequence
        }
    }

    package struct FieldWrite: Hashable, Sendable {
        package let field: String
        package let value: String

        package init(field: String, value: String) {
            self.field = field
            self.value = value
        }
    }

    package let leaf: Leaf
    package let author: AuthorID
    /// In the author's casework journal, from 1.
    package let sequence: UInt64
    /// Whether it names no record, but is the beginning of one.
    package let isCreation: Bool
    /// Empty for a creation alone.
    package let parents: [Parent]
    /// The charter entry that its author had.
    package let pin: EntryDigest
    package let kind: ActionKind
    /// Who gets custody by a hand-over, or is added by a reroute.
    package let target: UnitCode?
    /// Units that the record is to pass; they belong to its audience.
    package let route: [UnitCode]
    /// One unit: they merge, wait or fall together. Of two writes to one field the later counts.
    package let writes: [FieldWrite]
    /// Requests and proposals that act by it, in this order, before it acts itself.
    package let admits: [Leaf]
    package let declines: [Leaf]
    /// It names the acknowledged head of the deposed holder, or says "presumed lost".
    package let evidence: Bool
    /// False where it is flagged must-understand and this node cannot read it.
    package let understood: Bool
    /// It waits where there is no rule for its kind, and is not void.
    package let mustUnderstand: Bool

    package init(
        leaf: Leaf,
        author: AuthorID,
        sequence: UInt64,
        isCreation: Bool,
        parents: [Parent] = [],
        pin: EntryDigest,
        kind: ActionKind,
        target: UnitCode? = nil,
        route: [UnitCode] = [],
        writes: [FieldWrite] = [],
        admits: [Leaf] = [],
        declines: [Leaf] = [],
        evidence: Bool = false,
        understood: Bool = true,
        mustUnderstand: Bool = false
    ) {
        self.leaf = leaf
        self.author = author
        self.sequence = sequence
        self.isCreation = isCreation
        self.parents = parents
        self.pin = pin
        self.kind = kind
        self.target = target
        self.route = route
        self.writes = writes
        self.admits = admits
        self.declines = declines
        self.evidence = evidence
        self.understood = understood
        self.mustUnderstand = mustUnderstand
    }

    /// Whether it answers requests or proposals.
    var answers: Bool { !admits.isEmpty || !declines.isEmpty }
}
