/// The other half of invariant 10: the city's figures equal a count of the judges' own over what the oracle makes of
/// the city's change sets; once all has healed, over those of the whole network.
struct FiguresJudge: Judge {
    let law = Law.frontierIsTrue

    func judge(_ hearing: Hearing) -> [Violation] {
        let root = hearing.world.root
        guard hearing.world.replicas[root] != nil, !hearing.world.isImpaired(root),
            let truth = hearing.world.hasHealed ? hearing.truth : hearing.own[root]
        else { return [] }
        let count = CaseCount(truth)
        let shown = Dictionary(grouping: hearing.world.figures, by: \.grouping)
        return CaseCount.Grouping.allCases.flatMap { grouping -> [Violation] in
            let want = count.figures(by: grouping, under: hearing.world.root)
            let found = Dictionary((shown[grouping.rawValue] ?? []).map { ($0.key, $0.counts) }) { one, _ in one }
            return Set(want.keys).union(found.keys).sorted().flatMap { key in
                let one = want[key] ?? [:], two = found[key] ?? [:]
                return Set(one.keys).union(two.keys).sorted().filter { one[$0] != two[$0] }.map { measure in
                    let group = grouping == .all ? "" : " of \(grouping.rawValue) \(key)"
                    let finding = "\(measure)\(group) is \(two[measure] ?? 0) and should be \(one[measure] ?? 0)"
                    return Violation(law, at: hearing.world.root, finding)
                }
            }
        }
    }
}
