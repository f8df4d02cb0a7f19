import ChangeSet
import Foundation
import Replica
import ServiceModel
import SyncNode

/// What people do at the counters of a simulated network: whatever the case allows, and now and then what it does not.
extension Simulation {
    func acceptSomewhere() throws { try accept(at: random.pick(network.names)) }

    func accept(at name: String) throws {
        // Mostly upward; now and then to a unit at the side.
        var route = network.path(above: name).filter { _ in random.one(in: 2) }
        if random.one(in: 6) { route.append(random.pick(network.units).code.text) }
        do {
            let number = ledger.confirmed.count
            let reference = try network.accept(Matter(number: number), at: name, number: number, route: route)
            try note(.accept, at: name, record: reference.creation, receipt: reference.receipt)
        } catch let error as NodeError {
            try excuse(error, at: name)
        }
    }

    func actSomewhere() throws { try actSomewhere(at: random.pick(network.names)) }

    func actSomewhere(at name: String) throws {
        // What is recent is where people meet.
        let recent = Array(ledger.records.suffix(3))
        guard !recent.isEmpty else { return }
        try act(at: name, on: random.one(in: 4) ? random.pick(ledger.records) : random.pick(recent))
    }

    func act(at name: String, on creation: Place) throws {
        guard let record = try record(creation, at: name), record.state.phase != nil else { return }
        let unit = try network.node(name).name.unit
        let isHolder = record.state.holder == unit
        var step = CaseStep(
            isHolder ? holdersAction(record) : othersAction(record, name), day: network.now.day, actor: "c02")
        switch step.action {
        case .amend, .settle:
            let field = record.state.conflicts.keys.sorted().first ?? random.pick(Self.fields)
            step.fields = [field: "\(random.below(4))"]
        case .note: step.fields = [CaseField.note + "\(ledger.confirmed.count)": name]
        case .decide: step.fields = [CaseField.decision: random.one(in: 2) ? "granted" : "refused"]
        case .evaluate: step.fields = [CaseField.evaluation: random.pick(Satisfaction.allCases).rawValue]
        case .forward, .reroute: step.target = random.pick(network.units).code
        case .takeOver: step.presumedLost = random.one(in: 2)
        case .answer:
            let asked = random.pick(record.state.requests + record.state.proposals)
            if random.one(in: 2) { step.admits = [asked] } else { step.declines = [asked] }
        default: break
        }
        if random.one(in: 2) { step.seen = record.chainHeads }
        do {
            try network.take(step, at: name, on: creation)
            try note(step.action, at: name, record: creation, receipt: nil)
        } catch let error as NodeError {
            try excuse(error, at: name)
        }
    }

    /// Three units write the same field of one case before any of them hears of the others; then the root, which hears
    /// of all, writes on. Faults seldom leave three of them the room.
    func meet() throws {
        lines = []
        try enrollWaiting()
        for creation in ledger.records.reversed() {
            let names = try network.names.filter { try record(creation, at: $0)?.state.phase != nil }
            guard names.count > 2, names.contains(network.root) else { continue }
            for name in names.prefix(3) {
                try write(.amend, [CaseField.applicantAddress: "\(name)巷"], at: name, on: creation)
            }
            for name in network.names.reversed() where name != network.root { try exchange(name) }
            return try write(.note, [CaseField.note + "met": "\(names.count)"], at: network.root, on: creation)
        }
    }

    private func write(
        _ action: CaseAction, _ fields: [String: String], at name: String, on creation: Place
    ) throws {
        var step = CaseStep(action, day: network.now.day, actor: "c03")
        step.fields = fields
        do {
            try network.take(step, at: name, on: creation)
            try note(action, at: name, record: creation, receipt: nil)
        } catch let error as NodeError {
            try excuse(error, at: name)
        }
    }

    private static let fields = [CaseField.applicantPhone, CaseField.applicantAddress, CaseField.material + "form"]

    private func holdersAction(_ record: CaseRecord) -> CaseAction {
        if !(record.state.requests + record.state.proposals).isEmpty, random.one(in: 2) { return .answer }
        if !record.state.conflicts.isEmpty, random.one(in: 2) { return .settle }
        switch record.state.phase {
        case .accepted: return random.pick([.forward, .forward, .decide, .decide, .correct, .amend, .note, .withdraw])
        case .correcting: return random.pick([.supplement, .supplement, .amend, .withdraw, .forward])
        case .decided: return random.pick([.deliver, .forward, .note, .amend])
        default: return random.pick([.evaluate, .note, .amend])
        }
    }

    private func othersAction(_ record: CaseRecord, _ name: String) -> CaseAction {
        let holder = record.state.holder?.text
        let isAbove = holder.map { network.path(above: $0).contains(name) } ?? false
        if isAbove, random.one(in: 8) { return .takeOver }
        return random.pick([.amend, .amend, .note, .note, .decide, .withdraw, .evaluate, .reroute, .forward])
    }

    /// What a node refuses is no confirmation. Nothing but what was asked may be the reason.
    private func excuse(_ error: NodeError, at name: String) throws {
        switch error {
        case .impossible, .waits, .changedMeanwhile, .cut, .unknownUnit: return
        default: throw error
        }
    }

    private func note(_ action: CaseAction, at name: String, record: Place, receipt: String?) throws {
        let held = try network.node(name).replica.read { transaction in
            let row =
                try action == .accept
                ? transaction.record(writtenAt: record) : transaction.record(created: record)
            return try row.map { try transaction.caseRecord($0) }
        }
        guard let last = held?.history.entries.last else {
            failures.append("1: \(name) confirmed \(action) and does not hold it")
            return
        }
        ledger.note(
            Confirmation(
                unit: name, action: action, place: last.placed.place, leaf: last.placed.leaf, record: record,
                receipt: receipt, shown: network.latestShown(above: name), life: network.life(of: name)))
    }

    /// A node has told a person that a step on a case is saved.
    func noteConfirmed(_ action: CaseAction, at name: String, _ arrival: Arrival, receipt: String?) throws {
        let row = try network.node(name).replica.read { transaction in
            try transaction.record(writtenAt: arrival.place).flatMap { row in
                try transaction.caseRecord(row).history.entries.last { $0.placed.place == arrival.place }
            }
        }
        guard let row else { return fail("1: \(name) confirmed \(action) and does not hold it") }
        ledger.note(
            Confirmation(
                unit: name, action: action, place: arrival.place, leaf: row.placed.leaf, record: arrival.record,
                receipt: receipt, shown: network.latestShown(above: name), life: network.life(of: name)))
    }

    func record(_ creation: Place, at name: String) throws -> CaseRecord? {
        try network.node(name).replica.read { transaction in
            try transaction.record(created: creation).map { try transaction.caseRecord($0) }
        }
    }
}
