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
            for record in own.records { out += differences(record, own, replica, name) }
            out += leftovers(own, replica, name)
        }
        return hearing.world.hasHealed ? out + healed(hearing) : out
    }

    private func differences(
        _ record: Truth.Record, _ own: Truth, _ replica: HeldReplica, _ name: String
    ) -> [Violation] {
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
        let units = state.units.union(shown.told)
        if !Self.isFor(shown, units, own) {
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

    /// Of a case of which something has left, the stub says for whom it is, and cuts since may have added heirs.
    private static func isFor(_ shown: HeldReplica.Shown, _ units: Set<String>, _ own: Truth) -> Bool {
        guard !shown.told.isEmpty else { return shown.units == units }
        var allowed = units, grew = true
        while grew {
            let heirs = own.charter.whole.cuts.filter { allowed.contains($0.cut.author.unit) }.compactMap(\.cut.heir)
            grew = !allowed.isSuperset(of: heirs)
            allowed.formUnion(heirs)
        }
        return shown.units.isSuperset(of: units) && shown.units.isSubset(of: allowed)
    }

    /// Of a case of which no change set is held nothing is shown, but for whom it is where a stub says so.
    private func leftovers(_ own: Truth, _ replica: HeldReplica, _ name: String) -> [Violation] {
        let rows = Set(own.records.flatMap { $0.acts.values.compactMap(\.row.recordRow) })
        return replica.shown.sorted { $0.key < $1.key }.compactMap { row, shown in
            guard !rows.contains(row) else { return nil }
            let isShown = shown.hasRow || !shown.status.isEmpty || !shown.conflicts.isEmpty
            guard isShown || !Self.isFor(shown, shown.told, own) else { return nil }
            let finding = isShown ? "is shown, and no change set of it is held" : "is for \(shown.units.sorted())"
            return Violation(law, at: name, record: shown.creation, finding)
        }
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
        return charters + fingerprints(hearing)
    }

    /// Whoever must hold a case has one digest of it.
    private func fingerprints(_ hearing: Hearing) -> [Violation] {
        let records = Dictionary(grouping: hearing.truth.records, by: \.creation)
        let shortened = Self.shortened(hearing)
        return hearing.world.fingerprints.sorted { $0.key < $1.key }.flatMap { unit, found -> [Violation] in
            let line = Set([unit] + hearing.above(unit))
            let creations = Set(line.flatMap { found[$0].map { Array($0.keys) } ?? [] })
                .union(records.keys.filter { hearing.truth.authors[$0.author]?.unit == unit })
            return creations.sorted { ($0.author, $0.sequence) < ($1.author, $1.sequence) }.compactMap { creation in
                let siblings = records[creation] ?? []
                guard !siblings.contains(where: Self.isWaiting) else { return nil }
                // Of two cases with one number a unit at the side need not hold both.
                let readers = siblings.count == 1 ? line.union(hearing.readers(of: siblings[0])) : line
                return difference(creation, at: readers, found, isShortened: shortened.contains(creation), hearing)
            }
        }
    }

    private static func isWaiting(_ record: Truth.Record) -> Bool {
        record.state.status.values.contains { $0.hasPrefix("pending") }
    }

    private func difference(
        _ creation: Place, at readers: Set<String>, _ found: [String: [Place: Digest32]], isShortened: Bool,
        _ hearing: Hearing
    ) -> Violation? {
        let digests = readers.sorted().compactMap { name -> (name: String, digest: Digest32?)? in
            guard let replica = hearing.world.replicas[name], !hearing.world.isImpaired(name) else { return nil }
            guard !isShortened || !replica.keepsOnlyStub(of: creation) else { return nil }
            return (name, found[name]?[creation])
        }
        guard Set(digests.map(\.digest)).count > 1 else { return nil }
        let names = digests.map { name, digest in "\(name) \(digest.map { "\($0)".prefix(8) } ?? "nothing")" }
        return Violation(law, record: creation, "is known otherwise: \(names.joined(separator: ", "))")
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
