import ChangeSet
import Foundation
import Replica
import ServiceModel

extension Node {
    /// What this unit can do to a case as it stands, by what would become of it: an act of the chain, a request to the
    /// holder, or a merged write. The fold itself is asked, so that a page offers just what `act` would take.
    /// - Throws: `NodeError.cut`, `ReplicaError`.
    package func possibleActions(on record: CaseRecord, _ transaction: Transaction, now: Moment) throws
        -> [CaseAction: Verdict]
    {
        let author = try writingAuthor(transaction)
        let place = try transaction.nextPlace(of: author, in: .casework)
        let naming = try transaction.naming(at: place, on: record.row)
        var possible: [CaseAction: Verdict] = [:]
        for action in CaseAction.allCases where action != .accept {
            guard let step = trial(of: action, on: record, transaction, now: now) else { continue }
            if record.state.hasPendingMust, action.isChainAct { continue }
            let bytes = try changeSet(for: step, on: record, naming, now: now).bytes
            let verdict = try judge(
                bytes, at: place, after: record.history, in: record.fold, by: record.authors, transaction)
            switch verdict {
            case .chain, .request, .write: possible[action] = verdict
            case .void, .pending, .lost: break
            }
        }
        return possible
    }

    /// The step with just what the fold reads of it; nil where there is nothing that it could act upon.
    private func trial(
        of action: CaseAction, on record: CaseRecord, _ transaction: Transaction, now: Moment
    ) -> CaseStep? {
        var step = CaseStep(action, day: now.day, actor: "")
        switch action {
        case .forward:
            let others = record.state.units.union(transaction.charter.current.topology.above(name.unit))
            guard let target = others.subtracting([name.unit, record.state.holder].compactMap { $0 }).min() else {
                return nil
            }
            step.target = target
        case .settle:
            guard !record.state.conflicts.isEmpty else { return nil }
            step.fields = record.state.conflicts.keys.reduce(into: [:]) { $0[$1] = record.state.values[$1]?.value }
        case .answer:
            guard let open = record.state.requests.first ?? record.state.proposals.first else { return nil }
            step.declines = [open]
        case .evaluate: step.fields = [CaseField.evaluation: Satisfaction.satisfied.rawValue]
        case .decide: step.fields = [CaseField.decision: Outcome.granted.rawValue]
        case .reroute: return nil
        case .accept, .correct, .supplement, .takeOver, .deliver, .withdraw, .cancel, .amend, .note: break
        }
        return step
    }
}
