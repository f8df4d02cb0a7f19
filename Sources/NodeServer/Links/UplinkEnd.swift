import ChangeSet
import ServiceModel
import SyncNode
import SyncProtocol
import Trust

/// How an attempt to exchange over one of the uplinks has ended.
enum UplinkEnd: Sendable {
    /// In good order.
    case good
    /// In good order, and the next one has something to mend.
    case again
    /// The other end served, until the line was lost. `hasMoved`: something had got across.
    case lost(UplinkFailure, hasMoved: Bool)
    /// Nobody there served: no answer, another program's, a node that may not be asked, a refusal.
    case failed(UplinkFailure)
    /// The other end is there and will serve later.
    case paused(LinePause)
    /// The kept connection had been closed: dialling again at once is in order.
    case stale
    /// It was this node that could not do its part.
    case ownTrouble(UplinkFailure)
    /// The node is being stopped.
    case stopped

    /// - Parameters:
    ///   - hasAnswered: the other end had taken the request.
    ///   - hasMoved: something had got across.
    init(_ error: any Error, hasAnswered: Bool, hasMoved: Bool) {
        switch error {
        case is CancellationError, LinkError.cancelled: self = .stopped
        case LinkError.status(_, let refusal?) where refusal.code == LineState.busyCode:
            self = .paused(.busy(min(max(refusal.retryAfter ?? 1, 1), LinePause.longest)))
        case LinkError.closed(_, isStale: true): self = .stale
        case let error as LinkError where error.isOfTheLine && hasAnswered:
            self = .lost(UplinkFailure(error), hasMoved: hasMoved)
        case ExchangeProblem.cutOff where hasAnswered: self = .lost(UplinkFailure(error), hasMoved: hasMoved)
        // The other end's database has begun another life, or is not believing yet that it was set back.
        case ExchangeProblem.refused(ExchangeProblem.cutOff.code, _):
            self = .lost(UplinkFailure(error), hasMoved: hasMoved)
        case is LinkError, is ExchangeProblem, is WireError, is CertificateProblem, NodeError.notAbove:
            self = .failed(UplinkFailure(error))
        default: self = .ownTrouble(UplinkFailure(error))
        }
    }
}

extension UplinkEnd {
    /// As the pause hangs on it.
    var attempt: AttemptEnd {
        switch self {
        case .good, .stale, .stopped: .good
        case .again: .again
        case .paused(.busy(let seconds)): .busy(seconds)
        case .lost(_, let hasMoved): .lost(hasMoved: hasMoved)
        case .failed, .ownTrouble, .paused(.hours): .failed
        }
    }
}

extension LinkError {
    /// The line was lost, and nobody at the other end said anything that was wrong.
    fileprivate var isOfTheLine: Bool {
        switch self {
        case .closed, .stalled: true
        case .unreachable, .tls, .status, .notTerrace, .cancelled, .inUse: false
        }
    }
}
