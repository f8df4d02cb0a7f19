import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Socket options of both ends: bounded buffers, and probes by which the system finds out that the machine at the
/// other end is gone, which during a long poll nobody else does.
struct SocketCare {
    private let limits: TransportLimits

    init(_ limits: TransportLimits) {
        self.limits = limits
    }

    /// Sets the socket options. Must run on the channel's event loop.
    func apply(to channel: any Channel) throws {
        guard let options = channel.syncOptions else { return }
        try options.setOption(.socketOption(.so_keepalive), value: 1)
        try options.setOption(.socketOption(.so_rcvbuf), value: .init(limits.socketBufferBytes))
        try options.setOption(.socketOption(.so_sndbuf), value: .init(limits.socketBufferBytes))
        try options.setOption(.writeBufferWaterMark, value: .init(low: 1, high: limits.unsentBytes))
        #if os(Linux)
            let values: [(CInt, Int64)] = [
                (TCP_KEEPIDLE, limits.probeAfter.components.seconds),
                (TCP_KEEPINTVL, limits.probeEvery.components.seconds),
                (TCP_KEEPCNT, Int64(limits.probes)),
                (TCP_USER_TIMEOUT, limits.unacknowledgedTime.components.seconds * 1_000),
                (TCP_NOTSENT_LOWAT, Int64(limits.unsentBytes)),
            ]
            for (name, value) in values {
                try options.setOption(.tcpOption(.init(rawValue: name)), value: Int(max(1, value)))
            }
        #endif
    }
}
