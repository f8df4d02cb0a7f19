import ChangeSet
import Foundation
import Replica
import ServiceModel

/// A proof that this node and a neighbour held the same, with what both have signed, as `terrace verify --receipt`
/// shows it.
struct ReceiptOutput: Encodable {
    struct Statement: Encodable {
        /// Who signed; left out where that is not known here.
        let unit: String?
        let node: UInt32?
        /// Of the author, in hexadecimal, as is the signature.
        let author: String?
        /// Seconds since 1970, as claimed by who signed.
        let time: Int64?
        /// Number of the last charter entry there.
        let charter: UInt64?
        let signature: String?
        /// Whether the signature is that author's, over just this.
        let holds: Bool

        init(_ kept: KeptStatement) {
            unit = kept.signer?.unit.text
            node = kept.signer?.enrollment
            author = kept.said?.author.value.description
            time = kept.said?.time
            charter = kept.said?.charter.position
            signature = kept.said.map { $0.signature.map { String(format: "%02x", $0) }.joined() }
            holds = kept.isSigned
        }

        fileprivate var words: Words {
            let who = unit.map { "\($0)#\(node ?? 0)" } ?? "?"
            let when = time.map { CivilTime.text($0) } ?? "?"
            let what =
                holds
                ? Words("the signature holds", "签名有效") : Words("the signature does NOT hold", "签名无效")
            return Words("  \(who), \(when), charter entry \(charter ?? 0): ", "  \(who)，\(when)，章程第\(charter ?? 0)条：")
                + what + Words(name: "\n    \(signature ?? "")")
        }
    }

    /// The neighbour.
    let with: String
    let node: UInt32
    /// Seconds since 1970 by this node's clock.
    let time: Int64
    /// Of all that both held, in hexadecimal; left out where the own statement cannot be read any more.
    let digest: String?
    let runs: Int
    let changeSets: Int
    /// This node's, then the neighbour's.
    let statements: [Statement]
    /// Both signatures hold, and both say the same.
    let holds: Bool

    init(_ receipt: EqualityReceipt) {
        with = receipt.proof.unit.text
        node = receipt.proof.node
        time = receipt.proof.time
        digest = receipt.own.said?.digest.description
        runs = receipt.proof.runs
        changeSets = receipt.proof.changeSets
        statements = [Statement(receipt.own), Statement(receipt.theirs)]
        holds = receipt.holds
    }

    var words: Words {
        let head = Words(
            "equal with \(with)#\(node) on \(CivilTime.text(time)): \(runs) runs, \(changeSets) change sets\n  digest "
                + "\(digest ?? "?")\n",
            "\(CivilTime.text(time))与\(with)#\(node)一致：\(runs)段，\(changeSets)条变更\n  摘要 \(digest ?? "?")\n")
        let differ =
            holds || statements.contains { !$0.holds }
            ? Words(name: "")
            : Words("\n  the two do NOT say the same", "\n  双方所述不一致")
        return head + statements[0].words + Words(name: "\n") + statements[1].words + differ
    }
}
