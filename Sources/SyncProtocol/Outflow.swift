import ChangeSet
import ServiceModel

/// What one end still has to say: the feeds in their order, each from where the other end stands.
struct Outflow: Sendable {
    private var positions: [Feed: WireCursor]
    /// The first feed of those whose next batch was asked for.
    private(set) var reading: Feed?
    /// Something may have come to the feeds that were already asked.
    private var isStale = false
    /// The charter alone goes, until it is known where the other end stands.
    private(set) var isHeld: Bool
    /// Batches sent in this exchange.
    private(set) var sent: UInt64 = 0
    /// Of which so many said nothing.
    private(set) var knocks = 0

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

    /// What to look through for the next batch, in this order; nothing when none was asked for.
    var wanted: [FeedStart] {
        guard let reading else { return [] }
        return Feed.allCases.filter { isHeld ? $0 == .charter && reading == .charter : $0 >= reading }.map { feed in
            FeedStart(feed: feed, cursor: positions[feed] ?? .with { $0.feed = UInt32(feed.rawValue) })
        }
    }

    /// - Parameter found: the first batch in what was wanted; nil when there is nothing to say.
    mutating func read(_ found: FoundBatch?) -> [ExchangeEffect] {
        precondition(reading != nil, "no batch was asked for")
        guard let found else { return endOfFeeds() }
        positions[found.feed] = found.batch.end
        sent += 1
        let effects: [ExchangeEffect] = [.send(.batch(found.batch))]
        if found.hasMore, found.feed != .published || !isStale { return effects + ask(found.feed) }
        if found.hasMore {
            // Cases do not wait for the rest of the catalog.
            isStale = false
            return effects + ask(.charter)
        }
        return switch found.feed {
        case .charter where !isHeld: effects + ask(.casework)
        case .casework where !isHeld: effects + ask(.published)
        default: effects + endOfFeeds()
        }
    }

    /// A batch in which nothing is said: of the charter, whose start nobody checks. Every parent answers it.
    mutating func knock() -> [ExchangeEffect] {
        knocks += 1
        let feed = Feed.charter
        let stands = positions[feed] ?? .with { $0.feed = UInt32(feed.rawValue) }
        sent += 1
        return [
            .send(
                .batch(
                    .with {
                        $0.feed = UInt32(feed.rawValue)
                        $0.start = stands
                        $0.end = stands
                    }))
        ]
    }

    private mutating func endOfFeeds() -> [ExchangeEffect] {
        reading = nil
        guard isStale else { return [] }
        isStale = false
        return ask(.charter)
    }

    private mutating func ask(_ feed: Feed) -> [ExchangeEffect] {
        reading = feed
        return [.read]
    }
}
