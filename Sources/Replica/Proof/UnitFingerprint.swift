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

extension Transaction {
    /// Computed again from journal bytes: leaves, folded state, audience, conflict ids, what is pending and what is
    /// void, of every case that was created in the unit. Of a retired one the digest that its stub has.
    package func fingerprint(of unit: UnitCode) throws -> UnitFingerprint {
        let places = try Row.fetchAll(
            db,
            sql: """
                SELECT record.author, record.sequence FROM record JOIN author ON author.id = record.author
                WHERE record.feed = 2 AND author.unit = ? AND twin = 0 ORDER BY author.name, record.sequence
                """, arguments: [unit.text])
        var digest = Digest32(hashing: Data("terrace-fingerprint-2".utf8), Data(unit.text.utf8))
        var cases = 0
        var changeSets = 0
        var conflicts = 0
        var pending = 0
        var void = 0
        for place in places {
            for record in try caseRecords(author: place[0], sequence: place[1]) {
                if record.history.entries.isEmpty {
                    guard let stub = try fingerprintOfStub(record.row) else { continue }
                    cases += 1
                    digest = Digest32(hashing: digest.data, stub.digest.data)
                    changeSets += stub.changeSets
                    void += stub.void
                    continue
                }
                cases += 1
                digest = Digest32(hashing: digest.data, Digest32(hashing: Data(record.summary.utf8)).data)
                changeSets += record.history.entries.count
                conflicts += record.state.conflicts.count
                for status in record.state.status.values {
                    switch status {
                    case .pending: pending += 1
                    case .void: void += 1
                    default: break
                    }
                }
            }
        }
        return UnitFingerprint(
            digest: digest, cases: cases, changeSets: changeSets, conflicts: conflicts, pending: pending,
            void: void)
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
    /// Everything on which two replicas must agree, as lines of text in a fixed order.
    var summary: String {
        var lines = ["record \(creation.author) \(creation.sequence)"]
        for entry in history.entries.sorted(by: { $0.placed.leaf < $1.placed.leaf }) {
            let status = state.status[entry.placed.leaf.leaf]?.code ?? ""
            lines.append("leaf \(entry.placed.leaf) \(status)")
        }
        lines.append("chain \(state.chain.map(\.description).joined(separator: " "))")
        lines.append("holder \(state.holder?.text ?? "") phase \(state.phase?.rawValue ?? "") \(state.custodyInDoubt)")
        for (field, value) in state.values.sorted(by: { $0.key < $1.key }) {
            lines.append("field \(field.utf8.count) \(field) \(value.value.utf8.count) \(value.value) \(value.leaf)")
        }
        lines += conflicts.map { "conflict \($0.field) \($0.id)" }
        lines.append("units \(state.units.map(\.text).sorted().joined(separator: " "))")
        lines.append("heads \(state.heads.map(\.description).joined(separator: " "))")
        return lines.joined(separator: "\n")
    }
}
