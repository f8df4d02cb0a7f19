extension Charter {
    /// Whether an act on a published record counts: the entry that it pins is known, its author's unit was in the
    /// network there, and no cut that is visible there takes such acts from the author.
    ///
    /// Cuts name heads of casework alone. What a cut author published without seeing the cut stands until the unit,
    /// whose record it is, revises or retires it.
    package func permits(_ action: CatalogAction, of author: Author, pin: EntryDigest) -> Bool {
        guard let view = view(at: pin) else { return false }
        return view.mayAct(author.unit, action.kind, lowestTier: nil) && view.cut(of: author, for: action.kind) == nil
    }
}
