import ChangeSet
import Foundation
import Replica
import ServiceModel
import SyncProtocol

/// What an acknowledgement says beside its time: little of it changes from one to the next, and half of an idle
/// exchange would be its cursors and names. The child names by a digest the one that it holds; where the parent stands
/// just there, it says only what has changed since.
struct Acknowledged: Equatable, Sendable {
    /// By feed; what is missing is at the beginning.
    let cursors: [Feed: JournalCursor]
    /// Whom the parent writes as.
    let author: Data
    /// How far the parent holds the child's journals, by feed.
    let applied: [UInt64]
    /// How far of that, by feed, lies in a verified backup of the parent's on another disk; empty when it has none.
    let backedUp: [UInt64]
    /// Up to where that backup has the casework that the child sends.
    let backedUpTo: JournalCursor

    init(
        cursors: [Feed: JournalCursor], author: Data, applied: [UInt64], backedUp: [UInt64],
        backedUpTo: JournalCursor = .start
    ) {
        self.cursors = cursors.filter { $0.value != .start }
        self.author = author
        self.applied = applied
        self.backedUp = backedUp
        self.backedUpTo = backedUpTo
    }

    /// - Parameter before: what the parent has said before it, or knows to be held.
    /// - Throws: `WireError`.
    init(_ ack: WireAck, after before: Acknowledged?) throws {
        guard ack.backedUp.count <= Feed.allCases.count else { throw WireError.malformed("acknowledgement") }
        let said = try ack.cursorsByFeed.mapValues { try JournalCursor($0) }
        let backedUpTo = ack.hasBackedUpTo ? try JournalCursor(ack.backedUpTo) : nil
        guard ack.restAsBefore else {
            self.init(
                cursors: said, author: ack.author, applied: ack.applied, backedUp: ack.backedUp,
                backedUpTo: backedUpTo ?? .start)
            return
        }
        guard let before else { throw WireError.malformed("acknowledgement") }
        self.init(
            cursors: before.cursors.merging(said) { _, new in new },
            author: ack.author.isEmpty ? before.author : ack.author,
            applied: ack.applied.isEmpty ? before.applied : ack.applied,
            backedUp: ack.backedUp.isEmpty ? before.backedUp : ack.backedUp,
            backedUpTo: backedUpTo ?? before.backedUpTo)
    }

    /// The message, with no time and nothing refused.
    func wire(after before: Acknowledged?) -> WireAck {
        // What has gone back to the beginning cannot be told from what has not changed.
        let before = before.flatMap { before in
            before.cursors.keys.allSatisfy { cursors[$0] != nil } && (!applied.isEmpty || before.applied.isEmpty)
                && (!backedUp.isEmpty || before.backedUp.isEmpty)
                && (backedUpTo != .start || before.backedUpTo == .start) ? before : nil
        }
        return .with {
            $0.restAsBefore = before != nil
            $0.cursors = cursors.filter { $0.value != before?.cursors[$0.key] }.sorted { $0.key < $1.key }
                .map { $0.value.wire($0.key) }
            if author != before?.author { $0.author = author }
            if applied != before?.applied { $0.applied = applied }
            if backedUp != before?.backedUp { $0.backedUp = backedUp }
            if backedUpTo != before?.backedUpTo ?? .start { $0.backedUpTo = backedUpTo.wire(.casework) }
        }
    }

    /// The first 8 bytes of a SHA-256 over all of it; never 0, which stands for none.
    var digest: UInt64 {
        var content = Data("terrace-ack-1".utf8)
        for (feed, cursor) in cursors.sorted(by: { $0.key < $1.key }) {
            content.append(feed.rawValue)
            content.append(bigEndian: UInt64(clamping: cursor.position))
            content.append(bigEndian: UInt64(clamping: cursor.offset))
            content.append(bigEndian: cursor.rolling)
        }
        content.append(0)
        content += author
        for head in applied { content.append(bigEndian: head) }
        if !backedUp.isEmpty { content.append(0) }
        for head in backedUp { content.append(bigEndian: head) }
        if backedUpTo != .start {
            content.append(bigEndian: UInt64(clamping: backedUpTo.position))
            content.append(bigEndian: backedUpTo.rolling)
        }
        return max(Digest32(hashing: content).prefix8, 1)
    }
}

extension LinkReplica {
    /// What this child has kept of its parent's last acknowledgement.
    func heldAcknowledgement(_ transaction: Transaction, charter: JournalCursor?) throws -> Acknowledged? {
        guard let peer else { return nil }
        let quoted = try transaction.quotedAcknowledgement()
        guard let author = quoted.author else { return nil }
        var cursors = confirmed
        cursors[.charter] = charter
        return Acknowledged(
            cursors: cursors, author: author.value.data, applied: quoted.heads,
            backedUp: try transaction.backedUpAbove(), backedUpTo: try transaction.backedUpCasework(at: peer))
    }

    /// How far this parent has applied what its child sends.
    func standing(_ transaction: Transaction, with peer: Peer) throws -> Acknowledged {
        var cursors: [Feed: JournalCursor] = [.charter: transaction.charterCursor()]
        for feed in [Feed.casework, .published] { cursors[feed] = try transaction.cursors(peer, feed).received }
        let child = try transaction.author(writingAt: neighbour.unit, enrollment: neighbour.ordinal)
        return Acknowledged(
            cursors: cursors, author: try node.author(transaction).value.data,
            applied: try child.map { try transaction.gaplessHeads(of: $0) } ?? [],
            backedUp: try child.map { try transaction.backedUpHeads(of: $0) } ?? [],
            backedUpTo: try transaction.backedUpCasework(of: peer))
    }
}
