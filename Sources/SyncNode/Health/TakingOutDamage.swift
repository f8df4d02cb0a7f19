import ChangeSet
import Foundation
import Replica
import ServiceModel

extension Node {
    /// How often what is found while something is taken out is taken out as well.
    private static let rounds = 8
    /// More damaged runs than that are taken out only when a person says so: it may be something else than the disk.
    package static let mostByItself = 256

    /// How many runs `takeOutDamage` would take out or put right. What another process has put right is forgotten.
    /// - Throws: `ReplicaError`.
    package func damagedRuns() throws -> Int { try replica.damagedRuns(isSigned: Self.isSigned) }

    /// Takes out of the journal what was found damaged, so that everything else goes on, and makes again what is
    /// derived. What others have comes back from them. What this node had not sent yet and the disk has changed is
    /// lost; then it goes on as the next incarnation, so that no sequence is ever given twice.
    /// - Parameter leavesUnsealed: of a node that starts, whose database may be an old one: whether it goes on where
    ///   the anchor is missing and work would be left behind. nil of one that is at work, whose own database tells.
    /// - Throws: `ReplicaError`, `NodeError`.
    @discardableResult
    package func takeOutDamage(startingLeavingUnsealed leavesUnsealed: Bool? = nil, now: Moment) throws -> TakenOut {
        var out = TakenOut()
        let hasFound = !replica.damage.notes.isEmpty
        for _ in 0..<Self.rounds {
            let notes = replica.damage.notes
            guard !notes.isEmpty else { break }
            do {
                out.add(try takeOut(notes, leavingUnsealed: leavesUnsealed, now: now))
            } catch let error as ReplicaError {
                switch error {
                // It was noted, and goes with the others.
                case .damagedRun, .damagedOpening, .index: guard replica.damage.notes != notes else { throw error }
                default: throw error
                }
            }
        }
        // A run of its own that seemed to be another's, or that no index finds, is missed by what the anchor knows.
        if hasFound { try beginIncarnationIfNeeded(leavingUnsealed: leavesUnsealed ?? false) }
        return out
    }

    private func takeOut(
        _ notes: Set<DamageNotes.Note>, leavingUnsealed leavesUnsealed: Bool?, now: Moment
    ) throws -> TakenOut {
        let known = try anchor.read() ?? (leavesUnsealed == nil ? anchor.update(ifLost: anchorFromReplica) : nil)
        var sealed: SealedHeads?
        let out = try replica.takeOut(
            notes, now: now.seconds, isSigned: Self.isSigned,
            seal: { transaction in
                // Other seals may stand there that only a lost anchor knew, or a later database.
                let author = try author(transaction)
                guard let known, try transaction.passed(author, by: known) == nil,
                    try transaction.isSealed(by: sealKey)
                else { return }
                try transaction.seal(
                    author, key: sealKey.key, quoted: try transaction.quotedAcknowledgement(),
                    time: now.seconds)
                sealed = try self.sealed(transaction)
            },
            goOn: { transaction, out in
                if out.endsAuthor {
                    let author = try author(transaction)
                    let known =
                        try known ?? guess(for: author, leavingUnsealed: leavesUnsealed ?? false, transaction)
                    try begin(closing: author, above: known.depth, in: transaction)
                } else {
                    try transaction.renew(incarnation: Self.incarnation(entropy))
                }
                try compareAll(transaction)
            })
        try noteSealed(sealed)
        return out
    }

    /// Makes again everything that is derived, and every index. By what was there before something may have been kept
    /// from whom it concerns, so that this database begins another life, and is compared with its neighbours.
    /// - Throws: `ReplicaError`.
    package func rebuild() throws -> [RebuiltTable] {
        try replica.rebuild(keeping: true) { transaction in
            try transaction.renew(incarnation: Self.incarnation(self.entropy))
            try self.compareAll(transaction)
        }
    }

    /// An exchange that is open was begun in the life before.
    private func compareAll(_ transaction: Transaction) throws {
        if !isRoot { _ = try transaction.wishComparison(repairs: true) }
    }
}
