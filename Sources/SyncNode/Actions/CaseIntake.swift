import ChangeSet
import Foundation
import Replica
import ServiceModel

/// A case from a file, with what was done to it.
package struct CaseToImport: Sendable {
    /// The file's own name for it: the same one is taken in once.
    package var key: String
    package var acceptance: Acceptance
    package var steps: [CaseStep]

    package init(key: String, acceptance: Acceptance, steps: [CaseStep]) {
        self.key = key
        self.acceptance = acceptance
        self.steps = steps
    }
}

/// What became of one of them.
package enum ImportedCase: Sendable {
    case taken(CaseReference)
    /// It was taken in before.
    case unchanged
    case refused(any CodedError)
}

extension Node {
    /// How many cases are taken in by one transaction.
    package static let casesPerImport = 64

    /// Takes cases in, in one transaction; one that is refused leaves nothing of itself and does not hold up the
    /// others.
    /// - Throws: `ReplicaError` and what else keeps the whole group from being written.
    package func importCases(_ cases: [CaseToImport], now: Moment) throws -> [ImportedCase] {
        try write(now: now) { transaction in
            let receipts = try cases.map { _ in try newReceipt(transaction) }
            return try transaction.derivingOnce {
                try zip(cases, receipts).map { try take($0, as: $1, in: transaction, now: now) }
            }
        }
    }

    private func take(
        _ one: CaseToImport, as receipt: ReceiptNumber, in transaction: Transaction, now: Moment
    ) throws -> ImportedCase {
        // What begins so names an accepted draft.
        guard (1...Transaction.longestImportKey).contains(one.key.utf8.count),
            !one.key.hasPrefix(Transaction.draftPrefix)
        else {
            return .refused(NodeError.badInput("id"))
        }
        if try transaction.isImported(one.key) { return .unchanged }
        let attempt = try transaction.attempt { () throws -> CaseReference in
            let reference = try accept(one.acceptance, as: receipt, in: transaction, now: now)
            for step in one.steps { _ = try act(step, on: reference.record, in: transaction, now: now) }
            try transaction.noteImported(one.key, record: reference.record)
            return reference
        }
        switch attempt {
        case .success(let reference): return .taken(reference)
        // It is the database that fails, and not the case.
        case .failure(let error as ReplicaError): throw error
        case .failure(let error as any CodedError): return .refused(error)
        case .failure(let error): throw error
        }
    }
}
