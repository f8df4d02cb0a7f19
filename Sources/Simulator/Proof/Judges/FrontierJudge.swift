import ChangeSet
import ServiceModel

/// Invariant 10: where the city says that a unit is complete up to T by its parent's clock, it holds all that the unit
/// had booked by then. A booking is dated by the latest that any clock above the unit, now or ever, had shown when the
/// person was told of it; what nobody was told of, when it is first seen. Who quotes what, and which clock was set back
/// since, does not matter then.
struct FrontierJudge: Judge {
    private struct Booking {
        let leaf: Digest32
        let place: Place
        let time: Int64
    }

    let law = Law.frontierIsTrue
    /// By unit.
    private var booked: [String: [Booking]] = [:]
    private var seen: Set<Digest32> = []
    private var latest: [String: Int64] = [:]

    mutating func judge(_ hearing: Hearing) -> [Violation] {
        for (name, time) in hearing.world.clocks { latest[name] = max(latest[name] ?? .min, time) }
        for (name, replica) in hearing.replicas where name != hearing.world.root {
            let time = hearing.above(name).compactMap { latest[$0] }.max() ?? .max
            for row in replica.journal.rows where row.counts && row.place.feed == .casework {
                // Of all its incarnations: another may write since it was booked.
                guard replica.authors[row.place.author]?.unit == name else { continue }
                guard seen.insert(row.leaf).inserted else { continue }
                let shown = hearing.ledger.timeShown(at: row.leaf) ?? time
                booked[name, default: []].append(Booking(leaf: row.leaf, place: row.place, time: shown))
            }
        }
        guard let root = hearing.world.replicas[hearing.world.root], !hearing.world.isImpaired(hearing.world.root)
        else { return [] }
        let held = root.journal.leaves
        return hearing.world.frontier.sorted { $0.key < $1.key }.flatMap { unit, time in
            (booked[unit] ?? []).filter { booking in
                booking.time < time && !held.contains(booking.leaf) && isAwaited(booking, of: unit, hearing)
            }.map {
                let finding = "\(unit) is said to be complete up to \(time), and this of \($0.time) is not here"
                return Violation(law, at: hearing.world.root, place: $0.place, finding)
            }
        }
    }

    /// What a cut leaves is, and what lies behind it is not; nor is what the simulation has taken from the unit's disk,
    /// or only one of two machines under its name has.
    private func isAwaited(_ booking: Booking, of unit: String, _ hearing: Hearing) -> Bool {
        guard let author = hearing.truth.authors[booking.place.author] else { return false }
        let cuts = hearing.truth.charter.whole.cuts.map(\.cut).filter { $0.covers(author) }
        guard cuts.isEmpty else {
            let sequence = booking.place.sequence
            let isOfOneMachine = hearing.ledger.isOfOneMachine(booking.leaf, by: author.id)
            return cuts.contains {
                // A cut that knows of no fork leaves by numbers, under which two machines may have written.
                $0.leaves(booking.leaf.leaf, of: author.id, sequence) && !($0.forkFrom == 0 && isOfOneMachine)
            }
                && !cuts.contains { $0.author.id == author.id && $0.lost.contains { $0.contains(sequence) } }
        }
        return !hearing.ledger.wasTaken(booking.leaf, from: unit)
            && !hearing.ledger.isOfOneMachine(booking.leaf, by: author.id)
    }
}
