import HTTPTypes
import HummingbirdCore
import NIOConcurrencyHelpers
import NIOCore
import ServiceModel

/// What the other end sends in a request, piece by piece as it arrives; pieces are not those that were sent.
///
/// Reading stops on the wire while nobody reads here. It can be read once. It ends when the other end has ended
/// its body; a body that was cut throws `LinkError.closed`, so an end is an end.
package struct IncomingBody: AsyncSequence, Sendable {
    package typealias Element = [UInt8]

    private let body: RequestBody
    private let channel: any Channel
    private let isEnded = NIOLockedValueBox(false)

    init(_ body: RequestBody, channel: any Channel) {
        self.body = body
        self.channel = channel
    }

    /// Whether the end of the body was read.
    var wasReadToEnd: Bool { isEnded.withLockedValue { $0 } }

    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var pieces: RequestBody.AsyncIterator
        fileprivate let channel: any Channel
        fileprivate let isEnded: NIOLockedValueBox<Bool>

        package mutating func next() async throws -> [UInt8]? {
            if isEnded.withLockedValue({ $0 }) { return nil }
            do {
                while let piece = try await pieces.next() {
                    if piece.readableBytes > 0 { return Array(piece.readableBytesView) }
                }
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                throw LinkError(lost: error)
            }
            // A cancelled task and a closed channel end the pieces silently, too.
            try Task.checkCancellation()
            guard channel.isActive else {
                throw LinkError.closed(reason: Words("the request was cut", "请求被切断"), isStale: false)
            }
            isEnded.withLockedValue { $0 = true }
            return nil
        }
    }

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(pieces: body.makeAsyncIterator(), channel: channel, isEnded: isEnded)
    }

    /// The whole body.
    /// - Throws: `Refusal` when it is longer than allowed.
    func collect(upTo limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in self {
            guard bytes.count + piece.count <= limit else {
                throw Refusal(
                    code: "http.tooLarge",
                    Words("the body is longer than \(limit) bytes", "正文超过\(limit)字节"), status: 413)
            }
            bytes += piece
        }
        return bytes
    }
}

/// The answer of an exchange, written piece by piece while the request may still be open.
///
/// `send` returns when the piece is on its way; it waits while the other end does not read. One task at a time
/// writes. The listener ends the answer when the exchange returns.
package final class OutgoingBody: @unchecked Sendable {
    // The lock guards the step from unopened to open; the body behind it is a value over a Sendable writer, whose
    // type the library hides.
    private let lock = NIOLock()
    private var unopened: ResponseWriter?
    private var body: (any ResponseBodyWriter)?
    private var isBegun = false
    private let channel: any Channel

    /// Address of the other end, without its port, also when the connection is gone; nil where it was never known.
    package let remote: String?

    init(_ writer: consuming ResponseWriter, channel: any Channel) {
        self.channel = channel
        remote = channel.remoteAddress?.ipAddress
        unopened = consume writer
    }

    /// Whether the head of the answer was written: a refusal then comes too late.
    package var isOpen: Bool { lock.withLock { isBegun } }

    /// Writes the head, status 200, so that the other end knows that its request is taken. Later calls do nothing.
    /// - Throws: `LinkError` when the connection is lost.
    package func open(_ headers: HeaderFields = [:]) async throws {
        guard let writer = takeWriter() else { return }
        var fields = headers.httpFields()
        fields[.contentType] = ContentType.exchange
        do {
            keep(try await writer.writeHead(HTTPResponse(status: .ok, headerFields: fields)))
        } catch {
            throw Self.loss(error)
        }
    }

    /// Writes a piece, and the head before the first.
    /// - Throws: `LinkError` when the connection is lost.
    package func send(_ bytes: [UInt8]) async throws {
        try await open()
        guard var body = lock.withLock({ self.body }) else {
            preconditionFailure("an answer is written by one task at a time and not after its end")
        }
        do {
            try await body.write(ByteBuffer(bytes: bytes))
            // The library's writer only queues for the event loop; without waiting for its turn a fast writer would
            // be megabytes ahead before the first piece shows that the socket is full.
            try await channel.eventLoop.submit {}.get()
        } catch {
            throw Self.loss(error)
        }
    }

    /// Ends the answer.
    func finish() async throws {
        try await open()
        let body = lock.withLock {
            defer { self.body = nil }
            return self.body
        }
        do {
            try await body?.finish(nil)
        } catch {
            throw Self.loss(error)
        }
    }

    /// Gives the exchange up: its connection is closed in the middle of the answer.
    package func cut() { channel.close(promise: nil) }

    private static func loss(_ error: any Error) -> any Error {
        error is CancellationError ? error : LinkError(lost: error)
    }

    /// Writes a whole answer instead. Only while it is not open.
    /// - Parameter retryAfter: seconds, for the header of that name.
    func answer(status: Int, contentType: String, body: [UInt8], retryAfter: Int64? = nil) async throws {
        guard let writer = takeWriter() else { preconditionFailure("an open answer cannot be replaced") }
        var fields: HTTPFields = [.contentType: contentType, .contentLength: "\(body.count)"]
        fields[.retryAfter] = retryAfter.map { "\($0)" }
        let head = HTTPResponse(status: .init(code: status), headerFields: fields)
        try await writer.write(response: head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    private func takeWriter() -> ResponseWriter? {
        lock.lock()
        defer { lock.unlock() }
        isBegun = true
        return unopened.take()
    }

    private func keep(_ opened: any ResponseBodyWriter) {
        lock.withLock { body = opened }
    }
}
