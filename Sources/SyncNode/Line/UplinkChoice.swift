/// Which of its uplinks a node goes through: the parent while it answers, else the next unit above that does. Who has
/// failed for a while counts as dead; whether one that is better than the present one is back is looked after from time
/// to time. The only clock is the caller's: milliseconds of one that goes forward.
package struct UplinkChoice: Sendable {
    package struct Patience: Sendable {
        /// The first uplink is dead after so many failures in a row, the first of them so many milliseconds ago. The
        /// stand-in may have to be told everything that the parent has had, so a restart of the parent is waited for.
        package var failures = 4
        package var time: Int64 = 60_000
        /// Milliseconds between two looks at what is better: at first, and at most when they are in vain.
        package var look: Int64 = 30_000
        package var longestLook: Int64 = 300_000

        package init(failures: Int = 4, time: Int64 = 60_000, look: Int64 = 30_000, longestLook: Int64 = 300_000) {
            self.failures = failures
            self.time = time
            self.look = look
            self.longestLook = longestLook
        }
    }

    private let count: Int
    private let patience: Patience
    /// The one that answered last.
    package private(set) var current = 0
    private var failures = 0
    private var failingSince: Int64?
    /// A better one that was seen to be back.
    private var returning: Int?
    private var looksInVain = 0
    /// When to look next; nil on the first uplink.
    package private(set) var lookDue: Int64?

    /// - Parameter count: of uplinks, the best first.
    package init(count: Int, patience: Patience = Patience()) {
        self.count = count
        self.patience = patience
    }

    /// The uplinks to try now, in this order, until one answers.
    package func round(at now: Int64) -> [Int] {
        if let returning { return [returning] + (0..<count).filter { $0 != returning } }
        guard let failingSince else { return [current] }
        let isDead = failures >= patience.failures && now - failingSince >= patience.time
        return current == 0 && !isDead ? [0] : Array(0..<count)
    }

    /// One of them serves.
    /// - Parameter random: 0..<1000.
    package mutating func answered(_ index: Int, at now: Int64, random: Int64) {
        if let returning, returning != index {
            // It was there and did not serve: it is looked after less often.
            looksInVain += 1
            lookDue = nil
        } else if index != current {
            looksInVain = 0
            lookDue = nil
        }
        (current, returning, failures, failingSince) = (index, nil, 0, nil)
        if index > 0, lookDue == nil { plan(at: now, random: random) }
    }

    /// None of a round has answered.
    package mutating func failed(at now: Int64) {
        failures += 1
        failingSince = failingSince ?? now
        returning = nil
    }

    /// The uplinks before the present one were asked.
    /// - Parameters:
    ///   - found: one that is back.
    ///   - random: 0..<1000.
    package mutating func looked(found: Int?, at now: Int64, random: Int64) {
        returning = found
        if found == nil {
            looksInVain += 1
            plan(at: now, random: random)
        }
    }

    /// Half of the time is random: the children of a parent that comes back do not all return in the same second.
    private mutating func plan(at now: Int64, random: Int64) {
        let span = min(patience.longestLook, patience.look << Int64(min(looksInVain, 16)))
        lookDue = now + span / 2 + span * random / 2000
    }
}
