import Replica
import ServiceModel
import Trust

extension Node {
    /// How far this machine's clock is to be relied on.
    /// - Throws: `ReplicaError`.
    package func clock(now: Moment) throws -> ClockStanding { try replica.read { try clock($0, now: now) } }

    package func clock(_ transaction: Transaction, now: Moment) throws -> ClockStanding {
        try transaction.clock(certificate: chain.leaf.period, now: now)
    }

    /// The legal day of an act: as it is typed, today when nothing is.
    /// - Throws: `NodeError.badInput`; `ClockError.dayNeeded` when nothing is typed and the clock cannot say the day.
    package func legalDay(_ typed: String?, now: Moment) throws -> Int32 {
        if typed == nil {
            let clock = try clock(now: now)
            if clock.needsDay, let doubt = clock.doubt { throw ClockError.dayNeeded(doubt) }
        }
        return try CivilDay.parse(typed, now: now)
    }

    /// What was believed of times that this clock has not reached, by a clock that was ahead, is doubted.
    /// - Throws: `ReplicaError`.
    package func doubtQuotes(now: Moment) throws { try replica.write { try $0.doubtQuotes(now: now.seconds) } }

    /// Keeps that the clock was set while this node was serving, until the parent is heard again.
    /// - Parameter earlier: the jump that the same process kept last, if it is kept still this one adds to it.
    /// - Returns: what is kept; nil when the clock is back where it would be.
    /// - Throws: `ReplicaError`.
    package func note(_ jump: ClockJump, after earlier: ClockJump?) throws -> ClockJump? {
        try replica.write { transaction in
            let held = try transaction.clockJump()
            let kept = earlier.flatMap { $0 == held ? $0 : nil }.map { $0.followed(by: jump) } ?? jump
            try transaction.keep(kept)
            try transaction.doubtQuotes(now: jump.after)
            return kept
        }
    }

    /// A clock that was set may have been set right, and is let pass.
    /// - Throws: `ClockError.nothingIssued` where what bears a time would bear a wrong one.
    func demandClock(_ transaction: Transaction, now: Moment) throws {
        let clock = try clock(transaction, now: now)
        guard clock.needsDay, let doubt = clock.doubt else { return }
        if case .jumped = doubt { return }
        throw ClockError.nothingIssued(doubt)
    }
}

extension Transaction {
    /// How far the clock of this node's machine is to be relied on.
    /// - Parameter certificate: of the node.
    func clock(certificate: CertificatePeriod, now: Moment) throws -> ClockStanding {
        var evidence = ClockEvidence(certificate: certificate)
        evidence.contact = try clockContact()
        evidence.parent = try heardUnit()
        evidence.lastEntry = try identity?.author.flatMap { try lastUnacknowledgedTime(of: $0) }
        evidence.jump = try clockJump()
        return ClockStanding(now: now, evidence)
    }

    /// The name of the unit whose word was heard last, else of the parent.
    private func heardUnit() throws -> String {
        guard let own = try identity?.unit else { return "" }
        let topology = charter.current.topology
        let heard = try quotedAcknowledgement().author.flatMap { try opening(of: $0) }
        let unit = heard?.author.unit ?? topology.parent(of: own) ?? own
        return topology[unit]?.name ?? unit.text
    }
}
