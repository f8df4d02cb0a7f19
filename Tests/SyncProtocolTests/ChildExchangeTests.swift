import ChangeSet
import ServiceModel
import SyncProtocol
import Testing

/// What a child says, and what it does not say any more.
@Suite struct ChildExchangeTests {
    /// A child that was displaced, or that was refused something, says goodbye while the parent's part of a comparison
    /// is still on its way. An answer behind the goodbye would go into a stream that is closed.
    @Test func nothingIsSaidAfterTheGoodbye() throws {
        var child = ChildExchange(state: Self.comparing(peer: 2), wait: 60, now: 0)
        #expect(child.begin().map(Self.name) == ["hello", "read"])
        #expect(child.read(nil).map(Self.name) == ["batch"])
        let stands = Frame.ack(.with { $0.answersNoBatch = true })
        #expect(try child.receive(stands, now: 0).map(Self.name) == ["keep", "comparison"])
        #expect(try child.receive(.ack(WireAck()), now: 0).map(Self.name) == ["keep"])
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

    /// A parent that compares says so before it answers a batch. One that does not is sent everything, and nothing that
    /// it could not read.
    @Test func fromAnOlderParentNothingIsHeldBack() throws {
        var child = ChildExchange(state: Self.comparing(peer: 2), wait: 0, now: 0)
        #expect(child.begin().map(Self.name) == ["hello", "read"])
        #expect(child.wanted.map(\.feed) == [.charter])
        #expect(child.read(nil).map(Self.name) == ["batch"])
        // Once is enough.
        #expect(child.news(now: 1).map(Self.name) == ["read"])
        #expect(child.read(nil).isEmpty && !child.needsNewerParent)
        #expect(try child.receive(.ack(WireAck()), now: 2).map(Self.name) == ["keep", "read"])
        #expect(child.wanted.map(\.feed) == [.charter, .casework, .published] && child.needsNewerParent)
        #expect(child.read(nil).map(Self.name) == ["heartbeats", "end"])
        #expect(throws: ExchangeProblem.unexpected("comparison")) {
            try child.receive(.comparison(WireComparison()), now: 3)
        }
    }

    /// Who is met for the first time greets, and says by that whether it compares.
    @Test(arguments: [true, false]) func aGreetingTellsWhetherTheParentCompares(compares: Bool) throws {
        var child = ChildExchange(state: Self.comparing(peer: 0), wait: 60, now: 0)
        #expect(child.begin().map(Self.name) == ["hello"])
        let hello = WireHello.with { ($0.version, $0.incarnation, $0.compares) = (protocolVersion, 2, compares) }
        #expect(try child.receive(.hello(hello), now: 1).map(Self.name) == ["greet"])
        #expect(child.greeted(Self.comparing(peer: 2), knows: true).map(Self.name) == ["hello", "read"])
        #expect(child.read(nil).map(Self.name) == [compares ? "comparison" : "read"])
        #expect(child.needsNewerParent == !compares)
    }

    private static func comparing(peer: UInt64) -> LinkState {
        let charter = WireCursor.with { $0.position = 3 }
        return LinkState(
            incarnation: 1, peerIncarnation: peer, charter: charter, peerCharter: charter, received: [], sent: [:],
            compares: true)
    }

    private static func name(_ effect: ExchangeEffect) -> String {
        switch effect {
        case .send(.hello): "hello"
        case .send(.comparison): "comparison"
        case .send(.batch): "batch"
        case .keepAcknowledgement: "keep"
        case .sendHeartbeats: "heartbeats"
        case .send(.end): "end"
        case .read: "read"
        case .greet: "greet"
        case .compare: "compare"
        case .finish: "finish"
        default: "\(effect)"
        }
    }
}
