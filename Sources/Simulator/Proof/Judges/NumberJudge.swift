import ChangeSet
import ServiceModel

/// Invariant 2: one digest at each place, or evidence of a fork, which only the simulation makes; no number that was
/// shown to anyone is issued again.
struct NumberJudge: Judge {
    let law = Law.oneDigest

    func judge(_ hearing: Hearing) -> [Violation] {
        var out: [Violation] = []
        var leaves: [Place: Set<Digest32>] = [:]
        for (name, replica) in hearing.replicas {
            var here: [Place: Digest32] = [:]
            for row in replica.journal.rows where row.counts {
                leaves[row.place, default: []].insert(row.leaf)
                let before = here.updateValue(row.leaf, forKey: row.place)
                if let before, before != row.leaf, !replica.forked.contains(row.place.author) {
                    out.append(Violation(law, at: name, place: row.place, "two digests, and no fork is noted"))
                }
            }
        }
        let forked = hearing.world.replicas.values.reduce(into: Set<AuthorID>()) { $0.formUnion($1.forked) }
        let known = hearing.world.replicas[hearing.world.root]?.forked ?? []
        for (place, found) in leaves where found.count > 1 && hearing.world.hasHealed && !known.contains(place.author) {
            out.append(Violation(law, at: hearing.world.root, place: place, "two digests, and the root knows no fork"))
        }
        for (place, found) in leaves where found.count > 1 && !hearing.ledger.isCloned(place.author) {
            out.append(Violation(law, place: place, "two digests, of one that nobody has doubled or set back"))
        }
        return out + numbers(hearing, forked)
    }

    /// What a person was given once, however often it was sealed: what lies unsealed in a snapshot is sealed again.
    private struct Paper: Hashable {
        let receipt: String
        let place: Place
    }

    /// Numbers on paper: those in people's hands, and those that acceptances bear. That other characters were drawn
    /// behind it makes no other number of one: the running number never restarts.
    private func numbers(_ hearing: Hearing, _ forked: Set<AuthorID>) -> [Violation] {
        var given = hearing.truth.records.compactMap(\.first).compactMap { act -> Paper? in
            guard let receipt = act.body?.receipt, !receipt.isEmpty else { return nil }
            return Paper(receipt: receipt, place: act.row.place)
        }
        var lives: [Paper: MachineLife] = [:]
        for one in hearing.ledger.confirmed {
            guard let receipt = one.receipt else { continue }
            let paper = Paper(receipt: receipt, place: one.place)
            given.append(paper)
            lives[paper] = one.life
        }
        return Dictionary(grouping: given) { Self.number(on: $0.receipt) }.compactMap { number, papers in
            let different = Set(papers)
            return different.count > 1 && !isOfSeveralLives(different, number, lives, hearing, forked)
                ? Violation(law, place: papers[0].place, "the number \(number) was issued twice") : nil
        }
    }

    /// Unit, ordinal and running number, without what was drawn and the check.
    private static func number(on receipt: String) -> String {
        let parts = receipt.split(separator: "-")
        return parts.count > 2 ? parts.dropLast(2).joined(separator: "-") : receipt
    }

    /// Numbers that are passed over where an anchor was lost (RULES, "Numbers on paper"): what a machine gives after
    /// that is greater.
    private static let gap: UInt64 = 100_000

    /// Under one name two machines of one disk may give one number, and one machine whose anchor was set back, or was
    /// lost more than once; no machine gives it twice that knows what it has given.
    private func isOfSeveralLives(
        _ papers: Set<Paper>, _ number: String, _ lives: [Paper: MachineLife], _ hearing: Hearing,
        _ forked: Set<AuthorID>
    ) -> Bool {
        func name(_ author: OracleAuthor) -> HeldReplica.Name {
            HeldReplica.Name(unit: author.unit, node: author.enrollment)
        }
        let names = Set(papers.compactMap { hearing.truth.authors[$0.place.author] }.map(name))
        let known = papers.compactMap { lives[$0] }
        // A life that was set back before anybody heard of it has no author that is known.
        guard names.count <= 1, Set(known).count == known.count else { return false }
        if known.count == papers.count, Set(known.map(\.machine)).count == 1 {
            let running = number.split(separator: "-").last.flatMap { UInt64($0) } ?? 0
            return running > Self.gap || Set(known.map(\.setBacks)).count == known.count
        }
        return hearing.truth.authors.values.contains { author in
            names.contains(name(author)) && (forked.contains(author.id) || hearing.ledger.isCloned(author.id))
        }
    }
}
