import NIOConcurrencyHelpers
import NIOCore

/// How far an exchange has come, for its user on any thread.
final class ExchangeFate: Sendable {
    enum Fate: Sendable {
        case open
        /// The answer was read to its end.
        case ended
        case failed(LinkError)
    }
    private let fate = NIOLockedValueBox(Fate.open)

    var now: Fate { fate.withLockedValue { $0 } }

    func settle(_ next: Fate) {
        fate.withLockedValue { $0 = next }
    }
}

/// One exchange on a dialled connection, as the event loop keeps it.
final class LinkRun {
    typealias Producer = NIOThrowingAsyncSequenceProducer<
        [UInt8], any Error, NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark, LinkDemand
    >

    /// Where the answer stands.
    enum Answer {
        case awaited
        case body
        case refusal(status: Int, isOurs: Bool, body: [UInt8])
        case ended
    }

    let source: Producer.Source
    let head: EventLoopPromise<ResponseHead>
    let fate: ExchangeFate
    let stallTime: TimeAmount
    /// Whether an earlier exchange used the connection.
    let isReuse: Bool
    var answer = Answer.awaited
    var isRequestEnded = false
    var keepsAlive = true
    /// The reader has enough until it takes some.
    var isHeld = false
    var lastMove = NIODeadline.now()

    init(
        source: Producer.Source,
        head: EventLoopPromise<ResponseHead>,
        fate: ExchangeFate,
        stallTime: TimeAmount,
        isReuse: Bool
    ) {
        self.source = source
        self.head = head
        self.fate = fate
        self.stallTime = stallTime
        self.isReuse = isReuse
    }

    /// Nothing of the answer has come.
    var isUnanswered: Bool {
        if case .awaited = answer { true } else { false }
    }
}

/// The reader's wish for more, carried to the event loop.
struct LinkDemand: NIOAsyncSequenceProducerDelegate {
    let more: @Sendable () -> Void
    let gone: @Sendable () -> Void

    func produceMore() { more() }
    func didTerminate() { gone() }
}
