import ChangeSet
import ServiceModel

/// What is put before the judges: a network at one moment, what the oracle makes of all that it holds and of what each
/// node holds, and what people were told.
package struct Hearing {
    package let world: World
    /// Of all replicas together.
    let truth: Truth
    /// By unit: of its replica alone.
    let own: [String: Truth]
    package let ledger: ConfirmationLedger

    package init(_ world: World, _ ledger: ConfirmationLedger, _ memory: OracleMemory) throws {
        self.world = world
        self.ledger = ledger
        truth = try Truth(world.replicas.sorted { $0.key < $1.key }.map(\.value), memory)
        own = try world.replicas.mapValues { replica in
            try Truth([replica], memory, lacking: world.lacking[replica.unit] ?? [])
        }
    }

    /// The replicas in the order of their units.
    var replicas: [(name: String, replica: HeldReplica)] {
        world.replicas.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    func above(_ unit: String) -> [String] { truth.charter.whole.above(unit) }

    /// The units with a replica that must hold a case.
    func readers(of record: Truth.Record) -> [String] {
        let concerned = record.state.units.union(record.state.units.flatMap(above))
        return concerned.filter { world.replicas[$0] != nil }.sorted()
    }
}

/// One law's judge. It may remember what it saw before.
protocol Judge {
    var law: Law { get }
    mutating func judge(_ hearing: Hearing) -> [Violation]
}
