import NIOConcurrencyHelpers
import NIOCore
import ServiceModel

/// One exchange, seen from the child: a request and its answer, both open at once.
///
/// The request is written with `send` and ended with `finish`; the answer is read from `incoming`. Neither waits
/// for the other. Once both have ended the connection serves the next exchange. An exchange that is let go
/// unfinished, or whose reader leaves or is cancelled before the end, is given up and the connection with it.
package final class ExchangeConnection<Peer: Sendable>: Sendable {
    /// Who is at the other end.
    package let peer: Peer
    /// Whether an earlier exchange used the connection.
    package let isReuse: Bool
    /// The answer's pieces, as they arrive and not as they were sent. It can be read once; it ends when the other
    /// end ended its answer, and throws `LinkError` otherwise.
    package let incoming: IncomingAnswer

    private let hold: ExchangeHold
    private let head: EventLoopFuture<ResponseHead>
    private let pieceBytes: Int

    init(peer: Peer, link: Link<Peer>, begun: BegunExchange, pieceBytes: Int) {
        self.peer = peer
        self.hold = ExchangeHold(channel: link.channel, stage: link.stage, fate: begun.fate)
        self.head = begun.head
        self.isReuse = begun.isReuse
        self.incoming = IncomingAnswer(pieces: begun.pieces, hold: hold)
        self.pieceBytes = pieceBytes
    }

    /// Waits for the head of the answer, which may come long before the request ends.
    /// - Throws: `LinkError`; a refusal as `status` with the other node's code and message.
    package func response() async throws(LinkError) -> ResponseHead {
        do {
            return try await withTaskCancellationHandler {
                try await head.get()
            } onCancel: {
                cancel()
            }
        } catch {
            throw LinkError(lost: error)
        }
    }

    /// Sends bytes; waits while the other end does not take them.
    /// - Throws: `LinkError`, the same that ended the exchange.
    package func send(_ bytes: [UInt8]) async throws(LinkError) {
        var rest = ByteBuffer(bytes: bytes)
        while let piece = rest.readSlice(length: min(pieceBytes, rest.readableBytes)), piece.readableBytes > 0 {
            try await write { stage, fate in stage.send(piece, in: fate) }
        }
    }

    /// Ends the request.
    /// - Throws: `LinkError`, the same that ended the exchange.
    package func finish() async throws(LinkError) {
        try await write { stage, fate in stage.finish(fate) }
    }

    /// Gives the exchange up and closes the connection, unless both bodies have ended.
    package func cancel() {
        hold.abandon()
    }

    private func write(
        _ body: @escaping @Sendable (LinkStage, ExchangeFate) -> EventLoopFuture<Void>?
    ) async throws(LinkError) {
        if Task.isCancelled { cancel() }
        let (stage, fate, channel) = (hold.stage, hold.fate, hold.channel)
        do {
            try await withTaskCancellationHandler {
                try await channel.eventLoop.flatSubmit {
                    body(stage.value, fate) ?? channel.eventLoop.makeFailedFuture(NotRunning())
                }.get()
            } onCancel: {
                cancel()
            }
        } catch {
            // Why a write failed is known when the last bytes of the other end have been read.
            if !(error is NotRunning) { try? await channel.closeFuture.get() }
            switch fate.now {
            case .failed(let reason): throw reason
            case .open: throw LinkError(lost: error)
            case .ended: throw .closed(reason: Words("the exchange has ended", "交换已经结束"), isStale: false)
            }
        }
    }
}

/// Keeps an exchange open while its user has any part of it in hand, and gives it up afterwards.
final class ExchangeHold: Sendable {
    let channel: any Channel
    let stage: NIOLoopBound<LinkStage>
    let fate: ExchangeFate

    init(channel: any Channel, stage: NIOLoopBound<LinkStage>, fate: ExchangeFate) {
        self.channel = channel
        self.stage = stage
        self.fate = fate
    }

    deinit {
        abandon()
    }

    func abandon() {
        let (stage, fate) = (stage, fate)
        channel.eventLoop.execute { stage.value.abandon(fate) }
    }
}

/// A write for an exchange that its connection no longer knows.
private struct NotRunning: Error {}

/// The pieces of an answer.
package struct IncomingAnswer: AsyncSequence, Sendable {
    package typealias Element = [UInt8]

    let pieces: LinkRun.Producer
    let hold: ExchangeHold

    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var pieces: LinkRun.Producer.AsyncIterator
        fileprivate let hold: ExchangeHold

        package mutating func next() async throws -> [UInt8]? {
            do {
                if let piece = try await pieces.next() { return piece }
            } catch {
                throw error is CancellationError ? LinkError.cancelled : LinkError(lost: error)
            }
            // A cancelled reader's pieces end silently, too.
            switch hold.fate.now {
            case .ended: return nil
            case .failed(let reason): throw reason
            case .open: throw LinkError.cancelled
            }
        }
    }

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(pieces: pieces.makeAsyncIterator(), hold: hold)
    }
}
