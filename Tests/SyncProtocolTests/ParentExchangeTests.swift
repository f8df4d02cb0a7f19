import ChangeSet
import ServiceModel
import SyncProtocol
import Testing

/// What a parent says, and when.
@Suite struct ParentExchangeTests {
    /// A child that is an older copy of itself has nothing to send, and might stay in the exchange for as long as it
    /// likes. It is to know before its clerk does anything.
    @Test(arguments: [true, false])
    func aChildThatHoldsAnotherAcknowledgementIsToldAtOnce(isAcknowledged: Bool) throws {
        var parent = ParentExchange()
        let hello = WireHello.with { $0.version = protocolVersion }
        _ = try parent.receive(.hello(hello), now: 0)
        var state = LinkState(
            incarnation: 1, peerIncarnation: 2, charter: WireCursor(), peerCharter: nil, received: [], sent: [:])
        state.isAcknowledged = isAcknowledged
        let says = parent.greeted(state, knows: true).contains {
            if case .sayWhereItStands = $0 { true } else { false }
        }
        #expect(says == !isAcknowledged)
    }

    /// A child that asks to compare waits for a sign that its parent knows how to, as one of before does not.
    @Test(arguments: [true, false]) func aChildThatAsksToCompareIsToldThatItMay(knows: Bool) throws {
        var parent = ParentExchange()
        let hello = WireHello.with { ($0.version, $0.compares) = (protocolVersion, true) }
        _ = try parent.receive(.hello(hello), now: 0)
        let state = LinkState(
            incarnation: 1, peerIncarnation: 2, charter: WireCursor(), peerCharter: nil, received: [], sent: [:])
        let first = try #require(parent.greeted(state, knows: knows).first)
        if knows {
            #expect(first == .sayWhereItStands)
        } else if case .send(.hello(let greeting)) = first {
            #expect(greeting.compares)
        } else {
            Issue.record("\(first)")
        }
    }
}
