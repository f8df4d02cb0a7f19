import ChangeSet
import ServiceModel

/// Invariant 7: whoever folds a change set has all its ancestors on that record, but for what a cut states as lost.
struct AncestorJudge: Judge {
    let law = Law.ancestorsHeld

    func judge(_ hearing: Hearing) -> [Violation] {
        hearing.replicas.flatMap { name, replica -> [Violation] in
            guard let own = hearing.own[name] else { return [] }
            let shown = replica.shown.values.reduce(into: [Leaf: String]()) { $0.merge($1.status) { one, _ in one } }
            return own.records.flatMap { record in
                record.acts.values.compactMap { act in
                    guard let status = shown[act.leaf], !status.hasPrefix("pending"),
                        let read = record.oracle.acts[act.leaf], !record.oracle.isLost(read)
                    else { return nil }
                    let missing = read.parents.first { parent in
                        record.acts[parent.leaf] == nil && !record.oracle.isLost(parent.author, parent.sequence)
                    }
                    return missing.map {
                        let ancestor = Place(author: $0.author, feed: .casework, sequence: $0.sequence)
                        return Violation(
                            law, at: name, record: record.creation, place: act.row.place,
                            "is \(status) without its ancestor \(ancestor.short)")
                    }
                }
            }
        }
    }
}
