import ChangeSet
import Replica
import ServiceModel
import SyncNode

extension World {
    /// Of how many of its cases a holder is asked.
    private static let casesAsked = 3

    /// Does what must succeed once nothing is in the way any more: each counter that is in place accepts somebody, and
    /// whoever holds an open case writes a note on it. This changes the network, so that it comes last.
    package mutating func askWork(_ network: SimulatedNetwork) throws {
        for unit in network.names where !network.hasEnded(unit) {
            guard try !Self.isCut(unit, network) else { continue }
            refused[unit] = Self.refusals {
                try network.accept(at: unit)
            }
            let open = (replicas[unit]?.shown.values ?? [:].values).filter { shown in
                shown.holder == unit && !shown.status.isEmpty
                    && shown.phase.flatMap { Phase(rawValue: $0) }.map { !Phase.closed.contains($0) } == true
            }.map(\.creation).sorted { ($0.author, $0.sequence) < ($1.author, $1.sequence) }
            for creation in open.prefix(Self.casesAsked) {
                refused[unit]? += Self.refusals {
                    let fields = [CaseField.note + "goesOn": unit]
                    try network.act(.note, at: unit, on: creation, fields: fields)
                }
            }
        }
    }

    private static func isCut(_ unit: String, _ network: SimulatedNetwork) throws -> Bool {
        let name = try network.node(unit).name
        return try network.node(network.root).replica.read {
            $0.charter.current.isCutNode(unit: name.unit, enrollment: name.ordinal)
        }
    }

    private static func refusals(_ work: () throws -> Void) -> [String] {
        do { try work() } catch { return ["\(error)"] }
        return []
    }
}
