extension Charter {
    /// Whether `upper` stands above `lower` in the topology of any known entry: a certificate that was issued rightly
    /// outlives a move (RULES.md, "Charter": power is removed by a cut).
    package func hasEverBeenAbove(_ upper: UnitCode, _ lower: UnitCode) -> Bool {
        topologies.contains { $0.isAbove(upper, lower) }
    }

    /// How often the unit has come under another parent than the one before.
    package func moves(of unit: UnitCode) -> Int {
        let parents = topologiesInOrder.compactMap { $0.parent(of: unit) }
        return zip(parents, parents.dropFirst()).count { $0 != $1 }
    }
}

extension CharterView {
    /// The greatest enrollment of the unit that a cut names; 0 where none does.
    package func lastCutEnrollment(of unit: UnitCode) -> UInt32 {
        ledger.cuts[unit]?.map(\.cut.author.enrollment).max() ?? 0
    }

    /// Whether a cut of full scope covers what this enrollment of the unit writes now: its node gets no connection.
    package func isCutNode(unit: UnitCode, enrollment: UInt32) -> Bool {
        ledger.cuts[unit]?.contains {
            $0.cut.scope == nil && $0.cut.author.enrollment == enrollment && reach.contains($0.place)
        } ?? false
    }
}
