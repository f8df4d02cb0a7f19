import ChangeSet
import Foundation
import ServiceModel
import SyncNode
import SyncProtocol
import Trust

/// One exchange on its way: a request and its response, in memory. Both ends run a step at a time, bytes travel in
/// pieces, and either may be cut off at any of them.
package final class SimulatedLine {
    package let child: String
    package let parent: String
    private let network: SimulatedNetwork
    private var below: ChildLink
    private var above: ParentLink
    private var up = Data()
    private var down = Data()
    /// The whole request so far, where it is to be sent once more.
    package private(set) var request = Data()
    private let keepsRequest: Bool
    /// Who the child is, as the parent verified it when the connection was made.
    package let verified: VerifiedChain
    /// Bytes that were carried, each way.
    package private(set) var carriedUp = 0
    package private(set) var carriedDown = 0
    /// The child has gone, and its machine will not hear any answer.
    package private(set) var isAbandoned = false
    /// The parent has ended it by itself.
    private(set) var isRefused = false
    /// The parent's life when the line was made: what its disk has changed may begin another.
    private let lifeAbove: UInt64?

    /// - Parameters:
    ///   - other: whom the child dials, if it is not its parent.
    ///   - wait: seconds for which the child keeps it open for news.
    ///   - mode: whether both ends compare what they hold.
    ///   - keepsRequest: whether `request` is kept.
    ///   - kept: what an earlier exchange over the same connection had verified; certificates are not shown again.
    /// - Throws: `LineProblem.refused` when either end does not take the other's certificate.
    package init(
        _ network: SimulatedNetwork, from child: String, to other: String? = nil, wait: Int64 = 0,
        mode: LinkMode = .usual, keepsRequest: Bool = false, over kept: VerifiedChain? = nil
    ) throws {
        guard let parent = other ?? network.parent(of: child) else { preconditionFailure("nobody above \(child)") }
        self.network = network
        self.child = child
        self.parent = parent
        let lower = try network.node(child), upper = try network.node(parent)
        let times = (below: network.time(at: child), above: network.time(at: parent))
        verified = try kept ?? Self.greet(lower, upper, times.below, times.above)
        // The listener asks again before each request.
        if let objection = try upper.objection(to: verified, now: times.above) {
            throw LineProblem.refused(objection.code)
        }
        self.below = try ChildLink(lower, to: upper.name, wait: wait, mode: mode, now: times.below)
        self.above = ParentLink(upper, from: lower.name)
        lifeAbove = try Self.life(of: upper)
        self.keepsRequest = keepsRequest
        for name in [child, parent] { network.hold(name, by: 1) }
    }

    deinit {
        for name in [child, parent] { network.hold(name, by: -1) }
    }

    /// What TLS asks before the first byte.
    private static func greet(
        _ lower: Node, _ upper: Node, _ below: Moment, _ above: Moment
    ) throws -> VerifiedChain {
        let client = upper.judge(presented: lower.chain.der, role: .client, now: above)
        guard case .node(_, let chain) = client else { throw LineProblem.refused("\(client)") }
        let server = lower.judge(presented: upper.chain.der, role: .server(expected: nil), now: below)
        guard case .node = server else { throw LineProblem.refused("\(server)") }
        return chain
    }

    private static func life(of node: Node) throws -> UInt64? {
        try node.replica.read { try $0.identity?.incarnation }
    }

    /// Whether the parent's database lives anew since the line was made.
    var hasParentBegunAnew: Bool {
        get throws { try Self.life(of: network.node(parent)) != lifeAbove }
    }

    package var isFinished: Bool { below.isFinished && above.isFinished && up.isEmpty && down.isEmpty }
    package var wantsAnother: Bool { below.wantsAnother }
    package var reports: (child: LinkReport, parent: LinkReport) {
        var child = below.report
        child.wantsAnother = wantsAnother
        child.needsNewerParent = below.needsNewerParent
        return (child, above.report)
    }

    /// A comparison that somebody at the child's end had asked for is done.
    /// - Parameter wish: its serial.
    func noteCarriedOut(_ wish: Int64?) throws {
        guard let wish, !wantsAnother, reports.child.comparison?.isOver == true else { return }
        try network.node(child).replica.write { try $0.noteComparison(carriedOut: wish) }
    }

    // MARK: - Steps

    /// Something was written at the child's, or at the parent's.
    /// - Returns: false where that end has said its last word.
    @discardableResult
    package func news(atChild: Bool) -> Bool {
        // A server leaves an exchange that is over at its end.
        if atChild {
            guard !below.isFinished else { return false }
            let isHeard = !below.hasSaidAll
            below.news(now: network.time(at: child))
            return isHeard
        }
        guard !above.isFinished else { return false }
        above.news(now: network.time(at: parent))
        return true
    }

    package func tick() {
        if !below.isFinished { below.tick(now: network.time(at: child)) }
    }

    /// The child says goodbye.
    package func end() { below.end() }

    /// The child does what is due. False when there was nothing to do.
    @discardableResult
    package func workBelow() throws -> Bool {
        guard !isAbandoned, let bytes = try below.next(now: network.time(at: child)), !network.isDown(child) else {
            return false
        }
        queue(bytes)
        return true
    }

    private func queue(_ bytes: Data) {
        up.append(bytes)
        if keepsRequest { request.append(bytes) }
    }

    /// The child does what came in, while its own words are on their way.
    package func takeInBelow() throws {
        guard !isAbandoned else { return }
        try below.takeIn(now: network.time(at: child))
    }

    /// What the parent still needs to read all that was said. False when it can.
    package func flushBelow() -> Bool {
        guard !isAbandoned, let bytes = below.flush() else { return false }
        queue(bytes)
        return true
    }

    /// Bytes that were said and have not arrived, each way.
    package var waiting: (up: Int, down: Int) { (up.count, down.count) }

    /// How much goes into a batch, at either end.
    package var budgets: (child: Int, parent: Int) {
        get { (below.budget, above.budget) }
        set { (below.budget, above.budget) = newValue }
    }

    /// The parent does what is due; where it fails, it says why, as the listener does.
    @discardableResult
    package func workAbove() throws -> Bool {
        do {
            guard let bytes = try above.next(now: network.time(at: parent)), !network.isDown(parent) else {
                return false
            }
            down.append(bytes)
            return true
        } catch ExchangeProblem.cutOff {
            isRefused = above.report.receivedBatches == 0
            throw ExchangeProblem.cutOff
        }
    }

    /// Up to so many bytes reach the parent.
    @discardableResult
    package func carryUp(_ most: Int = .max) throws -> Bool {
        guard !up.isEmpty, most > 0 else { return false }
        let bytes = Data(up.prefix(most))
        up = Data(up.dropFirst(most))
        carriedUp += bytes.count
        try above.take(bytes, now: network.time(at: parent))
        return true
    }

    /// Up to so many bytes reach the child; nothing reaches one that has gone.
    @discardableResult
    package func carryDown(_ most: Int = .max) throws -> Bool {
        guard !down.isEmpty, most > 0 else { return false }
        let bytes = Data(down.prefix(most))
        down = Data(down.dropFirst(most))
        guard !isAbandoned else { return true }
        carriedDown += bytes.count
        try below.take(bytes, now: network.time(at: child))
        return true
    }

    /// The child hangs up and may dial again; the parent has not noticed, and what is on the way up still comes.
    package func abandon() { isAbandoned = true }

    /// Runs until nothing moves.
    package func run() throws {
        while true {
            var moved = false
            while try workBelow() { moved = true }
            if try carryUp() { moved = true }
            while try workAbove() { moved = true }
            if try carryDown() { moved = true }
            if !moved { return }
        }
    }

    /// Both bodies ended: `cutOff` when the exchange had not.
    package func close() throws {
        try below.bodyEnded()
        try above.bodyEnded()
    }
}

/// Why two machines did not come to an exchange.
package enum LineProblem: Error, Equatable {
    case refused(String)
}

extension SimulatedNetwork {
    /// One exchange of a unit's machine with its parent's.
    /// - Parameters:
    ///   - cutUp: bytes of the request after which the line is cut.
    ///   - cutDown: bytes of the response after which the line is cut.
    /// - Returns: the child's and the parent's report; nil when the line was cut.
    @discardableResult
    package func exchange(
        _ name: String, mode: LinkMode = .usual, cutUp: Int = .max, cutDown: Int = .max
    ) throws -> (child: LinkReport, parent: LinkReport)? {
        let line = try SimulatedLine(self, from: name, mode: mode)
        while true {
            var moved = false
            while try line.workBelow() { moved = true }
            if try line.carryUp(cutUp - line.carriedUp) { moved = true }
            while try line.workAbove() { moved = true }
            if line.carriedUp >= cutUp { return nil }
            if try line.carryDown(cutDown - line.carriedDown) { moved = true }
            if line.carriedDown >= cutDown {
                while try line.workBelow() {}
                return nil
            }
            if !moved { break }
        }
        try line.close()
        return line.reports
    }

    /// Lets everything flow up and down the tree.
    package func settle(rounds: Int = 3) throws {
        for _ in 0..<rounds {
            for name in names.reversed() where name != root { try exchange(name) }
            for name in names where name != root { try exchange(name) }
        }
    }
}
