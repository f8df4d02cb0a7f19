import ChangeSet
import ServiceModel

/// Invariant 4: the effective decisive actions of a case form one chain, nothing acts twice, and none is decided twice.
struct ChainJudge: Judge {
    private static let decide: UInt32 = 10

    let law = Law.oneChain

    func judge(_ hearing: Hearing) -> [Violation] {
        var out: [Violation] = []
        for record in hearing.truth.records {
            let chain = record.state.chain, oracle = record.oracle
            let acting = chain.flatMap { (oracle.acts[$0]?.admits ?? []) + [$0] }
            if Set(acting).count != acting.count {
                out.append(Violation(law, record: record.creation, "something acts twice"))
            }
            for (one, two) in zip(chain, chain.dropFirst()) where oracle.past[two]?.contains(one) != true {
                let place = record.acts[two]?.row.place
                out.append(
                    Violation(law, record: record.creation, place: place, "does not follow on the act before it"))
            }
            if acting.count(where: { oracle.acts[$0]?.kind == Self.decide }) > 1 {
                out.append(Violation(law, record: record.creation, "is decided twice"))
            }
        }
        for (name, replica) in hearing.replicas {
            guard let own = hearing.own[name] else { continue }
            for (_, shown) in replica.shown {
                let decided = shown.status.count { leaf, status in
                    (status == "effective" || status == "admitted")
                        && own[leaf]?.oracle.acts[leaf]?.kind == Self.decide
                }
                if decided > 1 { out.append(Violation(law, at: name, record: shown.creation, "shows two decisions")) }
            }
        }
        return out
    }
}
