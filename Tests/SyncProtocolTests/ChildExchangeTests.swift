import ChangeSet
import ServiceModel
import SyncProtocol
import Testing

/// What a child says, and what it does not say any more.
@Suite struct ChildExchangeTests {
    /// A child that was displaced, or that was refused something, says goodbye while the parent's part of a comparison
    /// is still on its way. An answer behind the goodbye would go into a stream that is closed.
    @Test func nothingIsSaidAfterTheGoodbye() throws {
        let charter = WireCursor.with { $0.position = 3 }
        var child = ChildExchange(
            state: LinkState(
                incarnation: 1, peerIncarnation: 2, charter: charter, peerCharter: charter, received: [], sent: [:],
                compares: true),
            wait: 60, now: 0)
        #expect(child.begin().map(Self.name) == ["hello", "read"])
        #expect(child.read(nil).map(Self.name) == ["comparison"])
        #expect(try child.receive(.comparison(WireComparison()), now: 1).map(Self.name) == ["compare"])
        #expect(child.compared(WireComparison(), isOver: false, restarts: false).map(Self.name) == ["comparison"])
        #expect(try child.receive(.comparison(WireComparison()), now: 2).map(Self.name) == ["compare"])
        #expect(child.displaced().map(Self.name) == ["end"])
        #expect(child.compared(WireComparison(), isOver: false, restarts: false).map(Self.name) == [])
        #expect(try child.receive(.comparison(WireComparison()), now: 3).map(Self.name) == ["compare"])
        #expect(child.compared(WireComparison(), isOver: true, restarts: true).map(Self.name) == [])
        #expect(try child.receive(.end, now: 4).map(Self.name) == ["finish"])
        #expect(child.isFinished)
    }

    private static func name(_ effect: ExchangeEffect) -> String {
        switch effect {
        case .send(.hello): "hello"
        case .send(.comparison): "comparison"
        case .send(.end): "end"
        case .read: "read"
        case .compare: "compare"
        case .finish: "finish"
        default: "\(effect)"
        }
    }
}
