import ChangeSet
import ServiceModel

/// What one end still has to say: the feeds in their order, each from where the other end stands.
struct Outflow: Sendable {
    private var positions: [Feed: WireCursor]
    /// The feed whose next batch was asked for.
    private(set) var reading: Feed?
    /// Something may have come to the feeds that were already asked.
    private var isStale = false
    /// The charter alone goes, until it is known where the other end stands.
    private(set) var isHeld: Bool
    /// Batches sent in this exchange.
    private(set) var sent: UInt64 = 0

    init(from positions: [Feed: WireCursor], isHeld: Bool) {
        self.positions = positions
        self.isHeld = isHeld
    }

    var isDrained: Bool { reading == nil }

    /// Looks through all feeds, from the first.
    mutating func wake() -> [ExchangeEffect] {
        guard reading == nil else {
            isStale = true
            return []
        }
        return ask(.charter)
    }

    /// Goes back to where the other end says that it stands.
    mutating func restart(from cursors: [Feed: WireCursor]) -> [ExchangeEffect] {
        positions.merge(cursors) { _, new in new }
        return wake()
    }

    mutating func hold() { isHeld = true }

    /// All feeds go.
    /// - Parameter anew: from their beginning.
    mutating func release(anew: Bool) -> [ExchangeEffect] {
        guard isHeld else { return [] }
        isHeld = false
        if anew { for feed in [Feed.casework, .published] { positions[feed] = nil } }
        return wake()
    }

    /// - Parameter hasMore: rows lie beyond the batch.
    mutating func read(_ batch: WireBatch?, hasMore: Bool) -> [ExchangeEffect] {
        guard let feed = reading else { preconditionFailure("no batch was asked for") }
        var effects: [ExchangeEffect] = []
        if let batch {
            positions[feed] = batch.end
            sent += 1
            effects.append(.send(.batch(batch)))
            if hasMore {
                guard feed == .published, isStale else { return effects + ask(feed) }
                // Cases do not wait for the rest of the catalog.
                isStale = false
                return effects + ask(.charter)
            }
        }
        switch feed {
        case .charter where !isHeld: return effects + ask(.casework)
        case .casework: return effects + ask(.published)
        case .charter, .published:
            reading = nil
            guard isStale else { return effects }
            isStale = false
            return effects + ask(.charter)
        }
    }

    private mutating func ask(_ feed: Feed) -> [ExchangeEffect] {
        reading = feed
        return [.read(feed, from: positions[feed] ?? .with { $0.feed = UInt32(feed.rawValue) })]
    }
}
