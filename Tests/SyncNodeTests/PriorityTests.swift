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

    private static func reads(_ effects: [ExchangeEffect]) -> [Feed] {
        effects.compactMap { if case .read(let feed, _) = $0 { feed } else { nil } }
    }

    private static func batch(_ feed: Feed, to position: UInt64) -> WireBatch {
        .with {
            $0.feed = UInt32(feed.rawValue)
            $0.end = cursor(feed, position)
        }
    }

    @Test("A case that comes while a long catalog is sent goes before the rest of it, which then goes on")
    func casesBeforeTheCatalog() throws {
        let state = LinkState(
            incarnation: 1, peerIncarnation: 2, charter: Self.cursor(.charter), peerCharter: nil,
            received: [.casework, .published].map { Self.cursor($0) },
            sent: [.casework: Self.cursor(.casework), .published: Self.cursor(.published)])
        var child = ChildExchange(state: state, wait: 60, now: 0)
        #expect(Self.reads(child.begin()) == [.charter])
        #expect(Self.reads(child.read(nil, hasMore: false)) == [.casework])
        #expect(Self.reads(child.read(nil, hasMore: false)) == [.published])
        // A catalog of many batches; without news it goes on and on.
        #expect(Self.reads(child.read(Self.batch(.published, to: 10), hasMore: true)) == [.published])
        #expect(child.news(now: 1).isEmpty)
        #expect(Self.reads(child.read(Self.batch(.published, to: 20), hasMore: true)) == [.charter])
        #expect(Self.reads(child.read(nil, hasMore: false)) == [.casework])
        let casework = child.read(Self.batch(.casework, to: 30), hasMore: false)
        #expect(casework.contains(.read(.published, from: Self.cursor(.published, 20))))
        #expect(Self.reads(child.read(Self.batch(.published, to: 40), hasMore: true)) == [.published])
        #expect(Self.reads(child.read(Self.batch(.published, to: 50), hasMore: false)).isEmpty)
    }
}
