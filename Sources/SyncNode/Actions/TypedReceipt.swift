import Replica
import ServiceModel

extension Transaction {
    /// The case with this number, typed as people type.
    /// - Throws: `NodeError.unknownCase`; `.keptAbove` where it has left this node.
    package func caseReference(typed text: String) throws -> CaseReference {
        let receipt = ReceiptNumber.printed(text)
        guard let found = try serviceCase(receipt: receipt) else {
            if let stub = try stub(receipt: receipt) { throw NodeError.keptAbove(receipt, isWished: stub.isWished) }
            throw NodeError.unknownCase(text, rests: try !resting(receipt: receipt).isEmpty)
        }
        return CaseReference(receipt: receipt, creation: try creation(of: found.record), record: found.record)
    }
}
