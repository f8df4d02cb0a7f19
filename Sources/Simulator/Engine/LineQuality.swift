/// How a unit's line upward is.
struct LineQuality: Sendable, Hashable {
    /// One way, in milliseconds.
    let latency: Int64
    /// Bytes in a second, each way.
    let up: Int64
    let down: Int64
    /// Of a thousand packets.
    let loss: Int
    let isBad: Bool

    private static let packet = 1400

    /// - Parameter tier: of the unit below.
    init(tier: Int, lowest: Int, badLines: Int, _ random: inout SeededGenerator) {
        isBad = tier == lowest && random.below(100) < badLines
        if isBad {
            latency = 150 + Int64(random.below(650))
            up = 2_000 + Int64(random.below(14_000))
            down = up * 2
            loss = 5 + random.below(60)
        } else if tier == lowest {
            latency = 15 + Int64(random.below(50))
            up = 64_000
            down = 512_000
            loss = 1
        } else {
            latency = 2 + Int64(random.below(8))
            up = tier + 1 == lowest ? 1_000_000 : 10_000_000
            down = up
            loss = 0
        }
    }

    /// How long so many bytes take to leave, in milliseconds.
    func time(_ bytes: Int, up isUp: Bool) -> Int64 { Int64(bytes) * 1000 / (isUp ? up : down) }

    /// What lost packets cost a piece, since the transport sends them again.
    func delay(_ bytes: Int, _ random: inout SeededGenerator) -> Int64 {
        guard loss > 0 else { return 0 }
        var delay: Int64 = 0
        for _ in 0..<(1 + bytes / Self.packet) where random.below(1000) < loss { delay += 200 + 2 * latency }
        return delay
    }

    /// Until a connection stands: TCP, TLS and the head of the request.
    func handshake(_ random: inout SeededGenerator) -> Int64 {
        6 * latency + delay(6000, &random) + time(3000, up: true)
    }
}

/// Which lines work.
struct Weather: Sendable {
    /// Where some trouble is, each time that it is there at once: what overlaps ends with the last.
    private struct Spells {
        private var counts: [String: Int] = [:]

        var isEmpty: Bool { counts.isEmpty }

        mutating func count(_ name: String, begins: Bool) {
            let count = counts[name, default: 0] + (begins ? 1 : -1)
            counts[name] = count > 0 ? count : nil
        }

        func contains(_ name: String) -> Bool { counts[name] != nil }
    }

    private var outages = Spells()
    private var portals = Spells()
    private var partitions = Spells()

    enum Path: Hashable {
        case open
        /// Nothing answers; noticed after so many milliseconds.
        case closed(after: Int64)
        /// A portal answers in the place of the other end, after so many milliseconds.
        case portal(after: Int64)
    }

    mutating func outage(_ name: String, begins: Bool) { outages.count(name, begins: begins) }

    mutating func portal(_ name: String, begins: Bool) { portals.count(name, begins: begins) }

    mutating func partition(_ name: String, begins: Bool) { partitions.count(name, begins: begins) }

    func isOut(_ name: String) -> Bool { outages.contains(name) }

    /// Whether a unit comes through to one above it.
    /// - Parameter lineage: of each, itself and all above.
    func path(_ lower: [String], _ upper: [String]) -> Path {
        if isOut(lower[0]) { return .closed(after: 50) }
        if portals.contains(lower[0]) { return .portal(after: 400) }
        if isOut(upper[0]) { return .closed(after: 10_000) }
        guard !partitions.isEmpty else { return .open }
        let parts = (Set(lower.filter(partitions.contains)), Set(upper.filter(partitions.contains)))
        return parts.0 == parts.1 ? .open : .closed(after: 10_000)
    }
}
