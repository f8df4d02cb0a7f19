import ServiceModel
import SyncProtocol
import Testing
import Trust

@testable import NodeServer
@testable import SyncNode

/// What a doctor makes of the errors that an uplink really meets.
@Suite struct LineFindingTests {
    @Test func eachErrorOfTheLineIsAFinding() throws {
        let name = try #require(NodeName(unit: UnitCode("379902")!, tier: 1, ordinal: 1))
        let why = Words("why", "原因")
        func refused(_ problem: CertificateProblem) -> LinkError { .status(403, Refusal(problem)) }
        let table: [(any Error, FindingKind)] = [
            (LinkError.unreachable(reason: why), .lineDown), (LinkError.stalled(after: .seconds(1)), .lineDown),
            (LinkError.closed(reason: why, isStale: false), .lineDown), (ExchangeProblem.cutOff, .lineDown),
            (LinkError.notTerrace(reason: why), .linePortal), (LinkError.tls(reason: why, refusal: nil), .lineRefused),
            (LinkError.status(500, nil), .lineRefused),
            (refused(.expired(name, until: 0, now: 9)), .lineRefused),
            (refused(.notBelow(name, UnitCode("3799")!)), .lineOutOfPlace),
            (NodeError.notAbove(UnitCode("379902")!), .lineOutOfPlace),
            (
                LinkError.tls(reason: why, refusal: Refusal(CertificateProblem.otherPeer(expected: name, found: name))),
                .lineOutOfPlace
            ),
            (ExchangeProblem.refused(code: "replica.storage", why), .lineRefused),
            (ExchangeProblem.version(peer: 2, own: 1), .lineRefused),
            (ReplicaFailure.full, .lineOwnTrouble), (NodeError.badFile("anchor"), .lineOwnTrouble),
        ]
        for (error, kind) in table {
            #expect(NodeFacts.kind(of: UplinkFailure(error)).code == kind.code, "\(error)")
        }
        #expect(UplinkFailure(refused(.held(name))).refusal == NodeFacts.heldCode)
        for pause in [LinePause.busy(3), LinePause.hours(LineHours("22:00-06:00")!)] {
            #expect(LineState(failure: UplinkFailure(pause)).isPaused)
        }
    }

    /// A full disk at this end, by its stable code.
    private enum ReplicaFailure: CodedError {
        case full
        var code: String { "replica.storage" }
        var words: Words { Words("full", "已满") }
    }

    /// A command beside the server learns the same.
    @Test func theNoteOfALineKeepsWhyItWasRefused() throws {
        let name = try #require(NodeName(unit: UnitCode("379902")!, tier: 1, ordinal: 1))
        let status = UplinkStatus()
        let failure = UplinkFailure(LinkError.status(403, Refusal(CertificateProblem.held(name))))
        _ = status.failed(failure, at: Moment(seconds: 9, day: 0))
        #expect(LinkNote(status.state).refusal == "trust.held")
    }
}
