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

    /// The full cuts of an author, read as one: what the next one has to raise; nil where there are none.
    package func fullCut(of author: Author) -> Cut? { cut(of: author) { $0.scope == nil }?.part }

    /// Up to which sequence the journal of an author that was cut stands by number alone, under whichever seal; 0 where
    /// nothing does. Where a cut has chosen a line, that is up to where the lines part.
    package func standingBySequence(of author: Author) -> UInt64 {
        fullCut(of: author)?.untouched(of: author.id) ?? 0
    }

    /// The first full cut that names this very author, which alone has moved custody (RULES, "Charter").
    package func firstFullCut(naming author: Author) -> Cut? {
        ledger.cuts[author.unit]?.first {
            $0.cut.scope == nil && $0.cut.author.id == author.id && reach.contains($0.place)
        }?.cut
    }
}
