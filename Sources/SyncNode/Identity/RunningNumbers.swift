import ChangeSet
import Replica
import ServiceModel

/// The running numbers on this node's papers (RULES, "Numbers on paper").
extension Node {
    /// The next number for a paper. Every start begins behind the ceiling of the last one.
    func nextNumber(_ transaction: Transaction) throws -> UInt64 {
        let author = try author(transaction)
        return try numbers.withLock { held in
            let own = held.flatMap { $0.author == author ? $0.range : nil }
            let range =
                try own
                ?? anchor.reserveNumbers(
                    above: transaction.greatestReceipt(givenAt: name.unit, node: name.ordinal),
                    ifLost: anchorFromReplica)
            held = range.count > 1 ? (author, range.lowerBound + 1...range.upperBound) : nil
            return range.lowerBound
        }
    }

    /// Of a node that is at work, when somebody took it away: a start without it would leave behind what is not sealed.
    /// - Throws: `NodeError`, `ReplicaError`.
    package func keepAnchor() throws {
        guard try anchor.read() == nil else { return }
        try anchor.update(ifLost: anchorFromReplica)
    }

    /// Somebody took the anchor away from a node that is at work: its own database knows whom it names and how far.
    func anchorFromReplica() throws -> Anchor.Content {
        try replica.read { transaction in
            var content = Anchor.Content.guess(above: try greatestNumber(transaction))
            if let sealed = try sealed(transaction) {
                content.author = sealed.author.id.description
                content.depth = sealed.author.depth
                content.heads = sealed.heads
            }
            return content
        }
    }

    /// The greatest number that this database knows to have been given by this machine, in whatever life.
    func greatestNumber(_ transaction: Transaction) throws -> UInt64 {
        try transaction.numbers(givenAt: name.unit, node: name.ordinal).max() ?? 0
    }

    /// A batch brought what this machine wrote in a life that it has forgotten: those numbers are given, and perhaps
    /// more. The anchor knows before the batch is kept, since it comes once.
    /// - Parameter position: where the journal ended before the batch.
    func passNumbers(in batch: WireBatch, arrivedBehind position: Int64, _ transaction: Transaction) throws {
        guard batch.feed == Feed.casework.rawValue else { return }
        let given = try numbers(onStubsOf: batch) + numbers(in: batch, arrivedBehind: position, transaction)
        guard !given.isEmpty else { return }
        let isPassed = try anchor.update(ifLost: anchorFromReplica) { content in
            let before = content
            for number in given.sorted() { content.pass(number) }
            return content.ceiling != before.ceiling
        }
        // Those that are set aside lie below the new ceiling.
        if isPassed { numbers.withLock { $0 = nil } }
    }

    private func numbers(
        in batch: WireBatch, arrivedBehind position: Int64, _ transaction: Transaction
    ) throws -> [UInt64] {
        guard try batch.runs.contains(where: { try isOwn($0, transaction) }) else { return [] }
        return try transaction.numbers(givenAt: name.unit, node: name.ordinal, arrivedBehind: position)
    }

    private func numbers(onStubsOf batch: WireBatch) -> [UInt64] {
        batch.stubs.compactMap { try? ReceiptNumber(typed: $0.receipt) }
            .filter { $0.unit == name.unit && $0.ordinal == name.ordinal }.map(\.running)
    }

    private func isOwn(_ run: WireRun, _ transaction: Transaction) throws -> Bool {
        guard let name = Bytes16(run.author), let author = try transaction.opening(of: AuthorID(name))?.author else {
            return false
        }
        return author.unit == self.name.unit && author.enrollment == self.name.ordinal
    }
}
