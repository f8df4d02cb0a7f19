import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// What a replica holds of one unit's cases, as one digest that is equal wherever the same is held.
package struct UnitFingerprint: Hashable, Sendable {
    package let digest: Digest32
    package let cases: Int
    package let changeSets: Int
    package let conflicts: Int
    package let pending: Int
    package let void: Int
}

/// What a replica holds of one case, as a digest and what is counted of it.
package struct CasePrint: Hashable, Sendable {
    package let creation: Place
    package let digest: Digest32
    let changeSets: Int
    let conflicts: Int
    let pending: Int
    let void: Int
}

extension Transaction {
    /// Computed again from journal bytes: leaves, folded state, units, conflict ids, what is pending and what is void,
    /// of every case that was created in the unit. Of a retired one the digest that its stub has.
    package func fingerprint(of unit: UnitCode) throws -> UnitFingerprint {
        let prints = try casePrints(of: unit)
        let start = Digest32(hashing: Data("terrace-fingerprint-2".utf8), Data(unit.text.utf8))
        return UnitFingerprint(
            digest: prints.reduce(start) { Digest32(hashing: $0.data, $1.digest.data) }, cases: prints.count,
            changeSets: prints.reduce(0) { $0 + $1.changeSets }, conflicts: prints.reduce(0) { $0 + $1.conflicts },
            pending: prints.reduce(0) { $0 + $1.pending }, void: prints.reduce(0) { $0 + $1.void })
    }

    /// The cases of a fingerprint, in its order.
    package func casePrints(of unit: UnitCode) throws -> [CasePrint] {
        let places = try Row.fetchAll(
            db,
            sql: """
                SELECT record.author, record.sequence FROM record JOIN author ON author.id = record.author
                WHERE record.feed = 2 AND author.unit = ? AND twin = 0 ORDER BY author.name, record.sequence
                """, arguments: [unit.text])
        var out: [CasePrint] = []
        for place in places {
            for record in try caseRecords(author: place[0], sequence: place[1]) {
                if let print = try print(of: record) { out.append(print) }
            }
        }
        return out
    }

    private func print(of record: CaseRecord) throws -> CasePrint? {
        guard record.history.entries.isEmpty else { return CasePrint(record) }
        return try fingerprintOfStub(record.row).map { stub in
            CasePrint(
                creation: record.creation, digest: stub.digest, changeSets: stub.changeSets, conflicts: 0, pending: 0,
                void: stub.void)
        }
    }
}

extension CasePrint {
    fileprivate init(_ record: CaseRecord) {
        var pending = 0, void = 0
        for status in record.state.status.values {
            switch status {
            case .pending: pending += 1
            case .void: void += 1
            default: break
            }
        }
        self.init(
            creation: record.creation, digest: record.digest.with(units: record.state.units),
            changeSets: record.history.entries.count, conflicts: record.state.conflicts.count, pending: pending,
            void: void)
    }
}

extension Digest32 {
    /// The digest of a case with the units that it concerns today: a cut may add heirs to those of a retired one.
    func with(units: Set<UnitCode>) -> Digest32 {
        Digest32(hashing: data, Data(units.map(\.text).sorted().joined(separator: " ").utf8))
    }
}

extension Transaction {
    /// The cases with one creation's number, which are several after a fork, in an order that no arrival decides.
    private func caseRecords(author: Int64, sequence: Int64) throws -> [CaseRecord] {
        let rows = try Int64.fetchAll(
            db.cachedStatement(sql: "SELECT id FROM record WHERE author = ? AND feed = 2 AND sequence = ?"),
            arguments: [author, sequence])
        let records = try rows.map(caseRecord)
        guard records.count > 1 else { return records }
        return records.sorted { one, two in
            guard let first = one.acceptance, let second = two.acceptance else { return false }
            return first.placed.leaf < second.placed.leaf
        }
    }
}

extension CaseRecord {
    /// Over everything on which two replicas must agree but the units, as lines of text in a fixed order. A cut gives a
    /// closed case to another holder, who has nothing to do with it: who that is does not count.
    var digest: Digest32 { Digest32(hashing: Data(summary.utf8)) }

    private var summary: String {
        var lines = ["record \(creation.author) \(creation.sequence)"]
        for entry in history.entries.sorted(by: { $0.placed.leaf < $1.placed.leaf }) {
            let status = state.status[entry.placed.leaf.leaf]?.code ?? ""
            lines.append("leaf \(entry.placed.leaf) \(status)")
        }
        lines.append("chain \(state.chain.map(\.description).joined(separator: " "))")
        lines.append("phase \(state.phase?.rawValue ?? "")")
        if !(state.phase.map(Phase.closed.contains) ?? false) {
            lines.append("holder \(state.holder?.text ?? "") \(state.custodyInDoubt)")
        }
        for (field, value) in state.values.sorted(by: { $0.key < $1.key }) {
            lines.append("field \(field.utf8.count) \(field) \(value.value.utf8.count) \(value.value) \(value.leaf)")
        }
        lines += conflicts.map { "conflict \($0.field) \($0.id)" }
        lines.append("heads \(state.heads.map(\.description).joined(separator: " "))")
        return lines.joined(separator: "\n")
    }
}
