/// What stands below the invariants: files are whole, and what is derived can be derived again. Nobody has taken damage
/// out of a file, or set a record aside that could not be read, where the simulation has damaged none.
struct FileJudge: Judge {
    let law = Law.filesWhole

    func judge(_ hearing: Hearing) -> [Violation] {
        let damage = hearing.world.damage.sorted { $0.key < $1.key }.flatMap { name, found in
            found.map { Violation(law, at: name, $0) }
        }
        let tables = hearing.world.tables.sorted { $0.key < $1.key }.flatMap { name, found in
            found.map { Violation(.tablesRebuilt, at: name, "\($0) is rebuilt otherwise") }
        }
        let impaired = hearing.replicas.filter { name, replica in
            replica.isImpaired && !hearing.world.impairedOnPurpose.contains(name)
        }.map { name, _ in Violation(law, at: name, "notes damage or a record set aside, and nothing damaged it") }
        return damage + tables + impaired
    }
}
