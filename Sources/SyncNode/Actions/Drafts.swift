import Foundation
import Replica
import ServiceModel

extension Node {
    private static func imported(_ draft: String) -> String { Transaction.draftPrefix + draft }

    /// Begins a draft of a case, with an id of its own.
    /// - Throws: `DraftError.tooMany`, `.tooLarge`, `ReplicaError`.
    package func beginDraft(of item: String, content: String, now: Moment) throws -> Draft {
        let id = entropy(16).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count < 2 ? "0" + digits : digits
        }.joined()
        let draft = Draft(id: id, item: item, content: content, edit: 0, saved: now.seconds)
        try replica.write { try $0.begin(draft) }
        return draft
    }

    /// Keeps what was typed. It is on disk when this returns.
    /// - Parameter edit: see `Transaction.saveDraft`.
    /// - Throws: `DraftError`, `ReplicaError`.
    package func saveDraft(_ id: String, content: String, edit: Int64?, now: Moment) throws {
        try replica.write { try $0.saveDraft(id, content: content, edit: edit, time: now.seconds) }
    }

    /// Begins a draft again that was discarded on another page. It keeps its id, so that it becomes one case at most.
    /// - Returns: the receipt of that case, where there is one already; nothing is kept then.
    /// - Throws: `DraftError`, `ReplicaError`.
    package func beginAgain(draft id: String, of item: String, content: String, now: Moment) throws -> String? {
        try Self.checkID(id)
        return try replica.write { transaction in
            if let known = try reference(ofDraft: id, transaction) { return known.receipt }
            do {
                try transaction.saveDraft(id, content: content, edit: nil, time: now.seconds)
            } catch DraftError.unknown {
                try transaction.begin(Draft(id: id, item: item, content: content, edit: 0, saved: now.seconds))
            }
            return nil
        }
    }

    private static func checkID(_ id: String) throws(DraftError) {
        guard (1...DraftLimits.idBytes).contains(id.utf8.count) else { throw .unknown }
    }

    /// - Throws: `ReplicaError`.
    package func discardDraft(_ id: String) throws { try replica.write { _ = try $0.discardDraft(id) } }

    /// The receipt of the case that a draft became; nil while it became none.
    /// - Throws: `ReplicaError`.
    package func receipt(ofDraft id: String) throws -> String? {
        try replica.read { try reference(ofDraft: id, $0)?.receipt }
    }

    /// Accepts the case of a draft, and lets go of the draft in the same transaction. The id remembers its case: the
    /// same draft again, by a second click or from an old page, gives the same receipt and no second case, until a year
    /// after the legal day of its acceptance.
    /// - Throws: as `accept`; `DraftError.unknown` for an id that no draft can have.
    package func accept(draft id: String, _ acceptance: Acceptance, now: Moment) throws -> CaseReference {
        try Self.checkID(id)
        if let known = try replica.read({ try reference(ofDraft: id, $0) }) { return known }
        return try write(now: now) { transaction in
            if let known = try reference(ofDraft: id, transaction) { return known }
            let reference = try accept(acceptance, as: newReceipt(transaction), in: transaction, now: now)
            try transaction.noteImported(Self.imported(id), record: reference.record)
            try transaction.discardDraft(id)
            return reference
        }
    }

    private func reference(ofDraft id: String, _ transaction: Transaction) throws -> CaseReference? {
        guard let row = try transaction.importedRecord(Self.imported(id)) else { return nil }
        // Of a case that has left the stub has the number.
        let held = ServiceCaseRow(try transaction.caseRecord(row), rules: transaction.deadlineRules)?.receipt
        guard let receipt = try held ?? transaction.receipt(ofStub: row) else { return nil }
        return CaseReference(receipt: receipt, creation: try transaction.creation(of: row), record: row)
    }
}
