/// What stands below the invariants: files are whole, and what is derived can be derived again.
struct FileJudge: Judge {
    let law = Law.filesWhole

    func judge(_ hearing: Hearing) -> [Violation] {
        let damage = hearing.world.damage.sorted { $0.key < $1.key }.flatMap { name, found in
            found.map { Violation(law, at: name, $0) }
        }
        let tables = hearing.world.tables.sorted { $0.key < $1.key }.flatMap { name, found in
            found.map { Violation(.tablesRebuilt, at: name, "\($0) is rebuilt otherwise") }
        }
        return damage + tables
    }
}
