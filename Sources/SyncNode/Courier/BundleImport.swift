import ChangeSet
import Foundation
import Replica
import ServiceModel
import SyncProtocol
import Trust

/// What a volume brought.
package struct VolumeReport: Hashable, Sendable {
    /// Unit and ordinal.
    package let sender: String
    /// The bundle's name.
    package let bundle: String
    package let volume: Int
    /// Change sets that were new here.
    package fileprivate(set) var newChangeSets = 0
    /// Runs that contradicted what is held.
    package fileprivate(set) var forks = 0
    /// Made for an earlier life of this database, and goes further than what came in this one: what it brought is kept,
    /// and the neighbour must send again. Of a machine that was cut: a part of it rests on what only that life had.
    package fileprivate(set) var isForAnother = false
    /// The sender was cut: what it had written is here, and it gets nothing back.
    package fileprivate(set) var isOfCut = false
    /// Something of the feeds lies behind a gap.
    package fileprivate(set) var hasGap = false
    /// Volumes of the bundle that have not come, below the highest that has.
    package fileprivate(set) var missing: [Int] = []
    /// The bundle's last volume has not come.
    package fileprivate(set) var awaitsMore = false
}

extension Node {
    /// Takes in a volume. Each batch is on disk before the next is looked at, so that what was cut off goes on from
    /// there when the volume is imported again.
    /// - Parameter file: all of its bytes.
    /// - Throws: `BundleError` and `CertificateProblem` when it is not to be taken at all; `WireError`, `ReplicaError`.
    package func importVolume(_ file: Data, now: Moment) throws -> VolumeReport {
        let volume = try BundleVolume(bytes: file)
        let header = volume.header
        guard header.network == genesis.id.data else { throw BundleError.otherNetwork }
        guard header.recipientUnit == name.unit.text else {
            throw BundleError.notForThisNode(recipient: header.recipient, own: name.description)
        }
        guard header.recipientNode == name.ordinal else {
            throw BundleError.otherMachine(
                recipient: header.recipient, own: name.description, sender: header.senderUnit)
        }
        guard header.dictionary == PresetDictionary.name else { throw BundleError.version(BundleVolume.version) }
        let chain = try courierSender(header, now: now)
        guard chain.publicKey.isValidSignature(volume.signature, for: volume.statement),
            let text = nodeKey.decrypt(volume.body, boundTo: volume.headerBytes)
        else { throw BundleError.forged(chain.name.description) }
        // What the volume brings must find the own line closed: where a disk was copied, it may bring the other one.
        try seal(now: now)
        var reading = VolumeReading(self, from: chain.name, header: header, now: now)
        // The charter goes to everyone, and tells how the two stand to each other.
        try VolumeText.read(text) { try reading.takeCharter($0) }
        guard let isBelow = try replica.read({ isBelow(chain.name.unit, $0) }) else {
            throw try replica.read { try stranger(chain.name, $0) }
        }
        try reading.greet(isBelow: isBelow)
        try VolumeText.read(text) { try reading.take($0, isBelow: isBelow) }
        // As after an exchange: what came may tell that the end of another line was taken for the own one's.
        try noteSealed(replica.read { try sealed($0) })
        return try reading.finished(isBelow: isBelow)
    }
}

/// A volume while it is taken in: the frames of an exchange of which one end is heard alone.
private struct VolumeReading {
    private let node: Node
    private let sender: NodeName
    private let header: WireBundleHeader
    private let now: Moment
    private var hello: WireHello?
    /// The sender's database, once it was needed.
    private var peer: Peer?
    /// The sender's present database, as far as is known here, speaks to this one.
    private var isCurrent = false
    private var report: VolumeReport

    init(_ node: Node, from sender: NodeName, header: WireBundleHeader, now: Moment) {
        self.node = node
        self.sender = sender
        self.header = header
        self.now = now
        report = VolumeReport(sender: sender.description, bundle: header.name, volume: Int(header.volume))
    }

    mutating func takeCharter(_ frame: Frame) throws {
        if hello == nil {
            guard case .hello(let hello) = frame, hello.incarnation == header.senderIncarnation,
                hello.peerIncarnation == header.recipientIncarnation
            else { throw WireError.malformed("volume") }
            self.hello = hello
        } else if case .batch(let batch) = frame, batch.isCharter {
            try take(batch)
        }
    }

    /// - Parameter isBelow: whether the sender stands below this node.
    mutating func take(_ frame: Frame, isBelow: Bool) throws {
        switch frame {
        case .hello: return
        case .batch(let batch):
            guard !batch.isCharter, batch.isCasework || !report.isOfCut else { return }
            try take(batch)
        case .ack(let ack) where !isBelow: if isCurrent { try keep(ack) }
        case .heartbeat(let heartbeat) where isBelow:
            guard !report.isOfCut else { return }
            var replica = LinkReplica(node: node, neighbour: sender, isAbove: true)
            replica.peer = peer
            try replica.keep(heartbeat, now: now)
        case .ack, .heartbeat, .end, .refusal, .comparison: throw WireError.malformed("volume")
        }
    }

    /// When the stick was made, in seconds since 1970: no later than it came.
    private var made: Int64 { min(header.time, now.seconds) }

    /// Whether nothing later was ever heard of the sender, but by a clock that was ahead of this one.
    private func isNews(_ transaction: Transaction) throws -> Bool {
        let heard = try transaction.contacts().first { $0.unit == sender.unit && $0.node == sender.ordinal }
        return heard.map { $0.time <= made || $0.time > now.seconds } ?? true
    }

    /// What a machine that was cut says may be a thief's word, who has its keys. Its casework is taken, of which what
    /// is signed by others is theirs and the rest are proposals, as nothing new is taken where its number alone would
    /// let it stand; nothing is believed of how far either has got. What was published is not taken: no cut reaches it.
    private func isCut(_ transaction: Transaction) -> Bool {
        transaction.charter.current.isCutNode(unit: sender.unit, enrollment: sender.ordinal)
    }

    /// A stick may come from a life of the sender's database that is over: it is not met anew by that, whether that
    /// life was ever met or not.
    private func met(_ transaction: Transaction) throws -> Peer {
        let (unit, node, life) = (sender.unit, sender.ordinal, header.senderIncarnation)
        let known = try transaction.peer(unit: unit, node: node, incarnation: life)
        if let known, try transaction.hasMet(known) { return known }
        return try !isCut(transaction) && isNews(transaction)
            ? transaction.meet(unit: unit, node: node, incarnation: life)
            : known ?? transaction.noteEarlierLife(unit: unit, node: node, incarnation: life)
    }

    /// Takes a neighbour's word, which may be old, for who it is and how far it has got.
    /// - Parameter isBelow: as in `take`.
    mutating func greet(isBelow: Bool) throws {
        guard let hello else { throw WireError.malformed("volume") }
        report.isOfCut = try node.replica.read { isCut($0) }
        (peer, isCurrent) = try node.replica.write { transaction in
            let known = try met(transaction)
            guard !report.isOfCut else { return (known, false) }
            // A neighbour that was rolled back says less than before; so does an old stick.
            let isNews = try isNews(transaction)
            if isNews { try transaction.noteContact(with: known, time: made) }
            guard try transaction.latestPeer(unit: sender.unit, node: sender.ordinal) == known,
                try isThisLife(transaction), header.recipientIncarnation != 0
            else { return (known, false) }
            var replica = LinkReplica(node: node, neighbour: sender, isAbove: false)
            replica.incarnation = hello.peerIncarnation
            let cursors = hello.cursorsByFeed
            do {
                try replica.renewIfRolledBack(transaction, by: cursors, saidBelow: isBelow ? now : nil)
            } catch ExchangeProblem.cutOff {
                throw BundleError.claimedAgain(sender.description)
            }
            guard try isThisLife(transaction) else { return (known, false) }
            for feed in [Feed.casework, .published] {
                let cursor = try cursors[feed].map { try JournalCursor($0) } ?? .start
                let held = try transaction.cursors(known, feed).sent
                guard try isNews || held.isBefore(cursor) && transaction.recognizes(cursor) else { continue }
                _ = try transaction.keep(sent: cursor, to: known, feed)
            }
            if isNews, let cursor = cursors[.charter] {
                try transaction.keep(charter: try JournalCursor(cursor), of: known)
            }
            return (known, true)
        }
    }

    /// Whether the volume was made for the present life of this database, or for any.
    private func isThisLife(_ transaction: Transaction) throws -> Bool {
        try header.recipientIncarnation == 0 || transaction.identity?.incarnation == header.recipientIncarnation
    }

    /// Keeps what a parent says of this child's journals, unless something later is known; the next seal quotes it.
    /// What is known from a time that this clock has not reached was said by a wrong one, and gives way to any that it
    /// has reached.
    private func keep(_ ack: WireAck) throws {
        let said = try Acknowledged(ack, after: nil)
        let quoted = try QuotedAcknowledgement(author: said.author, heads: said.applied, time: ack.time)
        try node.replica.write { transaction in
            let known = try transaction.quotedAcknowledgement().time
            let gives =
                QuoteBelief.isAhead(known, of: now.seconds) && !QuoteBelief.isAhead(quoted.time, of: now.seconds)
            guard known < quoted.time || gives else { return }
            // A stick that was under way for weeks says of this clock only what it must have reached by now.
            let jump = try transaction.clockJump()
            try transaction.keep(quoted, backedUp: said.backedUp, heard: min(now.seconds, quoted.time))
            try transaction.keep(jump)
        }
    }

    private mutating func take(_ batch: WireBatch) throws {
        do {
            let (from, reception, mayLack) = try node.replica.write { transaction in
                let from = try peer ?? met(transaction)
                for join in batch.joins { try node.checkJoin(join) }
                // No stub comes on a stick, and nobody has signed one.
                guard batch.stubs.isEmpty else { throw WireError.malformed("volume") }
                let isForThis = try isThisLife(transaction) && !report.isOfCut
                let before = try transaction.journalHead()
                let last = try transaction.lastRun()
                let reception = try transaction.applyCarried(
                    batch, from: from, isForThis: isForThis, isOfCut: report.isOfCut, now: now.seconds,
                    check: { try node.check($0, charter: transaction.charter) })
                if report.isOfCut { try transaction.doubtQuotes(of: sender.unit, node: sender.ordinal, behind: last) }
                if case .applied = reception {
                    try node.passNumbers(in: batch, arrivedBehind: before.position, transaction)
                }
                return (from, reception, try isBeyond(batch, from, transaction))
            }
            peer = from
            if mayLack { report.isForAnother = true }
            guard case .applied(let new, let forks) = reception else { throw WireError.malformed("volume") }
            report.newChangeSets += new
            report.forks += forks
        } catch let error as WireError {
            // It may rest on what only that life had.
            let mayLack = try node.replica.read { transaction in
                guard try !isThisLife(transaction) else { throw error }
                guard let peer, !batch.isCharter, !report.isOfCut else { return true }
                return try isBeyond(batch, peer, transaction)
            }
            if mayLack { report.isForAnother = true }
        }
    }

    /// Whether a batch was chosen for another life of this database, and goes further than what came in this one:
    /// something before it may be missing here.
    private func isBeyond(_ batch: WireBatch, _ from: Peer, _ transaction: Transaction) throws -> Bool {
        guard try !report.isOfCut && !isThisLife(transaction), let feed = batch.knownFeed, feed != .charter else {
            return false
        }
        return try transaction.cursors(from, feed).received.isBefore(JournalCursor(batch.end))
    }

    /// - Parameter isBelow: as in `take`.
    mutating func finished(isBelow: Bool) throws -> VolumeReport {
        guard let peer else { throw WireError.malformed("volume") }
        let hasBegun = try node.replica.write { transaction in
            try transaction.noteVolume(report.volume, isLast: header.last, of: header.bundle, from: peer)
            let arrived = try transaction.arrivedVolumes(of: header.bundle, from: peer)
            report.missing = arrived.missing
            report.awaitsMore = !arrived.hasLast
            report.hasGap =
                try !report.isOfCut
                && [Feed.casework, .published].contains {
                    try !transaction.carriedStretches(of: peer, $0).stretches.isEmpty
                }
            return try transaction.cursors(peer, .casework).received != .start
        }
        guard !report.isOfCut else { return report }
        // Of bundles that were made for this life of the database. Who has none of their casework may lack all of it.
        let isWhole = report.missing.isEmpty && !report.awaitsMore && !report.hasGap
        try node.leaveGuessing(parentHasTold: !isBelow && isCurrent && hasBegun && isWhole, now: now)
        return report
    }
}

extension WireBatch {
    fileprivate var knownFeed: Feed? { UInt8(exactly: feed).flatMap(Feed.init) }
    fileprivate var isCharter: Bool { knownFeed == .charter }
    fileprivate var isCasework: Bool { knownFeed == .casework }
}
