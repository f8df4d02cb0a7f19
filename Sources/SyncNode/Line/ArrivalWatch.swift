import Replica
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

    /// A name whose open exchange was ended, several times within an hour, by another that came from elsewhere.
    package struct Displaced: Codable, Hashable, Sendable {
        /// `379902001001#1`.
        package let name: String
        /// The two addresses of the last time.
        package var addresses: [String]
        /// Seconds since 1970.
        package var last: Int64

        package init(name: String, addresses: [String], last: Int64) {
            self.name = name
            self.addresses = addresses
            self.last = last
        }
    }

    /// The last one.
    package var storm: Storm?
    /// The latest last.
    package var displaced: [Displaced] = []

    package init(storm: Storm? = nil, displaced: [Displaced] = []) {
        self.storm = storm
        self.displaced = displaced
    }

    /// With times that can be written and reckoned with, where it was read from a file: there may stand anything.
    package var sane: ArrivalState {
        ArrivalState(
            storm: storm.map {
                Storm(
                    since: ClockContact.sane($0.since), last: ClockContact.sane($0.last), children: $0.children,
                    refusals: $0.refusals)
            },
            displaced: displaced.map {
                Displaced(name: $0.name, addresses: $0.addresses, last: ClockContact.sane($0.last))
            })
    }
}

/// Keeps count of what happens to those who arrive. The only clock is the caller's.
package struct ArrivalWatch: Sendable {
    /// Seconds without a refusal after which a storm is over.
    static let calm: Int64 = 300

    package private(set) var state = ArrivalState()
    /// Children of this storm that were told to come again.
    private var refused: Set<NodeName> = []
    /// By name, when it was displaced from another address within the last hour; the latest last.
    private var displacements: [NodeName: [Int64]] = [:]

    /// How often within an hour is more than a line that was cut and came back elsewhere.
    static let often = 3
    private static let hour: Int64 = 3600
    /// Names that are remembered, and that are told.
    static let most = (names: 256, told: 16)

    package init() {}

    /// How many names are remembered.
    package var remembered: Int { displacements.count }

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

    /// A child that has an exchange has opened another one, which ends the first. A line that was cut makes that, too:
    /// only where it happens again and again between two addresses it may be two machines of one disk.
    /// - Parameters:
    ///   - old: the address of the first; nil where nobody knows, which tells nothing of two machines.
    ///   - now: seconds since 1970.
    /// - Returns: whether it is to be told: once, until an hour has passed without it.
    package mutating func displaced(_ child: NodeName, from old: String?, by new: String?, at now: Int64) -> Bool {
        guard let old, let new, old != new else { return false }
        let recent = (now - Self.hour)...now
        let times = (displacements[child] ?? []).filter(recent.contains) + [now]
        displacements[child] = Array(times.suffix(Self.often))
        if displacements.count > Self.most.names {
            displacements = displacements.filter { recent.contains($0.value.last ?? .min) }
            let oldest = displacements.min { ($0.value.last ?? 0, $0.key) < ($1.value.last ?? 0, $1.key) }
            if displacements.count > Self.most.names, let oldest { displacements[oldest.key] = nil }
        }
        guard times.count >= Self.often else { return false }
        let name = "\(child.unit)#\(child.ordinal)"
        let before = state.displaced.first { $0.name == name }
        state.displaced.removeAll { $0.name == name }
        state.displaced.append(ArrivalState.Displaced(name: name, addresses: [old, new], last: now))
        state.displaced = state.displaced.suffix(Self.most.told)
        return before.map { !recent.contains($0.last) } ?? true
    }
}
