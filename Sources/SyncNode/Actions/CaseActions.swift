import ChangeSet
import Foundation
import Replica
import ServiceModel

/// What a clerk fills in when a case is accepted.
package struct Acceptance: Sendable {
    package var promise: Promise
    /// The accepting unit first, the deciding one last.
    package var route: [UnitCode]
    package var fields: [String: String]
    /// Legal day of the paper receipt.
    package var day: Int32
    package var actor: String
    package var channel: Channel = .counter
    package var onBehalf = ""

    package init(promise: Promise, route: [UnitCode], fields: [String: String], day: Int32, actor: String) {
        self.promise = promise
        self.route = route
        self.fields = fields
        self.day = day
        self.actor = actor
    }
}

/// What a person does to a case that is there already.
package struct CaseStep: Sendable {
    package var action: CaseAction
    package var target: UnitCode?
    package var fields: [String: String] = [:]
    package var text = ""
    package var missing: [String] = []
    package var admits: [Leaf] = []
    package var declines: [Leaf] = []
    /// For a takeover: nothing more is expected of the machine of who held the case. Else what is held of its work
    /// here is what counts.
    package var presumedLost = false
    package var day: Int32
    package var actor: String
    /// The heads of the chain that the page showed; nil when nobody looked.
    package var seen: [Leaf]?

    package init(_ action: CaseAction, day: Int32, actor: String) {
        self.action = action
        self.day = day
        self.actor = actor
    }
}

/// A case by the number on its paper, and where it was created.
package struct CaseReference: Hashable, Sendable {
    package let receipt: String
    package let creation: Place
    /// Its row in this replica: where two machines went under one name, two cases can have one creation's number.
    package let record: Int64
}

extension Node {
    /// Accepts a case. It is on disk, with its number, when this returns; no network was asked. What the fold would
    /// find void is refused before it is written.
    /// - Throws: `NodeError`, `WireError.tooLarge`, `ReplicaError`.
    package func accept(_ acceptance: Acceptance, now: Moment) throws -> CaseReference {
        try write(now: now) { try accept(acceptance, as: newReceipt($0), in: $0, now: now) }
    }

    /// Does something to a case. What the fold would find void is refused before it is written.
    /// - Parameter record: its row in this replica.
    /// - Returns: what it has become: an act of the chain, a request to the holder, or a merged write.
    /// - Throws: `NodeError`, `WireError.tooLarge`, `ReplicaError`.
    @discardableResult
    package func act(_ step: CaseStep, on record: Int64, now: Moment) throws -> Verdict {
        try write(now: now) { try act(step, on: record, in: $0, now: now) }
    }

    /// A number for a paper that nobody else gives out.
    func newReceipt(_ transaction: Transaction) throws -> ReceiptNumber {
        guard let random = ReceiptNumber.randomCharacters(from: entropy(32)),
            let number = ReceiptNumber(
                unit: name.unit, ordinal: name.ordinal, running: try nextNumber(transaction), random: random)
        else { throw NodeError.noNumbers }
        return number
    }

    func accept(
        _ acceptance: Acceptance, as receipt: ReceiptNumber, in transaction: Transaction, now: Moment
    ) throws -> CaseReference {
        var body = CaseBody(day: acceptance.day)
        body.receipt = receipt.description
        body.promise = acceptance.promise
        body.writes = acceptance.fields.sorted { $0.key < $1.key }.map { .init(field: $0.key, value: $0.value) }
        var changeSet = ChangeSet(
            kind: CaseAction.accept.kind, record: .created, parents: [], time: now.seconds, body: try body.bytes)
        changeSet.route = acceptance.route
        changeSet.actor = acceptance.actor
        changeSet.channel = acceptance.channel
        changeSet.onBehalf = acceptance.onBehalf
        let author = try writingAuthor(transaction)
        let place = try transaction.nextPlace(of: author, in: .casework)
        let bytes = try changeSet.bytes
        try demand(
            try judge(bytes, at: place, after: RecordHistory(), in: transaction.emptyFold, by: [:], transaction))
        let topology = transaction.charter.current.topology
        if let unknown = acceptance.route.first(where: { !topology.contains($0) }) {
            throw NodeError.unknownUnit(unknown.text)
        }
        _ = try transaction.append([bytes], by: author, in: .casework, seed: newSeed())
        // Another machine of a copied disk may have given its case the same number, and been here first with it.
        guard let record = try transaction.record(writtenAt: place) else {
            throw NodeError.unknownCase(receipt.description)
        }
        return CaseReference(receipt: receipt.description, creation: place, record: record)
    }

    func act(_ step: CaseStep, on row: Int64, in transaction: Transaction, now: Moment) throws -> Verdict {
        let record = try transaction.caseRecord(row)
        if let seen = step.seen, step.action.isChainAct, Set(seen) != Set(record.chainHeads) {
            throw NodeError.changedMeanwhile
        }
        try checkFields(of: step, on: record)
        let author = try writingAuthor(transaction)
        let place = try transaction.nextPlace(of: author, in: .casework)
        let naming = try transaction.naming(at: place, on: row)
        let bytes = try changeSet(for: step, on: record, naming, now: now).bytes
        let verdict = try judge(
            bytes, at: place, after: record.history, in: record.fold, by: record.authors, transaction)
        try demand(verdict)
        if record.state.hasPendingMust, step.action.isChainAct { throw NodeError.waits(.notUnderstood) }
        _ = try transaction.append([bytes], by: author, in: .casework, seed: newSeed())
        return verdict
    }

    /// What was decided, and what the citizen said of it, is nobody else's to write.
    private func checkFields(of step: CaseStep, on record: CaseRecord) throws {
        for field in step.fields.keys.sorted() {
            let own: CaseAction
            switch field {
            case CaseField.decision: own = .decide
            case CaseField.evaluation, CaseField.evaluationReason: own = .evaluate
            default: continue
            }
            let settles = step.action == .settle && record.state.conflicts[field] != nil
            guard step.action == own || settles else { throw NodeError.ownField(field, of: own) }
        }
    }

    func changeSet(
        for step: CaseStep, on record: CaseRecord, _ naming: Naming, now: Moment
    ) throws -> ChangeSet {
        var body = CaseBody(day: step.day)
        body.text = step.text
        body.missing = step.missing
        body.writes = step.fields.sorted { $0.key < $1.key }.map { .init(field: $0.key, value: $0.value) }
        var changeSet = ChangeSet(
            kind: step.action.kind,
            record: naming.record(created: record.creation, leaf: record.acceptance?.placed.leaf.leaf),
            // Of more heads than fit the others stay heads, and the next change set names them.
            parents: record.heads.prefix(Limits.parents).map { naming.link(to: $0.place, leaf: $0.leaf) },
            time: now.seconds,
            body: try body.bytes)
        func link(_ leaf: Leaf) throws -> ChangeSet.Link {
            guard let entry = record.history.entry(leaf) else { throw NodeError.unknownCase(leaf.description) }
            return naming.link(to: entry.placed.place, leaf: leaf)
        }
        changeSet.target = step.target
        changeSet.admits = try step.admits.map(link)
        changeSet.declines = try step.declines.map(link)
        changeSet.evidence = try evidence(of: step, on: record, link)
        changeSet.actor = step.actor
        return changeSet
    }

    /// What a takeover says of the work of who held the case, and a decision where no takeover has said it (RULES,
    /// "Takeover"): that it is lost, or up to where it is known here.
    private func evidence(
        of step: CaseStep, on record: CaseRecord, _ link: (Leaf) throws -> ChangeSet.Link
    ) rethrows -> ChangeSet.Evidence? {
        var chain = record.state.chain[...]
        switch step.action {
        case .takeOver: break
        case .decide where record.state.custodyInDoubt:
            let isTakeover = { record.history.entry($0)?.changeSet.kind == CaseAction.takeOver.kind }
            chain = chain[..<(chain.lastIndex(where: isTakeover) ?? chain.endIndex)]
        default: return nil
        }
        if step.presumedLost { return .presumedLost }
        return try chain.last.map { .head(try link($0)) }
    }

    /// What the fold makes of bytes that would stand at that place. The salt plays no part in that.
    func judge(
        _ bytes: Data, at place: Place, after history: RecordHistory, in fold: CaseFold, by authors: [AuthorID: Author],
        _ transaction: Transaction
    ) throws -> Verdict {
        let placed = PlacedChangeSet(place: place, salt: Data(count: 16), bytes: bytes, network: genesis.id)
        var history = history
        let entry = try RecordHistory.Entry(placed, pin: transaction.pin.digest, run: nil)
        history.append(entry)
        var authors = authors
        authors[place.author] = try transaction.opening(of: place.author)?.author
        return fold.wouldBe(history.act(entry), charter: transaction.charter, authors: authors)
    }

    private func demand(_ verdict: Verdict) throws {
        switch verdict {
        case .void(let reason): throw NodeError.impossible(reason)
        case .pending(let reason): throw NodeError.waits(reason)
        case .lost: throw NodeError.cut
        case .chain, .request, .write: break
        }
    }

    /// The author to write as, unless the charter has cut it.
    func writingAuthor(_ transaction: Transaction) throws -> AuthorID {
        let id = try author(transaction)
        guard let author = try transaction.opening(of: id)?.author else { throw NodeError.cut }
        guard !transaction.charter.current.isCutNode(unit: author.unit, enrollment: author.enrollment) else {
            throw NodeError.cut
        }
        return id
    }
}

extension CaseRecord {
    /// The last effective act of the chain: what a page shows and an action must have seen.
    package var chainHeads: [Leaf] { state.chain.last.map { [$0] } ?? [] }
}

extension CaseAction {
    /// Whether it acts along the chain of custody, where acting on an old page must be refused.
    package var isChainAct: Bool {
        switch self {
        case .amend, .note, .evaluate, .reroute: false
        default: true
        }
    }
}
