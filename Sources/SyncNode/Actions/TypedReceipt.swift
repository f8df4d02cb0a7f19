import Replica
import ServiceModel

extension Transaction {
    /// The case with this number, typed as people type.
    /// - Throws: `NodeError.unknownCase`.
    package func caseReference(typed text: String) throws -> CaseReference {
        let receipt = (try? ReceiptNumber(typed: text).description) ?? text
        guard let found = try serviceCase(receipt: receipt) else { throw NodeError.unknownCase(text) }
        return CaseReference(receipt: receipt, creation: try creation(of: found.record), record: found.record)
    }
}
