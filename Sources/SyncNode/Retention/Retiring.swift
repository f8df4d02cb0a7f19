import Replica
import ServiceModel

/// One pass over the closed cases of a node: those that its tier's rule lets go, and that a unit above has backed up,
/// leave it. Each step is a transaction of its own, so that a serving node goes on meanwhile.
package struct Retirement: Hashable, Sendable {
    /// Cases that one step looks at.
    private static let casesPerStep = 32
    /// Accepted drafts that one step looks at, and for how many days from its
    /// legal day the case of one is remembered.
    private static let (draftsPerStep, daysOfDrafts): (Int, Int32) = (512, 366)

    /// After how many months closed cases leave; nil where they stay.
    package let months: Int?
    /// Whether the clock says which day it is: else nothing leaves.
    package let hasDay: Bool
    package private(set) var retired = 0
    /// Closed cases that stay, by what keeps them.
    package var kept: [RetentionObstacle: Int] { found.mapValues(\.cases) }
    private var found: [RetentionObstacle: RetentionPass.Kept] = [:]
    package private(set) var isFinished: Bool
    private let terms: RetentionTerms?
    private let onlyLooks: Bool
    private let began: Int64
    private var after: Int64 = 0
    /// Behind the last case: the accepted draft that was looked at last.
    private var draft: String?

    fileprivate init(months: Int?, clock: ClockStanding, onlyLooks: Bool, now: Moment) {
        began = now.seconds
        self.months = months
        self.onlyLooks = onlyLooks
        hasDay = !clock.needsDay
        terms = hasDay ? months.flatMap { RetentionTerms(months: $0, today: clock.presumedDay) } : nil
        isFinished = terms == nil
    }

    /// Looks at the next cases.
    /// - Throws: `ReplicaError`; then nothing of this step has left.
    package mutating func step(_ node: Node) throws {
        guard let terms, !isFinished else { return }
        self = try node.replica.write { [self] transaction in
            var next = self
            if let draft {
                next.draft = try transaction.forgetDrafts(
                    after: draft, most: Self.draftsPerStep, acceptedBefore: terms.today - Self.daysOfDrafts)
                next.isFinished = next.draft == nil
                return next
            }
            let records = try transaction.closedCases(after: after, most: Self.casesPerStep)
            for record in records {
                next.note(record, try transaction.retire(record, terms, onlyLooks: onlyLooks))
            }
            guard records.count < Self.casesPerStep else { return next }
            guard !onlyLooks else {
                next.isFinished = true
                return next
            }
            // What it came to is kept, so that the doctor can tell what lasts.
            try transaction.keep(RetentionPass(time: began, retired: next.retired, kept: next.found))
            next.draft = ""
            return next
        }
    }

    private mutating func note(_ record: Int64, _ obstacle: RetentionObstacle?) {
        after = record
        guard let obstacle else { return retired += 1 }
        found[obstacle, default: RetentionPass.Kept(cases: 0, first: record, since: began)].cases += 1
    }
}

extension Node {
    /// A pass by the rule of this node's tier. At the root nothing ever leaves.
    /// - Parameter onlyLooks: it only counts.
    /// - Throws: `ReplicaError`.
    package func retirement(onlyLooks: Bool = false, now: Moment) throws -> Retirement {
        try replica.read { transaction in
            let view = transaction.charter.current
            let months =
                isRoot ? nil : view.topology[name.unit].flatMap { RetentionRule.months(ofTier: $0.tier, view) }
            return Retirement(
                months: months, clock: try clock(transaction, now: now), onlyLooks: onlyLooks, now: now)
        }
    }

    /// A whole pass at once.
    /// - Throws: `ReplicaError`.
    package func retire(onlyLooks: Bool = false, now: Moment) throws -> Retirement {
        var pass = try retirement(onlyLooks: onlyLooks, now: now)
        while !pass.isFinished { try pass.step(self) }
        return pass
    }

    /// Says for a tier after how many months closed cases leave; nil is never.
    /// - Throws: `NodeError.notRoot`, `NodeError.badInput`.
    package func setRetention(months: Int?, ofTier tier: Int, now: Moment) throws {
        guard tier > 0, months.map((0...RetentionRule.most).contains) ?? true else {
            throw NodeError.badInput(
                tier > 0 ? "\(months ?? 0)" : "\(tier)",
                wanted: Words(
                    "a tier below the root, and 0 to \(RetentionRule.most) months",
                    "根节点以下的层级，以及0至\(RetentionRule.most)个月"))
        }
        try setPolicy(
            RetentionRule.policy(ofTier: tier), to: months.map(String.init) ?? RetentionRule.never, now: now)
    }

    /// Asks for a case back that has left this node; the next exchange with the unit above brings it.
    /// - Parameter text: its receipt number, as people type it.
    /// - Throws: `NodeError.unknownCase`; `.isHere` where it is.
    package func fetchCase(typed text: String, now: Moment) throws {
        let receipt = ReceiptNumber.printed(text)
        try replica.write { transaction in
            guard let stub = try transaction.stub(receipt: receipt) else {
                _ = try transaction.caseReference(typed: text)
                throw NodeError.isHere(receipt)
            }
            try transaction.fetch(stub, today: try clock(transaction, now: now).presumedDay)
        }
    }
}
