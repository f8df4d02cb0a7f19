import ChangeSet
import Foundation
import Replica
import ServiceModel

/// When a machine goes on as another author: when its database is, or may be, one from which another life went on.
extension Node {
    /// At every start for work. The anchor is on disk before the database says what it says.
    /// - Parameter leavesUnsealed: also where the anchor is missing, or another one, and work would be left behind.
    /// - Throws: `NodeError.anchorMissing`, `NodeError.anchorOther`.
    func beginIncarnationIfNeeded(leavingUnsealed leavesUnsealed: Bool = false) throws {
        try replica.write { transaction in
            guard let author = try transaction.identity?.author else {
                // New, or enrolled again under another name.
                try anchor.forgetAuthor()
                let first = try open(in: transaction, closing: nil, above: nil)
                try anchor.note(SealedHeads(author: first), ifLost: { .unused })
                return
            }
            let known = try anchor.read() ?? guess(for: author, leavingUnsealed: leavesUnsealed, transaction)
            guard let earlier = try transaction.closed(of: author, by: known) else {
                // An older one does not know what was given since, and perhaps rests now.
                if !known.author.isEmpty, known.author != author.description {
                    let greatest = try greatestNumber(transaction)
                    try anchor.update(ifLost: anchorFromReplica) { $0.cover(greatest) }
                }
                return
            }
            if !leavesUnsealed, try transaction.isStrange(known, to: author),
                let unsealed = try transaction.unsealedForAnchor(author),
                unsealed > 0
            {
                throw NodeError.anchorOther(directory.anchor.path, unsealed: unsealed)
            }
            let greatest = try greatestNumber(transaction)
            try anchor.update(ifLost: anchorFromReplica) { $0.cover(greatest) }
            try begin(closing: earlier, above: known.depth, in: transaction)
        }
    }

    /// In place of an anchor that is missing. The database may be an old one, whose sequences were sealed otherwise
    /// since: so it is closed at what it has sealed, and the rest counts no more. That is not for a machine to decide,
    /// as the file may be put back; only what says of itself that it is a copy is closed in any case.
    /// - Throws: `NodeError.anchorMissing`.
    func guess(
        for author: AuthorID, leavingUnsealed leavesUnsealed: Bool, _ transaction: Transaction
    ) throws -> Anchor.Content {
        if !leavesUnsealed, let unsealed = try transaction.unsealedForAnchor(author), unsealed > 0 {
            throw NodeError.anchorMissing(directory.url.path, unsealed: unsealed)
        }
        return try anchor.update(ifLost: { .guess(above: try greatestNumber(transaction)) })
    }

    /// Goes on as the next author, in another life of the database.
    /// - Parameter depth: of an incarnation that may be unknown here.
    func begin(closing earlier: AuthorID, above depth: UInt32?, in transaction: Transaction) throws {
        let opened = try openNext(in: transaction, closing: earlier, above: depth)
        try transaction.renew(incarnation: Self.incarnation(entropy))
        // From now on a database that does not know this one comes from a backup, whether or not this one writes.
        try anchor.note(SealedHeads(author: opened), ifLost: anchorFromReplica)
    }

    /// Writes what people do at this node, as an author under whom nothing is taken.
    func write<T>(now: Moment, _ body: (Transaction) throws -> T) throws -> T {
        while true {
            let written = try replica.write { transaction -> T? in
                try transaction.isBehindNeighbours() ? nil : try body(transaction)
            }
            if let written { return written }
            // A neighbour may speak again in between.
            try goOnAsAnotherIfBehind(now: now)
        }
    }

    /// Before anything is written: a neighbour knows this machine as it was later, and has not given back yet what came
    /// after. What is written now would stand at places, and under numbers, that are taken. So it goes on as the next
    /// author, and leaves a gap in its numbers. Where nothing is written meanwhile, it stays who it is.
    private func goOnAsAnotherIfBehind(now: Moment) throws {
        var left = Int.max
        while true {
            // What it had written and not sealed would rest behind the close. It is sealed in a transaction of its own:
            // the anchor hears of the next author before the database has it, and where the power goes in between, the
            // author is closed as the database knows it.
            try seal(now: now)
            let unsealed = try replica.write { transaction in
                guard try transaction.isBehindNeighbours() else { return 0 }
                let author = try author(transaction)
                let unsealed = try transaction.unsealedCount(of: author)
                guard unsealed == 0 else { return unsealed }
                let opened = try openNext(in: transaction, closing: author, above: nil)
                try transaction.leaveBehind()
                try anchor.update(ifLost: anchorFromReplica) { $0.leaveGap() }
                try anchor.note(SealedHeads(author: opened), ifLost: anchorFromReplica)
                return 0
            }
            guard unsealed > 0 else { return }
            // What cannot be sealed stands behind what is not found.
            guard unsealed < left else { throw ReplicaError.index("run_place") }
            left = unsealed
        }
    }

    /// Writes the opening of an incarnation that is deeper than all of this node's name that are known here.
    /// - Parameter depth: of one that may be unknown here.
    private func openNext(
        in transaction: Transaction, closing earlier: AuthorID, above depth: UInt32?
    ) throws -> Author {
        let author = try author(transaction)
        let deepest = try transaction.opening(of: author).flatMap { try transaction.deepestBeside($0.author) }
        return try open(in: transaction, closing: earlier, above: max(depth ?? 0, deepest ?? 0))
    }

    /// Writes the opening of a new incarnation.
    /// - Parameter above: the depth of one that may be unknown here.
    private func open(in transaction: Transaction, closing earlier: AuthorID?, above: UInt32?) throws -> Author {
        let closed = try earlier.flatMap { try transaction.opening(of: $0) }?.opening.depth
        let last = max(closed ?? 0, above ?? 0)
        guard earlier == nil || last < Limits.incarnations else { throw NodeError.noIncarnations }
        let depth = earlier == nil ? 0 : last + 1
        let opening = try SignedOpening(
            Opening(
                unit: name.unit, node: name.ordinal, random: entropy(8), certificates: chain.der.map { Data($0) },
                sealKey: sealKey.publicKey, earlier: earlier,
                earlierHeads: try earlier.map { try transaction.knownHeads(of: $0) } ?? [], depth: depth),
            sign: { try nodeKey.signature(for: $0) })
        try transaction.introduce(opening)
        try transaction.write(as: opening.author.id)
        return opening.author
    }

    /// Where one backup was restored twice without an anchor, both lives are as deep, and nobody could say which is the
    /// later. The neighbours bring the one that was lost: this one goes on above it. Once the parent has told
    /// everything, there is nothing left to guess.
    /// - Parameter parentHasTold: the parent said all that it had.
    func leaveGuessing(parentHasTold: @autoclosure () throws -> Bool, now: Moment) throws {
        guard try anchor.read()?.guessed == true else { return }
        let opened = try replica.write { transaction -> Author? in
            let author = try author(transaction)
            guard let own = try transaction.opening(of: author)?.author,
                let deepest = try transaction.deepestBeside(own), deepest >= own.depth
            else { return nil }
            try transaction.sealAndDerive(
                author, key: sealKey.key, quoted: try transaction.quotedAcknowledgement(), time: now.seconds)
            return try open(in: transaction, closing: author, above: deepest)
        }
        if let opened { try anchor.note(SealedHeads(author: opened), ifLost: anchorFromReplica) }
        if try parentHasTold() { try anchor.update(ifLost: anchorFromReplica) { $0.guessed = nil } }
    }
}

extension Transaction {
    /// Whom the next author closes: the latest one that the database knows, where another life of it may have gone on.
    /// - Returns: nil where this is its only life.
    fileprivate func closed(of author: AuthorID, by known: Anchor.Content) throws -> AuthorID? {
        #if PLANTED
            if Planted.present == .sequenceReusedAfterRestore { return nil }
        #endif
        if let earlier = try passed(author, by: known) { return earlier }
        return try copied() == nil ? nil : author
    }

    /// How many change sets can be sealed only if the anchor comes back.
    /// - Parameter author: this node's.
    /// - Returns: nil where the database says that it is a copy: then no anchor would help.
    func unsealedForAnchor(_ author: AuthorID) throws -> Int? {
        try copied() == nil ? unsealedCount(of: author) : nil
    }

    /// Whether the anchor names an author that is unknown here, or another node's.
    func isOther(_ known: Anchor.Content) throws -> Bool {
        try !known.author.isEmpty && opening(ofLife: known) == nil
    }

    /// Whether a start with it has to be asked for: not where one was interrupted that had told the anchor of the life
    /// that it was about to begin. In such a life nothing was sealed.
    /// - Parameter author: this node's.
    func isStrange(_ known: Anchor.Content, to author: AuthorID) throws -> Bool {
        guard try isOther(known) else { return false }
        guard let own = try opening(of: author)?.author else { return true }
        let deepest = max(own.depth, try deepestBeside(own) ?? 0)
        return known.depth != deepest + 1 || known.heads.contains { $0 > 0 }
    }

    /// Of the author that the anchor names, where it is one of this node's.
    private func opening(ofLife known: Anchor.Content) throws -> SignedOpening? {
        guard let last = Bytes16(hex: known.author).map(AuthorID.init), let own = try identity,
            let found = try opening(of: last), found.author.unit == own.unit, found.author.enrollment == own.ordinal
        else { return nil }
        return found
    }

    /// Whether somebody wrote under this node's name what its database does not hold.
    /// - Parameter author: this node's.
    /// - Returns: the latest author that it does know; nil when it knows everything.
    func passed(_ author: AuthorID, by known: Anchor.Content) throws -> AuthorID? {
        if known.author == author.description {
            let sealed = try ownSealedHeads(of: author)
            return zip(sealed, known.heads).contains { $0 < $1 } ? author : nil
        }
        guard let later = try opening(ofLife: known) else { return author }
        let depth = try opening(of: author)?.opening.depth ?? 0
        return later.opening.depth > depth ? later.author.id : nil
    }
}
