import Foundation
import Replica
import ServiceModel
import Trust

/// What of a node can be told by its database. What of it cannot be read is left as it would be where nothing is wrong,
/// and `failure` says why.
package struct ReplicaFacts: Sendable {
    /// How much of it is gathered.
    package enum Extent: Sendable {
        /// What a danger may come of: little, however much a node holds. Every page asks for it.
        case dangers
        case all
    }

    struct Fork: Hashable, Sendable {
        /// `379902#1`.
        let node: String
        let isOwn: Bool
        /// Nobody stands above it who could cut it.
        var isOfRoot = false
        /// At the root itself: when its other machine has sealed last, in seconds since 1970; nil where not for long.
        var sealedElsewhere: Int64?
    }

    struct Child: Hashable, Sendable {
        let name: String
        /// Seconds since 1970, by this node's clock; where it was never in contact, by the last word of it that came
        /// from elsewhere.
        let heard: Int64
        /// The last comparison found a difference, which was not sent.
        var differs = false
        /// What differs was settled with it in an earlier life of this database, and not in this one.
        var isUncompared = false
        /// Its machines that are silent while another one of it speaks, in the order of their names.
        var silent: [String] = []
    }

    var unit: UnitCode
    var ordinal: UInt32
    var isRoot: Bool
    /// The unit directly above, once the charter is known.
    var parent: (code: String, name: String)?
    /// The units above this one; nil before the charter has come.
    var above: [UnitCode]?
    /// Names of units that this node was in contact with while they were above it, and that are not any more.
    var formerlyAbove: [String] = []
    /// Whether today's charter has the unit; true before it has come.
    var isUnitKnown = true
    /// Lines of the charter that nothing else stands on.
    var charterBranches = 1
    /// Last civil day of the unit, where it has passed.
    var ended: Int32?
    var isCut = false
    var isOnHold = false

    /// Whether the node's certificates are of another network than the database.
    var isOfOtherNetwork = false
    /// When it was copied off another one, in seconds since 1970; nil in one that lives.
    var copied: Int64?
    /// Whether the anchor knows of something sealed that is not here.
    var isBehindAnchor = false
    /// Where the anchor is missing, or another one: change sets that can be sealed only if the right one comes back.
    var unsealedForAnchor = 0
    /// Whether the folder's seal key is that of this node's author.
    var doesSealKeyFit = true
    /// Whether the parent is still to be compared with, since this life of the database or the parent's began, or the
    /// two have met.
    var awaitsComparison = false
    /// Change sets of an earlier incarnation that were never sealed, and that nobody has looked after.
    var resting = 0
    /// Journals with two lines between which nobody has chosen.
    var forks: [Fork] = []

    var standing = LineStanding()
    var clock: ClockStanding?
    /// nil while this node and the parent were never compared.
    var proof: ProofStanding?
    var isComparisonWished = false
    var children: [Child] = []

    var waiting = WaitingCases()
    /// How many there are, and when the oldest was saved last.
    var drafts: (count: Int, oldest: Int64?) = (0, nil)
    var gaps: [BundleGap] = []
    /// Bundles have come from a unit above.
    var comesByStick = false
    var health = HealthReport()
    /// Whether the network's rule lets closed cases leave this node.
    var hasRetentionRule = false
    /// The last pass over them.
    var retention: RetentionPass?
    /// Cases that people have asked back more than a day ago.
    var wishedLong = 0
    /// With how many change sets came since each.
    var backups: [(row: BackupRow, newer: Int)] = []

    /// The first thing that could not be read.
    var failure: ReplicaError?

    init(unit: UnitCode, ordinal: UInt32, isRoot: Bool) {
        self.unit = unit
        self.ordinal = ordinal
        self.isRoot = isRoot
    }

    /// - Throws: `ReplicaError` where not even the node's name can be read.
    init(_ transaction: Transaction, _ folder: FolderFacts, now: Moment, _ extent: Extent) throws {
        guard let identity = try transaction.identity else { throw ReplicaError.empty("\(folder.path)/replica.sqlite") }
        self.init(unit: identity.unit, ordinal: identity.ordinal, isRoot: try transaction.isRoot)
        if let chain = folder.chain, let genesis = transaction.genesis {
            isOfOtherNetwork = !chain.isIn(genesis)
        }
        try read { try $0.readUnit(transaction, now) }
        try read { try $0.readLife(transaction, identity, folder) }
        try read { try $0.readForks(transaction, identity) }
        try read { $0.clock = try folder.certificate.map { try transaction.clock(certificate: $0, now: now) } }
        try read { $0.health = try transaction.health() }
        if extent == .all { try readRest(transaction, identity, now) }
        if failure == nil, let run = transaction.notedDamage { failure = .damagedRun(run) }
    }

    private mutating func readRest(_ transaction: Transaction, _ identity: NodeIdentity, _ now: Moment) throws {
        try read { $0.resting = try transaction.countOfRestingUnseen() }
        try read { $0.standing = try transaction.lineStanding() }
        try read { try $0.readComparisons(transaction, now) }
        try read { $0.waiting = try transaction.waitingCases(heldBy: identity.unit) }
        try read { $0.drafts = try transaction.draftCount() }
        try read { try $0.readCourier(transaction) }
        try read { try $0.readRetention(transaction, now) }
        try read {
            $0.backups = try transaction.backups().map { ($0, try transaction.arrived(behind: $0.position)) }
        }
    }

    /// - Throws: what concerns the file as a whole.
    private mutating func read(_ part: (inout ReplicaFacts) throws -> Void) throws {
        do {
            try part(&self)
        } catch {
            let why = Self.failure(error)
            if case .unreadable = why { throw why }
            failure = failure ?? why
        }
    }

    /// What an error says of the database.
    static func failure(_ error: any Error) -> ReplicaError {
        switch error {
        case let error as ReplicaError: error
        case let error as any CodedError: .damaged(error.words[.english])
        default: .damaged("\(error)")
        }
    }

    private mutating func readUnit(_ transaction: Transaction, _ now: Moment) throws {
        let view = transaction.charter.current
        let topology = view.topology
        let hasCharter = transaction.charter.count > 1
        parent = topology.parent(of: unit).map { ($0.text, topology[$0]?.name ?? $0.text) }
        isUnitKnown = !hasCharter || topology.contains(unit)
        ended = topology[unit]?.until.flatMap { $0 < now.day ? $0 : nil }
        charterBranches = transaction.charter.tips.count
        isCut = view.isCutNode(unit: unit, enrollment: ordinal)
        isOnHold = view.isOnHold(unit)
        above = hasCharter ? topology.above(unit) : nil
    }

    private mutating func readLife(
        _ transaction: Transaction, _ identity: NodeIdentity, _ folder: FolderFacts
    ) throws {
        copied = try transaction.copied()
        if let author = identity.author {
            switch folder.anchor {
            case .held(let known):
                isBehindAnchor = try transaction.passed(author, by: known) != nil
                if isBehindAnchor, try transaction.isStrange(known, to: author) {
                    unsealedForAnchor = try transaction.unsealedForAnchor(author) ?? 0
                }
            case .absent: unsealedForAnchor = try transaction.unsealedForAnchor(author) ?? 0
            case .damaged: break
            }
        }
        // The next life has the key that lies there.
        doesSealKeyFit = try copied != nil || isBehindAnchor || (folder.sealKey.map(transaction.isSealed) ?? true)
        guard let above = transaction.charter.current.topology.parent(of: unit) else { return }
        let peers = try transaction.contacts().filter { $0.unit == above && $0.time > 0 }
        let latest = try peers.max { $0.time < $1.time }.flatMap {
            try transaction.latestPeer(unit: $0.unit, node: $0.node)
        }
        awaitsComparison = try latest.map { try !transaction.reliesOnCursors(with: $0) } ?? false
    }

    private mutating func readRetention(_ transaction: Transaction, _ now: Moment) throws {
        let view = transaction.charter.current
        hasRetentionRule = view.topology[unit].flatMap { RetentionRule.months(ofTier: $0.tier, view) } != nil
        retention = try transaction.lastRetentionPass()
        // The day alone is noted: yesterday may be a minute ago.
        wishedLong = try transaction.casesWished(before: now.day - 1)
    }

    private mutating func readCourier(_ transaction: Transaction) throws {
        gaps = try transaction.bundleGaps()
        let topology = transaction.charter.current.topology
        comesByStick = try transaction.unitsBroughtByCourier().contains { topology.isAbove($0, unit) }
    }

    private mutating func readForks(_ transaction: Transaction, _ identity: NodeIdentity) throws {
        let view = transaction.charter.current
        let root = transaction.genesis?.root
        for author in try transaction.forkedAuthors() where !view.isCut(author) {
            var fork = Fork(
                node: "\(author.unit)#\(author.enrollment)", isOwn: author.unit == unit && author.enrollment == ordinal,
                isOfRoot: author.unit == root)
            if fork.isOwn, fork.isOfRoot { fork.sealedElsewhere = try transaction.lastSealElsewhere(of: author.id) }
            // A node may have forked in several incarnations.
            guard let at = forks.firstIndex(where: { $0.node == fork.node }) else {
                forks.append(fork)
                continue
            }
            forks[at].sealedElsewhere = [forks[at].sealedElsewhere, fork.sealedElsewhere].compactMap(\.self).max()
        }
    }

    private mutating func readComparisons(_ transaction: Transaction, _ now: Moment) throws {
        let view = transaction.charter.current
        let topology = view.topology
        let standings = try transaction.proofStandings()
        let earlier = try transaction.settledInEarlierLives()
        isComparisonWished = try transaction.wishedComparison() != nil
        proof = try transaction.proofStanding()
        let contacts = Dictionary(grouping: try transaction.contacts().filter { $0.time > 0 }) { $0.unit }
        // One of a higher tier was never below.
        formerlyAbove = contacts.keys.sorted().filter { !topology.isAbove($0, unit) }.compactMap { other in
            guard let own = topology[unit], let known = topology[other], known.tier < own.tier else { return nil }
            return known.name
        }
        children = try topology.children(of: unit).compactMap { child in
            // Nothing more is to come of one that has ended.
            guard topology[child]?.until.map({ $0 >= now.day }) ?? true,
                let heard = try lastHeard(of: child, calls: contacts[child]?.map(\.time) ?? [], transaction, now)
            else { return nil }
            let machines = try heardByMachine(child, transaction)
            let silent = machines.filter { heard - $0.value > ExaminationBounds.childSilence }
            // Of a unit whose machines were all cut off nobody comes to compare.
            let isAwaited = earlier[child].map { settled in
                !machines.isEmpty || settled.contains { !view.isCutNode(unit: child, enrollment: $0) }
            }
            return Child(
                name: topology[child]?.name ?? child.text, heard: heard,
                differs: standings[child]?.isUnsettled ?? false,
                isUncompared: isAwaited ?? false,
                silent: silent.keys.sorted().map { "\(child)#\($0)" })
        }
    }

    /// When a child was heard last, also while it was under another parent. Of one that has called, what lies ahead of
    /// this clock says nothing.
    private func lastHeard(
        of child: UnitCode, calls: [Int64], _ transaction: Transaction, _ now: Moment
    ) throws -> Int64? {
        let elsewhere = try heardElsewhere(child, transaction)
        guard let called = calls.max() else { return elsewhere }
        guard let elsewhere, elsewhere <= now.seconds + Node.clockTolerance else { return called }
        return max(called, elsewhere)
    }

    /// When one was heard last that was moved here and has not called. nil while it has no machine.
    private func heardElsewhere(_ child: UnitCode, _ transaction: Transaction) throws -> Int64? {
        try heardByMachine(child, transaction).values.max()
    }

    /// When the machines of a unit were heard last that were not cut off, whoever brought it: no earlier than they were
    /// enrolled.
    private func heardByMachine(_ child: UnitCode, _ transaction: Transaction) throws -> [UInt32: Int64] {
        let view = transaction.charter.current
        let heard = try transaction.lastWords(of: child).compactMap { opening, time -> (UInt32, Int64)? in
            let ordinal = opening.author.enrollment
            guard !view.isCutNode(unit: child, enrollment: ordinal),
                let certificate = opening.opening.certificates.first.flatMap({ try? NodeCertificate(der: $0) })
            else { return nil }
            return (ordinal, max(certificate.period.from + Node.clockTolerance, time))
        }
        return Dictionary(heard, uniquingKeysWith: max)
    }
}
