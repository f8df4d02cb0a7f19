import NIOCore
import NIOTLS

/// Stands behind TLS in an accepted connection's pipeline: reports why a handshake failed (once), and lets nobody
/// through without a verified chain.
///
/// TLS 1.3 resumption ends a handshake without running the verification. The listener makes its tickets useless;
/// this is the second lock.
final class HandshakeGate<Peer: Sendable>: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let connection: PeerConnection<Peer>
    private let limits: TransportLimits
    private let report: @Sendable (HandshakeFailure) -> Void
    private var isPassed = false
    private var isReported = false
    private var deadline: Scheduled<Void>?

    init(
        connection: PeerConnection<Peer>,
        limits: TransportLimits,
        report: @escaping @Sendable (HandshakeFailure) -> Void
    ) {
        self.connection = connection
        self.limits = limits
        self.report = report
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let loop = context.eventLoop
        let bound = NIOLoopBound((gate: self, context: context), eventLoop: loop)
        deadline = loop.scheduleTask(in: TimeAmount(span: limits.handshakeTime)) {
            let (gate, context) = bound.value
            gate.fail(HandshakeFailure(remote: gate.connection.remote, reason: .timedOut))
            context.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event {
            deadline?.cancel()
            deadline = nil
            guard connection.peer != nil else {
                fail(HandshakeFailure(remote: connection.remote, reason: .unverified))
                context.close(promise: nil)
                return
            }
            isPassed = true
            connection.closeAfter(limits.firstRequestTime)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(HandshakeFailure(remote: connection.remote, error: error, refusal: connection.refusal))
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(HandshakeFailure(remote: connection.remote, reason: .left))
        context.fireChannelInactive()
    }

    private func fail(_ failure: HandshakeFailure) {
        guard !isPassed, !isReported else { return }
        isReported = true
        report(failure)
    }
}
