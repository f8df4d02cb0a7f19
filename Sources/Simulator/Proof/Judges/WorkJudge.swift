/// What no invariant asks for: work goes on. A node that refuses everything once it has met a fault breaks no law.
struct WorkJudge: Judge {
    let law = Law.workGoesOn

    func judge(_ hearing: Hearing) -> [Violation] { judge(hearing.world) }

    func judge(_ world: World) -> [Violation] {
        world.refused.sorted { $0.key < $1.key }.flatMap { name, refusals in
            refusals.map { Violation(law, at: name, "refuses what nothing is in the way of: \($0)") }
        }
    }
}
