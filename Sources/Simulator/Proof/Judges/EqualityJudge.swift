import ChangeSet
import Foundation
import ServiceModel

/// Invariant 3: each node shows of its cases what the oracle makes of the change sets and the charter that it holds;
/// once all has healed, every node has the same charter, and names what it holds alike.
struct EqualityJudge: Judge {
    let law = Law.equalState

    func judge(_ hearing: Hearing) -> [Violation] {
        var out: [Violation] = []
        for (name, replica) in hearing.replicas where !hearing.world.isImpaired(name) {
            guard let own = hearing.own[name] else { continue }
            for record in own.records { out += differences(record, replica, name) }
        }
        return hearing.world.hasHealed ? out + healed(hearing) : out
    }

    private func differences(_ record: Truth.Record, _ replica: HeldReplica, _ name: String) -> [Violation] {
        func violation(_ finding: String, _ place: Place? = nil) -> Violation {
            Violation(law, at: name, record: record.creation, place: place, finding)
        }
        let rows = Set(record.acts.values.map(\.row.recordRow))
        guard rows.count == 1, let row = rows.first.flatMap({ $0 }), let shown = replica.shown[row] else {
            return [violation("its change sets are filed under \(rows.count) cases")]
        }
        let state = record.state
        var out: [Violation] = []
        for (leaf, status) in state.status where shown.status[leaf] != status {
            let found = shown.status[leaf] ?? "nothing"
            out.append(violation("shows \(found) instead of \(status)", record.acts[leaf]?.row.place))
        }
        for leaf in shown.status.keys where state.status[leaf] == nil {
            out.append(violation("shows a change set \(leaf) that is not of this case"))
        }
        // Of a case of which something has left, the stub says for whom it is, and a cut since may have added an heir.
        let hasLeft = !shown.told.isEmpty
        let units = state.units.union(shown.told)
        if hasLeft ? !shown.units.isSuperset(of: units) : shown.units != units {
            out.append(violation("is for \(shown.units.sorted()) instead of \(units.sorted())"))
        }
        guard shown.hasRow else {
            return record.first?.body?.hasPromise == true ? out + [violation("the case is not shown")] : out
        }
        if shown.holder != state.holder {
            out.append(violation("shows \(shown.holder ?? "nobody") as holder instead of \(state.holder ?? "nobody")"))
        }
        if shown.phase != state.phase {
            out.append(violation("shows phase \(shown.phase ?? "-") instead of \(state.phase ?? "-")"))
        }
        if shown.fields != state.values.mapValues(\.value) { out.append(violation("shows other values")) }
        if shown.conflicts != conflicts(of: record) {
            let want = state.conflicts.keys.sorted()
            out.append(violation("shows conflicts \(shown.conflicts.keys.sorted()) otherwise than \(want)"))
        }
        return out
    }

    /// With their ids: SHA-256 over record, field and the sorted leaves of the writes (PROTOCOL 11).
    private func conflicts(of record: Truth.Record) -> [String: HeldReplica.Conflict] {
        guard let creation = record.first?.leaf else { return [:] }
        return record.state.conflicts.reduce(into: [:]) { out, conflict in
            let (field, leaves) = conflict
            var content = Data("terrace-conflict-1".utf8) + record.creation.author.value.data
            content.append(record.creation.feed.rawValue)
            content.append(bigEndian: record.creation.sequence)
            content += creation.value.data
            content.append(bigEndian: UInt64(field.utf8.count))
            content += Data(field.utf8)
            for leaf in leaves { content += leaf.value.data }
            let chosen = record.state.values[field]?.value ?? ""
            let written = Set(leaves.compactMap { record.written(to: field, at: $0) })
            out[field] = .init(
                id: Digest32(hashing: content).data, chosen: chosen, others: written.subtracting([chosen]).sorted())
        }
    }

    private func healed(_ hearing: Hearing) -> [Violation] {
        let entries = hearing.truth.charter.whole.entries
        let charters = hearing.own.sorted { $0.key < $1.key }.compactMap { name, own in
            own.charter.whole.entries == entries
                ? nil : Violation(law, at: name, "knows \(own.charter.whole.entries.count) of \(entries.count) entries")
        }
        let waiting = hearing.truth.records.filter { $0.state.status.values.contains { $0.hasPrefix("pending") } }
        let concerned = Set(waiting.compactMap { hearing.truth.authors[$0.creation.author]?.unit })
        let shortened = Self.shortened(hearing)
        var fingerprints: [Violation] = []
        for (unit, found) in hearing.world.fingerprints.sorted(by: { $0.key < $1.key })
        where !concerned.contains(unit) {
            for creation in Set(found.values.flatMap(\.keys)) {
                let digests = found.filter { name, _ in
                    !shortened.contains(creation) || hearing.world.replicas[name]?.keepsOnlyStub(of: creation) != true
                }.mapValues { $0[creation] }
                guard Set(digests.values).count > 1 else { continue }
                let names = digests.sorted { $0.key < $1.key }.map { name, digest in
                    "\(name) \(digest.map { "\($0)".prefix(8) } ?? "nothing")"
                }
                fingerprints.append(
                    Violation(law, record: creation, "is known otherwise: \(names.joined(separator: ", "))"))
            }
        }
        return charters + fingerprints
    }

    /// Cases that have lost to the simulation what a person was told of: a stub still names it.
    private static func shortened(_ hearing: Hearing) -> Set<Place> {
        let everywhere = hearing.world.replicas.values.reduce(into: Set<Digest32>()) { $0.formUnion($1.journal.leaves) }
        let lost = hearing.ledger.confirmed.filter {
            hearing.ledger.isExcused($0.leaf) && !everywhere.contains($0.leaf)
        }
        return Set(lost.map(\.record))
    }
}

extension Truth.Record {
    /// What an effective or merged change set wrote to a field, itself or by the last request that it admitted.
    func written(to field: String, at leaf: Leaf) -> String? {
        guard let act = oracle.acts[leaf] else { return nil }
        let carried = act.admits.compactMap { oracle.acts[$0] } + [act]
        return carried.flatMap(\.writes).last { $0.field == field }?.value
    }
}
