import ChangeSet
import Replica
import ServiceModel
import SyncNode

/// A case with all that its pages show of it, as one transaction saw it.
struct CaseFile {
    let record: CaseRecord
    let row: ServiceCaseRow
    /// The item in the version under which it was accepted; nil where that is not held.
    let item: CatalogItem?
    /// Where and when one may ask: as the accepting unit offered the item on that day.
    let place: ServicePlace
    let topology: Topology
    let rules: DeadlineRules
    let possible: [CaseAction: Verdict]
    /// Between which moments each change set was written.
    let brackets: [Leaf: DateBracket]
    /// Whether the node's clock can say the day of an act.
    let clock: ClockStanding

    /// The case with this number, typed as people type.
    /// - Throws: `NodeError.unknownCase`, `ReplicaError`.
    init(typed receipt: String, at node: Node, now: Moment, _ transaction: Transaction) throws {
        record = try transaction.caseRecord(try transaction.caseReference(typed: receipt).record)
        rules = transaction.deadlineRules
        brackets = try transaction.dateBrackets(of: record)
        guard let row = ServiceCaseRow(record, rules: rules) else { throw NodeError.unknownCase(receipt) }
        self.row = row
        let published = try transaction.catalogItem(
            code: row.promise.item, for: row.acceptedBy, on: row.acceptedDay
        ).flatMap { try transaction.catalogRecord($0.record) }
        item = published?.item?.version(row.promise.version)
        let offer = try published.flatMap {
            try transaction.offer(of: $0, at: row.acceptedBy, on: row.acceptedDay)
        }
        let overrides = offer?.overrides.map(\.override) ?? []
        place = (item ?? offer?.line.current)?.applying(overrides).place ?? ServicePlace()
        topology = transaction.charter.current.topology
        clock = try node.clock(transaction, now: now)
        do {
            possible = try node.possibleActions(on: record, transaction, now: now)
        } catch NodeError.cut {
            // A node that may not write shows its cases all the same.
            possible = [:]
        }
    }

    /// Accepting unit first, deciding one last, as promised.
    var route: [UnitCode] { record.acceptance?.changeSet.route ?? [] }

    /// The clerk who accepted it.
    var clerk: String { record.acceptance?.changeSet.actor ?? "" }

    /// The materials of the case by their fields, in the item's order.
    var materials: [(key: String, value: String)] {
        let order = item?.materials.map { CaseField.material + $0.id } ?? []
        func rank(_ field: String) -> (Int, String) { (order.firstIndex(of: field) ?? order.count, field) }
        return row.fields.filter { $0.key.hasPrefix(CaseField.material) }.sorted { rank($0.key) < rank($1.key) }
    }

    /// What may be typed into a field; nil for one that no form has, or whose item is not held.
    func field(_ name: String) -> FormField? {
        if name.hasPrefix(CaseField.form) {
            return item?.form.first { $0.name == name.dropFirst(CaseField.form.count) }
        }
        return ApplicantForm.fields.first { $0.name == name }
    }

    func name(_ unit: UnitCode) -> String { topology[unit]?.name ?? unit.text }

    /// Who has held it, and since which legal day.
    var custody: [(unit: UnitCode, since: Int32)] {
        var holders: [(unit: UnitCode, since: Int32)] = []
        let acts = record.state.chain.compactMap(record.history.entry).flatMap { entry in
            record.history.act(entry).admits.compactMap(record.history.entry) + [entry]
        }
        for entry in acts {
            let author = record.authors[entry.placed.place.author]?.unit
            let taken: UnitCode? =
                switch CaseAction(kind: entry.changeSet.kind) {
                case .accept, .takeOver: author
                case .forward: entry.changeSet.target
                default: nil
                }
            if let taken { holders.append((taken, (try? CaseBody(entry.changeSet.body))?.day ?? row.acceptedDay)) }
        }
        // A cut hands over what it takes from a unit.
        if let holder = row.holder, holders.last?.unit != holder {
            holders.append((holder, holders.last?.since ?? row.acceptedDay))
        }
        return holders
    }

    /// Requests and proposals that wait for the holder.
    var questions: [RecordHistory.Entry] {
        (record.state.requests + record.state.proposals).compactMap(record.history.entry)
    }

    // MARK: - Words

    /// What somebody asks for, who, and why.
    func words(of question: RecordHistory.Entry, _ text: PageText) -> String {
        [
            Self.action(question.changeSet.kind, text),
            record.authors[question.placed.place.author].map { name($0.unit) } ?? "",
            (try? CaseBody(question.changeSet.body))?.text ?? "",
        ].filter { !$0.isEmpty }.joined(separator: " · ")
    }

    func label(_ field: String, _ text: PageText) -> String {
        if field.hasPrefix(CaseField.form) {
            let name = field.dropFirst(CaseField.form.count)
            return item?.form.first { $0.name == name }?.label ?? String(name)
        }
        if field.hasPrefix(CaseField.material) {
            let id = field.dropFirst(CaseField.material.count)
            return item?.materials.first { $0.id == id }?.name ?? String(id)
        }
        return text.word("field", field)
    }

    func value(_ value: String, of field: String, _ text: PageText) -> String {
        if field == CaseField.decision { return text.word("outcome", value) }
        if field == CaseField.evaluation { return text.word("level", value) }
        guard field.hasPrefix(CaseField.material) else { return value }
        switch MaterialStatus(value) {
        case .handedIn: return text["material.handedIn"]
        case .certificate(let kind): return text("material.certificate", kind)
        case .deferred(let day): return text("material.deferredUntil", day.description)
        case nil: return value
        }
    }

    static func status(_ status: Status?, _ text: PageText) -> String {
        switch status {
        case nil: ""
        case .void(let reason): text("status.void", reason.words[text.language])
        case .pending(let reason): text("status.pending", reason.words[text.language])
        case .proposal(let reason): text("status.proposal", text[reason.rawValue])
        case .effective, .merged, .request, .admitted, .declined, .lostByCut: text["status.\(status?.code ?? "")"]
        }
    }

    static func action(_ kind: ActionKind, _ text: PageText) -> String {
        CaseAction(kind: kind).map { text["action.\($0.name)"] } ?? "\(kind.rawValue)"
    }
}
