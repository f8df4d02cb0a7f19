import NIOCore

/// Every bound of the network transport in one place, for both ends of a link.
package struct TransportLimits: Sendable {
    // MARK: Accepting

    /// Connections a listener holds at once; one more is closed before its handshake.
    package var connections = 1024
    /// Bytes of a piece off the line that an exchange takes at once: what they inflate to, a thousand times as much at
    /// worst, is in memory until it is done.
    package static let takenBytes = 4 * 1024
    /// Certificates in a presented chain; a longer chain is refused unread.
    package var chainCertificates = 12
    /// From the end of the handshake to the end of the first request's head.
    package var firstRequestTime: Duration = .seconds(30)
    /// A kept-alive connection without a request, at the listener. Longer than the quarter of an hour between
    /// two heartbeats of an idle child.
    package var idleTime: Duration = .seconds(20 * 60)
    /// After an answer that came before the end of its request: how long the rest is read and thrown away, so
    /// that the answer is not lost in a reset connection.
    package var lingerTime: Duration = .seconds(2)
    /// From the head of a plain request (enrollment) to its answer.
    package var plainRequestTime: Duration = .seconds(120)
    /// From the stop signal to the cutting of exchanges that are still open.
    package var shutdownGrace: Duration = .seconds(1)

    // MARK: Sizes

    /// All header fields of one message together, in bytes.
    package var headerBytes = 16 * 1024
    /// One header field, in bytes.
    package var headerFieldBytes = 8 * 1024
    /// Header fields of one message.
    package var headerFields = 64
    /// The body of a plain request, and of its answer, in bytes.
    package var plainBodyBytes = 256 * 1024
    /// The body of an error answer that is read for its code and message, in bytes.
    package var errorBodyBytes = 16 * 1024
    /// Bytes written in one go by a child. Small, because a finished write is what shows that a slow line moves.
    package var sendPieceBytes = 16 * 1024
    /// The system's buffer for sending, and the one for receiving, of each connection, in bytes. Left to itself the
    /// system lets them grow to tens of megabytes behind a slow reader.
    package var socketBufferBytes = 256 * 1024
    /// Bytes that the system takes ahead of what it has sent. Little, so that a slow line is seen to be slow, what is
    /// more urgent does not stand behind a heap that cannot be taken back, and a cut loses no more than that.
    package var unsentBytes = 4 * 1024
    /// Received pieces that wait for their reader before reading from the socket stops.
    package var waitingPieces = 8

    // MARK: Dialling

    /// For the TCP connection.
    package var connectTime: Duration = .seconds(20)
    /// An exchange in which no byte moved either way for so long is given up. Longer than any long poll; an
    /// exchange may ask for another one.
    package var stallTime: Duration = .seconds(120)
    /// A kept-alive connection without an exchange, at the child. Shorter than the listener's, so that the end
    /// that dials is the one that closes and no request runs into a closing connection.
    package var dialledIdleTime: Duration = .seconds(18 * 60)

    // MARK: Both ends

    /// From the TCP connection to the end of its TLS handshake. Each end shows up to twelve certificates: at 9.6 kbit/s
    /// and 2 s of delay a handshake with four takes a quarter of a minute.
    package var handshakeTime: Duration = .seconds(60)
    /// How long a closing connection waits for the other end's closing word.
    package var tlsCloseTime: Duration = .milliseconds(500)
    /// Silence after which the system probes whether the other machine still exists.
    package var probeAfter: Duration = .seconds(30)
    /// Between two such probes.
    package var probeEvery: Duration = .seconds(10)
    /// Unanswered probes after which the connection is lost.
    package var probes = 3
    /// Sent bytes not taken by the other machine for so long: the connection is lost. It also ends a connection
    /// whose other end reads nothing.
    package var unacknowledgedTime: Duration = .seconds(120)

    package init() {}

    /// For a connection that is kept to a rate: no buffer lets it run ahead, and no piece lasts so long that it looks
    /// like a stall.
    func paced(to rate: Int) -> TransportLimits {
        var limits = self
        limits.socketBufferBytes = min(socketBufferBytes, max(8 * 1024, rate))
        limits.sendPieceBytes = min(sendPieceBytes, max(512, rate * 4))
        return limits
    }
}

extension TimeAmount {
    /// The same span, to the nanosecond; a span too long for this type becomes the longest.
    init(span: Duration) {
        let (seconds, attoseconds) = span.components
        let (whole, tooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (all, overflow) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        self = .nanoseconds(tooLong || overflow ? .max : all)
    }
}
