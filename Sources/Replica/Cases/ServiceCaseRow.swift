import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// A case as the tables show it: derived from its record, and nothing more.
package struct ServiceCaseRow: Hashable, Sendable {
    package let record: Int64
    package let receipt: String
    package let promise: Promise
    /// As the acceptance proposes it where that waits for an answer.
    package let applicant: String
    package let channel: Channel
    package let acceptedBy: UnitCode
    /// Civil days since 1970.
    package let acceptedDay: Int32
    package let holder: UnitCode?
    package let phase: Phase?
    package let decidedBy: UnitCode?
    package let decidedDay: Int32?
    package let outcome: Outcome?
    package let closedDay: Int32?
    package let evaluation: String?
    package let fields: [String: String]
    package let times: CaseTimes
    package let conflicts: Int
    package let requests: Int
    package let pending: Int

    /// nil while no acceptance is held.
    package init?(_ record: CaseRecord, rules: DeadlineRules) {
        guard let acceptance = record.acceptance, let body = acceptance.body, let promise = body.promise,
            let author = record.authors[acceptance.placed.place.author]
        else { return nil }
        self.record = record.row
        receipt = body.receipt
        self.promise = promise
        let fields = record.state.values.mapValues(\.value)
        self.fields = fields
        let isProposed = record.state.status[acceptance.placed.leaf.leaf]?.isOpen ?? false
        let proposed = isProposed ? body.writes.last { $0.field == CaseField.applicantName }?.value : nil
        applicant = fields[CaseField.applicantName] ?? proposed ?? ""
        channel = acceptance.changeSet.channel
        acceptedBy = author.unit
        acceptedDay = body.day
        holder = record.state.holder
        phase = record.state.phase

        let chain = record.effectiveActs
        let decision = chain.first { $0.action == .decide }
        decidedBy = decision?.unit
        decidedDay = decision?.day
        // By the decision itself: its field may be written by others.
        outcome = decision?.writes.last { $0.field == CaseField.decision }.flatMap { Outcome(rawValue: $0.value) }
        closedDay = decidedDay ?? chain.first { $0.action == .withdraw || $0.action == .cancel }?.day
        evaluation = record.evaluation.flatMap { _ in fields[CaseField.evaluation] }
        times = CaseTimes(record, along: chain, promise: promise, decided: decidedDay, rules: rules)
        conflicts = record.state.conflicts.count
        requests = record.state.requests.count + record.state.proposals.count
        pending = record.state.status.values.count {
            if case .pending = $0 { true } else { false }
        }
    }

    func write(_ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO service_case (record, receipt, item, item_name, item_version, department,
                    item_kind, instant, promised, statutory, applicant, channel, accepted_by, accepted_day, holder,
                    phase, decided_by, decided_day, outcome, closed_day, delivered_day, evaluation, evaluated_day,
                    promised_due, promised_days, statutory_due, statutory_days, used_days, lacks_calendar, fields,
                    conflicts, requests, pending)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    ?, ?, ?)
                """)
        try statement.execute(arguments: [
            record, receipt, promise.item, promise.itemName, promise.version, promise.department, promise.itemKind,
            promise.instant, promise.promised?.text, promise.statutory?.text, applicant, channel.name, acceptedBy.text,
            acceptedDay, holder?.text, phase?.rawValue, decidedBy?.text, decidedDay, outcome?.rawValue, closedDay,
            times.delivered, evaluation, times.evaluated, times.promised?.due?.dayNumber, times.promised?.workingDays,
            times.statutory?.due?.dayNumber, times.statutory?.workingDays, times.used, times.lacksCalendar,
            JSONText.object(fields), conflicts, requests, pending,
        ])
    }
}

/// Something that was done to a case and counts.
struct EffectiveAct {
    let action: CaseAction
    let unit: UnitCode
    /// Legal day of the act.
    let day: Int32
    let writes: [Act.FieldWrite]
}

extension CaseRecord {
    /// What the citizen said of it, where that stands.
    var evaluation: RecordHistory.Entry? {
        let writer = state.values[CaseField.evaluation].flatMap { history.entry($0.writer) }
        let actions: [CaseAction?] = [.evaluate, .settle]
        return writer.flatMap { actions.contains(CaseAction(kind: $0.changeSet.kind)) ? $0 : nil }
    }

    /// What took effect along the chain, admitted requests each in its own name and with its own day.
    var effectiveActs: [EffectiveAct] {
        state.chain.compactMap(history.entry).flatMap { entry in
            history.admitted(by: entry) + [entry]
        }.compactMap { entry in
            guard let action = CaseAction(kind: entry.changeSet.kind),
                let unit = authors[entry.placed.place.author]?.unit, let body = entry.body
            else { return nil }
            return EffectiveAct(action: action, unit: unit, day: body.day, writes: body.writes)
        }
    }
}

extension Channel {
    /// The name that the tables, the command line and the API use.
    package var name: String {
        switch self {
        case .counter: "counter"
        case .online: "online"
        case .phone: "phone"
        case .machine: "machine"
        case .imported: "imported"
        }
    }
}

extension TimeLimit {
    /// A count and a letter: `20w` working days, `30d` days, `2m` months.
    package var text: String {
        switch unit {
        case .workingDays: "\(count)w"
        case .days: "\(count)d"
        case .months: "\(count)m"
        }
    }
}
