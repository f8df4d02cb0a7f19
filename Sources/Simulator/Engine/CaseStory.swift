import ChangeSet
import Replica
import ServiceModel
import SyncNode

/// What people have in mind about a case, outside of the system.
struct CaseStory: Sendable {
    /// In the run, from 0.
    let number: Int
    let creation: Place
    /// Which unit accepted it, and which is to decide.
    let unit: String
    let decider: String
    /// Where the citizen goes: to the unit, or to the one that goes on for it.
    var counter: String
    /// Two offices will write one field at about the same time.
    var isDisputed = false
    /// Who has it on the desk already.
    var desks: Set<String> = []

    init(number: Int, creation: Place, unit: String, decider: String) {
        (self.number, self.creation, self.unit, self.decider) = (number, creation, unit, decider)
        counter = unit
    }

    /// What the unit above does about a case of one that has ended: it takes over, and goes on as the holder.
    func takeOver(_ record: CaseRecord, day: Int32, _ random: inout SeededGenerator) -> CaseStep? {
        guard record.state.phase.map({ !Phase.closed.contains($0) }) == true else { return nil }
        var step = CaseStep(.takeOver, day: day, actor: "c04")
        step.presumedLost = random.one(in: 2)
        step.seen = record.chainHeads
        return step
    }

    /// What a clerk of a unit does when the case comes up at the desk; nil where there is nothing to do.
    func step(on record: CaseRecord, at name: String, day: Int32, _ random: inout SeededGenerator) -> CaseStep? {
        guard let phase = record.state.phase else { return nil }
        if record.state.holder?.text == name {
            return holdersStep(record, phase, at: name, day: day, &random)
        }
        guard name == counter else { return nil }
        if Phase.closed.contains(phase) {
            guard phase == .delivered, record.state.values[CaseField.evaluation] == nil, random.one(in: 3) else {
                return nil
            }
            var step = CaseStep(.evaluate, day: day, actor: "c01")
            step.fields = [CaseField.evaluation: random.pick(Array(Satisfaction.allCases.prefix(3))).rawValue]
            return step
        }
        if phase == .correcting {
            var step = CaseStep(.amend, day: day, actor: "c01")
            step.fields = [CaseField.material + "form": "\(random.below(9))"]
            return step
        }
        // A clerk's mistake is put right; a citizen thinks better of it.
        if random.one(in: 12) {
            var step = CaseStep(.amend, day: day, actor: "c01")
            step.fields = [CaseField.applicantAddress: "\(name)巷\(random.below(90))号"]
            return step
        }
        return random.one(in: 40) ? CaseStep(.withdraw, day: day, actor: "c01") : nil
    }

    private func holdersStep(
        _ record: CaseRecord, _ phase: Phase, at name: String, day: Int32, _ random: inout SeededGenerator
    ) -> CaseStep? {
        func step(_ action: CaseAction, to target: String? = nil) -> CaseStep {
            var step = CaseStep(action, day: day, actor: "c02")
            step.target = target.flatMap { UnitCode($0) }
            step.seen = record.chainHeads
            return step
        }
        let state = record.state
        if let asked = (state.requests + state.proposals).first {
            var answer = step(.answer)
            if random.below(10) < 7 { answer.admits = [asked] } else { answer.declines = [asked] }
            return answer
        }
        if let field = state.conflicts.keys.sorted().first {
            var settle = step(.settle)
            settle.fields = [field: state.values[field]?.value ?? ""]
            return settle
        }
        switch phase {
        case .accepted where name != decider: return step(.forward, to: decider)
        case .accepted:
            if random.one(in: 20) { return step(.correct) }
            var decide = step(.decide)
            decide.fields = [CaseField.decision: random.one(in: 15) ? "refused" : "granted"]
            return decide
        case .correcting: return step(.supplement)
        case .decided: return name == counter ? step(.deliver) : step(.forward, to: counter)
        default: return nil
        }
    }
}
