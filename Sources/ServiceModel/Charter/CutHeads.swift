extension CharterView {
    /// Up to where a cut that is visible from here lets an author's casework stand, and which sequences it states as
    /// lost; nil where no full cut covers the author. Of a later incarnation under the same certificate nothing
    /// stands.
    package func standing(of author: Author) -> (through: UInt64, lost: [ClosedRange<UInt64>])? {
        let cuts = (ledger.cuts[author.unit] ?? []).filter {
            $0.cut.scope == nil && $0.cut.covers(author) && reach.contains($0.place)
        }.map(\.cut)
        guard !cuts.isEmpty else { return nil }
        let own = cuts.filter { $0.author.id == author.id }
        return (own.map(\.through).max() ?? 0, own.flatMap(\.lost))
    }
}
