import ChangeSet
import ServiceModel
import SyncProtocol
import Testing

/// What goes first over a slow line.
@Suite struct PriorityTests {
    private static func cursor(_ feed: Feed, _ position: UInt64 = 0) -> WireCursor {
        .with {
            $0.feed = UInt32(feed.rawValue)
            $0.position = position
        }
    }

    /// What is looked through for the next batch, when one was asked for.
    private static func reads(_ effects: [ExchangeEffect], _ child: ChildExchange) -> [Feed] {
        effects.contains(.read) ? child.wanted.map(\.feed) : []
    }

    private static func batch(_ feed: Feed, to position: UInt64, hasMore: Bool) -> FoundBatch {
        let batch = WireBatch.with {
            $0.feed = UInt32(feed.rawValue)
            $0.end = cursor(feed, position)
        }
        return FoundBatch(feed: feed, batch: batch, hasMore: hasMore)
    }

    @Test("A case that comes while a long catalog is sent goes before the rest of it, which then goes on")
    func casesBeforeTheCatalog() throws {
        let state = LinkState(
            incarnation: 1, peerIncarnation: 2, charter: Self.cursor(.charter), peerCharter: nil,
            received: [.casework, .published].map { Self.cursor($0) },
            sent: [.casework: Self.cursor(.casework), .published: Self.cursor(.published)])
        var child = ChildExchange(state: state, wait: 60, now: 0)
        func reads(_ effects: [ExchangeEffect]) -> [Feed] { Self.reads(effects, child) }
        #expect(reads(child.begin()) == [.charter, .casework, .published])
        // A catalog of many batches; without news it goes on and on.
        #expect(reads(child.read(Self.batch(.published, to: 10, hasMore: true))) == [.published])
        #expect(child.news(now: 1).isEmpty)
        #expect(reads(child.read(Self.batch(.published, to: 20, hasMore: true))) == [.charter, .casework, .published])
        #expect(reads(child.read(Self.batch(.casework, to: 30, hasMore: false))) == [.published])
        #expect(child.wanted.map(\.cursor) == [Self.cursor(.published, 20)])
        #expect(reads(child.read(Self.batch(.published, to: 40, hasMore: true))) == [.published])
        #expect(reads(child.read(Self.batch(.published, to: 50, hasMore: false))).isEmpty)
        // With nothing to say it has looked through all of them at once.
        #expect(reads(child.news(now: 2)) == [.charter, .casework, .published])
        #expect(reads(child.read(nil)).isEmpty)
    }
}
