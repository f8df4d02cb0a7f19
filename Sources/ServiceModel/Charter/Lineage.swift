extension Charter {
    /// Whether `upper` stands above `lower` in the topology of any known entry: a certificate that was issued rightly
    /// outlives a move (RULES.md, "Charter": power is removed by a cut).
    package func hasEverBeenAbove(_ upper: UnitCode, _ lower: UnitCode) -> Bool {
        topologies.contains { $0.isAbove(upper, lower) }
    }
}
