import ServiceModel
import Trust

/// What those who dial a serving node from below have met there, as far as a person is told of it.
package struct ArrivalState: Codable, Hashable, Sendable {
    /// So many came at once that some were told to come again.
    package struct Storm: Codable, Hashable, Sendable {
        /// Seconds since 1970, when the first of them was told so, and when the last.
        package let since: Int64
        package var last: Int64
        /// How many were told so, and how often in all.
        package var children = 1
        package var refusals = 1

        package init(since: Int64, last: Int64, children: Int = 1, refusals: Int = 1) {
            self.since = since
            self.last = last
            self.children = children
            self.refusals = refusals
        }
    }

    /// The last one.
    package var storm: Storm?

    package init(storm: Storm? = nil) { self.storm = storm }
}

/// Keeps count of what happens to those who arrive. The only clock is the caller's.
package struct ArrivalWatch: Sendable {
    /// Seconds without a refusal after which a storm is over.
    static let calm: Int64 = 300

    package private(set) var state = ArrivalState()
    /// Children of this storm that were told to come again.
    private var refused: Set<NodeName> = []

    package init() {}

    /// A child was told to come again.
    /// - Parameter now: seconds since 1970.
    /// - Returns: whether a storm begins with it.
    package mutating func refused(_ child: NodeName, at now: Int64) -> Bool {
        guard var storm = state.storm, (storm.since...storm.last + Self.calm).contains(now) else {
            refused = [child]
            state.storm = ArrivalState.Storm(since: now, last: now)
            return true
        }
        refused.insert(child)
        storm.last = max(storm.last, now)
        storm.children = refused.count
        storm.refusals += 1
        state.storm = storm
        return false
    }
}
