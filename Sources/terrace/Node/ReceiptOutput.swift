import ChangeSet
import Foundation
import Replica
import ServiceModel

/// A proof that this node and a neighbour held the same, with what both have signed, as `terrace verify --receipt`
/// shows it. In JSON it has all that either signature is over.
struct ReceiptOutput: Encodable {
    struct Statement: Encodable {
        /// Who signed; left out where that is not known here.
        let unit: String?
        let node: UInt32?
        /// Of the author, in hexadecimal, as is the signature.
        let author: String?
        /// The node to whom it is said.
        let to: String?
        let toNode: UInt32?
        /// Of all that was held, in hexadecimal, and how many runs and change sets that were.
        let digest: String?
        let runs: UInt64?
        let changeSets: UInt64?
        /// Number of the last charter entry there, and the first 8 bytes of its digest, in hexadecimal.
        let charter: UInt64?
        let charterDigest: String?
        /// Seconds since 1970, as claimed by who signed.
        let time: Int64?
        let signature: String?
        /// Whether the signature is that author's, over just this.
        let holds: Bool

        init(_ kept: KeptStatement) {
            let said = kept.said
            unit = kept.signer?.unit.text
            node = kept.signer?.enrollment
            author = said?.author.value.description
            to = said?.unit.text
            toNode = said?.node
            digest = said?.digest.description
            runs = said?.runs
            changeSets = said?.changeSets
            charter = said?.charter.position
            charterDigest = said.map { String(format: "%016llx", $0.charter.rolling) }
            time = said?.time
            signature = said.map { $0.signature.map { String(format: "%02x", $0) }.joined() }
            holds = kept.isSigned
        }

        fileprivate func saysTheSame(as other: Statement) -> Bool {
            digest == other.digest && runs == other.runs && changeSets == other.changeSets
        }

        fileprivate var words: Words {
            guard let author, let time, let charter, let signature else {
                return Words("  what was signed cannot be read", "  所签内容无法读取")
            }
            let who = unit.map { "\($0)#\(node ?? 0)" } ?? author
            let when = CivilTime.text(time)
            let what =
                holds
                ? Words("the signature holds", "签名有效") : Words("the signature does NOT hold", "签名无效")
            return Words("  \(who), \(when), charter entry \(charter): ", "  \(who)，\(when)，章程第\(charter)条：")
                + what + Words(name: "\n    \(signature)")
        }
    }

    /// The network's name, in hexadecimal.
    let network: String
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

    init(_ receipt: EqualityReceipt, network: Digest32) {
        self.network = network.description
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
        return head + statements[0].words + Words(name: "\n") + statements[1].words + trouble
    }

    /// What is wrong where either signature holds.
    private var trouble: Words {
        guard !holds, statements.allSatisfy(\.holds) else { return Words(name: "") }
        return statements[0].saysTheSame(as: statements[1])
            ? Words("\n  this node's own note of it was changed", "\n  本节点的记录已被改动")
            : Words("\n  the two do NOT say the same", "\n  双方所述不一致")
    }
}
