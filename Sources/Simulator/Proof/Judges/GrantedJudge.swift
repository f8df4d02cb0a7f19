import ChangeSet
import ServiceModel

/// Invariant 6: at a cursor whose digest the sender recognizes, the receiver has everything that the sender grants it
/// up to there. What a widening behind the cursor owes may still come.
struct GrantedJudge: Judge {
    let law = Law.allGranted

    func judge(_ hearing: Hearing) -> [Violation] {
        hearing.replicas.flatMap { name, replica -> [Violation] in
            guard !hearing.world.isImpaired(name) else { return [] }
            // To the units beside it two machines of one disk are one, which is not sent what it has said itself, until
            // one of them begins another life and is met anew; going on as another author is none.
            let isCloned = hearing.ledger.isShared(incarnation: replica.incarnation)
            let held = Set(replica.journal.rows.map(\.leaf))
            return replica.cursors.flatMap { cursor -> [Violation] in
                guard let sender = hearing.world.replicas[cursor.unit], !hearing.world.isImpaired(cursor.unit),
                    sender.node == cursor.node, sender.incarnation == cursor.incarnation,
                    sender.rolling[cursor.position] == cursor.rolling, let truth = hearing.own[cursor.unit]
                else { return [] }
                return granted(by: sender, truth, to: name, cursor).filter {
                    !held.contains($0.leaf) && !replica.keepsStub(of: $0, evenIfAskedFor: true)
                        && !(isCloned && $0.source.flatMap { sender.peers[$0] } == replica.name)
                }.map { row in
                    Violation(
                        law, at: name, record: row.record, place: row.place,
                        "not held, though the cursor of \(cursor.unit) at \(cursor.position) is past \(row.position)")
                }
            }
        }
    }

    private func granted(
        by sender: HeldReplica, _ truth: Truth, to unit: String, _ cursor: HeldReplica.Cursor
    ) -> [HeldJournal.Row] {
        let sight = truth.charter.whole
        func isBelow(_ lower: String, _ upper: String) -> Bool {
            lower == upper || sight.above(lower).contains(upper)
        }
        let isParent = sight.above(sender.unit).contains(unit)
        guard isParent || isBelow(unit, sender.unit) else { return [] }
        let late = sender.widenings.filter { $0.position > cursor.position }
        let moved = late.compactMap(\.moved)
        return sender.journal.rows.filter { row in
            guard row.isSealed, row.position <= cursor.position, Int(row.place.feed.rawValue) == cursor.feed,
                let author = truth.authors[row.place.author]?.unit
            else { return false }
            // A unit that moved since takes with it what is below it.
            func isCertain(_ unit: String) -> Bool { !moved.contains { isBelow(unit, $0) } }
            if isParent { return isBelow(author, sender.unit) && isCertain(author) }
            guard row.place.feed == .casework else {
                let owner = row.record.flatMap { truth.authors[$0.author]?.unit } ?? author
                return (isBelow(owner, unit) || isBelow(unit, owner)) && isCertain(owner) && isCertain(unit)
            }
            let units = truth[row.leaf.leaf]?.state.units ?? []
            return units.contains { concerned in
                isBelow(concerned, unit) && isCertain(concerned)
                    && !late.contains { $0.record == row.recordRow && $0.unit == concerned && $0.record != nil }
            }
        }
    }
}
