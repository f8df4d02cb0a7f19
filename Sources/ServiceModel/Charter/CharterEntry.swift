/// One entry of the root's log: what it changes and where it stands in the chain.
package struct CharterEntry: Hashable, Sendable {
    /// Place in the log; the genesis has the least, a join stands above what it adopts.
    package let number: UInt64
    package let digest: EntryDigest
    /// The entry before it; nil for the genesis alone.
    package let previous: EntryDigest?
    package let change: CharterChange

    package init(number: UInt64, digest: EntryDigest, previous: EntryDigest?, change: CharterChange) {
        self.number = number
        self.digest = digest
        self.previous = previous
        self.change = change
    }
}

/// What a charter entry changes.
package enum CharterChange: Hashable, Sendable {
    /// The first entry: the network's root unit.
    case genesis(root: UnitEntry)
    /// Part of a topology import. Consecutive entries are one group, which takes effect with the one that is `last`.
    /// A unit that is named again replaces its former entry; units that are not named stay.
    case units([UnitEntry], last: Bool)
    /// A unit comes under another parent; its tier stays.
    case move(unit: UnitCode, parent: UnitCode)
    /// A unit gets the power to do a kind of action that its tier does not give it.
    case grant(unit: UnitCode, kind: ActionKind)
    /// How far an author's journal stands, and who inherits its custody.
    case cut(Cut)
    /// No connections with the unit's node; nothing for the fold.
    case hold(unit: UnitCode)
    /// The authority adopts the entries of a branch that a restored root had forgotten.
    case join(orphan: EntryDigest)
    /// The working days of a year; nothing for the fold.
    case calendar(CalendarYear)
    /// A value of the network's own, by its name; nothing for the fold.
    case policy(name: String, value: String)
    /// What this version does not read.
    case other
}

/// What a unit of the service network is.
package enum UnitKind: String, Hashable, Sendable {
    /// The centre of its tier.
    case centre
    /// A branch centre: on the tier of its parent's children, with no division of its own.
    case branch
    /// A service point.
    case point
}

/// A unit as a topology import states it.
package struct UnitEntry: Hashable, Sendable {
    package let code: UnitCode
    package let name: String
    /// Rank in the network: 0 is the city, greater is lower.
    package let tier: Int
    package let parent: UnitCode?
    package let kind: UnitKind
    /// Code of the administrative division, where there is one.
    package let division: String?
    /// First civil day of its validity, as a day number; nil is since ever. Plays no part in the fold.
    package let from: Int32?
    /// Last civil day of its validity, as a day number; nil is without end. Plays no part in the fold.
    package let until: Int32?

    package init(
        code: UnitCode,
        name: String,
        tier: Int,
        parent: UnitCode?,
        kind: UnitKind = .centre,
        division: String? = nil,
        from: Int32? = nil,
        until: Int32? = nil
    ) {
        self.code = code
        self.name = name
        self.tier = tier
        self.parent = parent
        self.kind = kind
        self.division = division
        self.from = from
        self.until = until
    }

    /// The same unit with a last day.
    package func ending(on day: Int32) -> UnitEntry {
        UnitEntry(
            code: code, name: name, tier: tier, parent: parent, kind: kind, division: division, from: from, until: day)
    }

    /// The same unit under another parent.
    func moved(under parent: UnitCode) -> UnitEntry {
        UnitEntry(
            code: code,
            name: name,
            tier: tier,
            parent: parent,
            kind: kind,
            division: division,
            from: from,
            until: until
        )
    }
}
