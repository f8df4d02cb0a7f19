import ChangeSet
import Foundation
import Replica
import ServiceModel
import SyncNode

/// Holds a healed network against the invariants of RULES.md, by their numbers. It reads the files, the ledger and the
/// fold of the root; what a node says of itself is not asked.
package struct Checker {
    private let network: SimulatedNetwork
    private let ledger: ConfirmationLedger
    private let journals: [String: HeldJournal]
    /// By record, as the root folds it.
    private var records: [Place: CaseRecord] = [:]
    /// Every unit that has ever stood above another.
    private let everAbove: [String: Set<String>]
    /// Units of cases that wait for a charter entry that no disk holds any more.
    private var waitingUnits: Set<String> = []
    package private(set) var violations: [String] = []
    package private(set) var tally = Tally()

    package init(
        _ network: SimulatedNetwork, ledger: ConfirmationLedger, everAbove: [String: Set<String>]
    ) throws {
        self.network = network
        self.ledger = ledger
        self.everAbove = everAbove
        journals = Dictionary(
            uniqueKeysWithValues: try network.names.map { ($0, try network.journal(of: $0)) })
        for record in Set(journals.values.flatMap(\.rows).compactMap(\.record)) {
            records[record] = try Self.record(record, at: network[network.root])
        }
    }

    private static func record(_ creation: Place, at node: Node) throws -> CaseRecord? {
        try node.replica.read { transaction in
            try transaction.record(created: creation).map { try transaction.caseRecord($0) }
        }
    }

    package mutating func check() throws {
        checkPositions()
        checkNumbers()
        checkConfirmations()
        try checkPending()
        try checkStates()
        checkChains()
        checkBodies()
        for name in network.names {
            for table in try network[name].replica.rebuild(keeping: false) where !table.isSame {
                violations.append("rebuild: \(name) \(table.name)")
            }
            for damage in try HeldJournal.damage(in: network.directory(name).replica) {
                violations.append("file: \(name) \(damage)")
            }
        }
        count()
    }

    // MARK: - 1 and 2

    private mutating func checkPositions() {
        for (name, journal) in sortedJournals where Set(journal.rows.map(\.leaf)).count != journal.rows.count {
            violations.append("1: \(name) holds a change set at two positions")
        }
        var leaves: [Place: Digest32] = [:]
        for (name, journal) in sortedJournals {
            for row in journal.rows where row.counts {
                if let other = leaves[row.place], other != row.leaf {
                    violations.append("2: \(row.place) has two leaves, one at \(name)")
                }
                leaves[row.place] = row.leaf
            }
        }
    }

    private mutating func checkNumbers() {
        let receipts = ledger.confirmed.compactMap(\.receipt)
        if Set(receipts).count != receipts.count { violations.append("2: a number was given twice") }
    }

    private mutating func checkConfirmations() {
        let everywhere = journals.values.reduce(into: Set<Digest32>()) { $0.formUnion($1.leaves) }
        for one in ledger.confirmed {
            guard everywhere.contains(one.leaf) else {
                if ledger.isExcused(one.leaf) {
                    tally.add(.losses)
                } else {
                    violations.append("1: lost everywhere: \(one.action) at \(one.unit), \(one.place.sequence)")
                }
                continue
            }
            guard let record = records[one.record] else {
                violations.append("1: the root lacks the record of \(one.action) at \(one.unit)")
                continue
            }
            if case .void(let reason) = record.state.status[one.leaf.leaf] {
                violations.append("1: confirmed and void: \(one.action) at \(one.unit), \(reason)")
            }
            for name in readers(of: record) where journals[name]?.leaves.contains(one.leaf) == false {
                violations.append("1: \(name) lacks \(one.action) of \(one.unit), \(one.place.sequence)")
            }
        }
    }

    // MARK: - 3, 5, 7

    /// A root that was rolled back may have forgotten an entry before anyone but one unit had it; what that unit had
    /// pinned to it waits for good when its disk is lost too, and so does what follows. Its case concerns nobody.
    private mutating func checkPending() throws {
        for (creation, record) in sortedRecords {
            var excused: Set<Leaf> = []
            for entry in record.history.entries {
                let leaf = entry.placed.leaf.leaf
                guard case .pending(let reason) = record.state.status[leaf] else { continue }
                let knowing = try network.names.filter { name in
                    try network[name].replica.read { $0.charter.contains(entry.pin) }
                }
                let isLost = reason == .entryUnknown && ledger.hasLostEntries && knowing.isEmpty
                if isLost || record.history.act(entry).parents.contains(where: { excused.contains($0.leaf) }) {
                    excused.insert(leaf)
                    tally.add(.losses)
                } else {
                    violations.append("5: the root waits: \(reason) \(leaf), its entry is known at \(knowing)")
                }
            }
            if !excused.isEmpty, let author = record.authors[creation.author] {
                waitingUnits.insert(author.unit.text)
            }
        }
    }

    /// The units with a node that must hold the record.
    private func readers(of record: CaseRecord) -> [String] {
        network.names.filter { name in
            record.state.units.contains { $0.text == name || network.path(above: $0.text).contains(name) }
        }
    }

    private mutating func checkStates() throws {
        for (creation, record) in sortedRecords {
            let leaves = Set(record.history.entries.map(\.placed.leaf))
            for name in readers(of: record) where name != network.root {
                guard let theirs = try Self.record(creation, at: network[name]) else {
                    violations.append("3: \(name) lacks a record of \(creation.author)")
                    continue
                }
                if Set(theirs.history.entries.map(\.placed.leaf)) != leaves {
                    let missing = leaves.subtracting(theirs.history.entries.map(\.placed.leaf)).count
                    violations.append("1: \(name) holds not all of a record, \(missing) missing")
                } else if theirs.state != record.state {
                    violations.append("3: \(name) folds a record otherwise than the root")
                } else if theirs.conflicts != record.conflicts {
                    violations.append("3: \(name) names conflicts otherwise than the root")
                }
            }
        }
        for name in network.names { try checkAncestors(at: name) }
        for unit in network.names where !waitingUnits.contains(unit) {
            let above = [unit] + network.path(above: unit).filter { network.names.contains($0) }
            if try network.fingerprints(of: unit, at: above).count != 1 {
                violations.append("3: the fingerprints of \(unit) differ")
            }
        }
    }

    private mutating func checkAncestors(at name: String) throws {
        for creation in Set(journals[name]?.rows.compactMap(\.record) ?? []) {
            guard let record = try Self.record(creation, at: network[name]) else { continue }
            for entry in record.history.entries {
                if case .pending = record.state.status[entry.placed.leaf.leaf] { continue }
                let parents = record.history.act(entry).parents
                if parents.contains(where: {
                    record.history.entry($0.leaf) == nil && record.state.status[$0.leaf] == nil
                }) {
                    violations.append("7: \(name) folds without an ancestor")
                }
            }
        }
    }

    // MARK: - 4

    private mutating func checkChains() {
        for (_, record) in sortedRecords {
            let chain = record.state.chain.compactMap(record.history.entry)
            let acting = chain.flatMap { entry in record.history.act(entry).admits + [entry.placed.leaf.leaf] }
            if Set(acting).count != acting.count { violations.append("4: something acted twice") }
            let decisions = acting.compactMap(record.history.entry).filter {
                $0.changeSet.kind == CaseAction.decide.kind
            }
            if decisions.count > 1 { violations.append("4: decided twice") }
        }
    }

    // MARK: - 8

    private mutating func checkBodies() {
        for (name, journal) in sortedJournals where name != network.root {
            for row in journal.rows {
                guard let creation = row.record, let record = records[creation] else { continue }
                let author = record.history.entry(row.leaf.leaf).flatMap { record.authors[$0.placed.place.author] }
                let concerned = record.state.units.map(\.text) + (author.map { [$0.unit.text] } ?? [])
                if !concerned.contains(where: { $0 == name || everAbove[name]?.contains($0) == true }) {
                    violations.append("8: \(name) holds a body of \(creation.author) that it may not see")
                }
            }
        }
    }

    // MARK: - What was met

    private mutating func count() {
        for (_, record) in sortedRecords {
            let entries = record.history.entries
            let acts = Dictionary(entries.map { ($0.placed.leaf.leaf, record.history.act($0)) }) { $1 }
            func past(_ leaf: Leaf) -> Set<Leaf> {
                var out: Set<Leaf> = []
                var next = [leaf]
                while let at = next.popLast() {
                    for parent in acts[at]?.parents ?? [] where out.insert(parent.leaf).inserted {
                        next.append(parent.leaf)
                    }
                }
                return out
            }
            let decisions = entries.filter { $0.changeSet.kind == CaseAction.decide.kind }.map(\.placed.leaf.leaf)
            for (index, one) in decisions.enumerated() {
                for two in decisions.dropFirst(index + 1) where !past(one).contains(two) && !past(two).contains(one) {
                    tally.add(.concurrentDecisions)
                }
            }
            tally.add(.threeHeadMerges, acts.values.filter { $0.parents.count > 2 }.count)
            tally.add(.conflicts, record.state.conflicts.count)
            tally.add(.answers, acts.values.filter { !$0.admits.isEmpty || !$0.declines.isEmpty }.count)
            tally.add(.takeovers, entries.filter { $0.changeSet.kind == CaseAction.takeOver.kind }.count)
            for status in record.state.status.values {
                switch status {
                case .request, .admitted, .declined: tally.add(.requests)
                default: break
                }
            }
        }
        tally.add(.widenings, journals.values.reduce(0) { $0 + $1.widenings })
        tally.add(.confirmations, ledger.confirmed.count)
    }

    private var sortedJournals: [(String, HeldJournal)] { journals.sorted { $0.key < $1.key } }
    private var sortedRecords: [(Place, CaseRecord)] {
        records.sorted { ($0.key.author, $0.key.sequence) < ($1.key.author, $1.key.sequence) }
    }
}
