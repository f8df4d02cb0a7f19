import ChangeSet
import ServiceModel

/// Invariant 2: one digest at each place, or evidence of a fork; no number that was shown to anyone is issued again.
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
        return out + numbers(hearing, forked)
    }

    /// Numbers on paper: those in people's hands, and those that acceptances bear.
    private func numbers(_ hearing: Hearing, _ forked: Set<AuthorID>) -> [Violation] {
        let creations = hearing.truth.records.compactMap(\.first)
        var given = creations.compactMap { act -> (String, Place, Leaf)? in
            guard let receipt = act.body?.receipt, !receipt.isEmpty else { return nil }
            return (receipt, act.row.place, act.leaf)
        }
        given += hearing.ledger.confirmed.compactMap { one in one.receipt.map { ($0, one.place, one.leaf.leaf) } }
        return Dictionary(grouping: given, by: \.0).compactMap { receipt, uses in
            let isTwice = Set(uses.map(\.2)).count > 1
            return isTwice && !isOfOneForkedName(uses.map(\.1.author), hearing, forked)
                ? Violation(law, place: uses[0].1, "the number \(receipt) was issued twice") : nil
        }
    }
    /// Two machines of one disk may give one number, as long as both went under one name.
    private func isOfOneForkedName(_ authors: [AuthorID], _ hearing: Hearing, _ forked: Set<AuthorID>) -> Bool {
        func name(_ author: OracleAuthor) -> HeldReplica.Name {
            HeldReplica.Name(unit: author.unit, node: author.enrollment)
        }
        let names = Set(authors.compactMap { hearing.truth.authors[$0] }.map(name))
        return names.count == 1
            && hearing.truth.authors.values.contains { author in
                names.contains(name(author)) && (forked.contains(author.id) || hearing.ledger.isCloned(author.id))
            }
    }
}
