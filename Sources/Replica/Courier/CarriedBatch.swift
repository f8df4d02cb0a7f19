import ChangeSet
import ServiceModel

extension Transaction {
    /// Takes in a batch that a courier brought: in any order, again, or with some missing. What is held up to the
    /// cursor is no news; what lies behind a gap is applied, and the cursor moves over it once the gap is filled.
    /// - Parameters:
    ///   - isForThis: the batch was chosen for this life of the database, or for who holds nothing. Else it may leave
    ///     out what only an earlier life had, and moves no cursor.
    ///   - isOfCut, now, check: as in `apply`.
    /// - Throws: as `apply`.
    package func applyCarried(
        _ batch: WireBatch, from peer: Peer, isForThis: Bool, isOfCut: Bool, now: Int64,
        check: (SignedOpening) throws -> Void
    ) throws -> Reception {
        guard let feed = UInt8(exactly: batch.feed).flatMap(Feed.init), feed != .charter else {
            return try apply(batch, from: peer, now: now, check: check)
        }
        let stretch = CarriedStretches.Stretch(
            start: try JournalCursor(batch.start), end: try JournalCursor(batch.end))
        let introducesOnly = stretch.end == .start && stretch.start == .start
        guard introducesOnly || stretch.start.isBefore(stretch.end) else { throw WireError.malformed("batch") }
        var loose = batch
        loose.start = JournalCursor.start.wire(feed)
        loose.end = JournalCursor.start.wire(feed)
        let reception = try apply(loose, from: peer, isOfCut: isOfCut, now: now, check: check)
        let held = try cursors(peer, feed).received
        guard isForThis, held.isBefore(stretch.end) else { return reception }
        var carried = try carriedStretches(of: peer, feed)
        carried.add(stretch)
        let reached = carried.reach(from: held)
        try keep(carried, of: peer, feed)
        if reached != held { try keep(received: reached, from: peer, feed) }
        return reception
    }
}
