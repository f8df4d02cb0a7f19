import NIOCore

/// What a `CuttingProxy` does to every connection.
package struct BadLine: Sendable {
    /// A box on the way that passes bytes on in lumps.
    package struct Lump: Sendable {
        /// So many at once, or fewer at the end and
        let bytes: Int
        /// when nothing has come for so long.
        let silence: Duration

        package init(bytes: Int, silence: Duration) {
            self.bytes = bytes
            self.silence = silence
        }
    }

    /// Between the two ends, each way.
    package var delay: Duration = .zero
    /// Bytes per second each way, all connections together.
    package var rate: Int?
    package var lump: Lump?
    /// Asked of each connection: after how many bytes, both ways together, it is cut; nil for never.
    package var cut: @Sendable () -> Int? = { nil }
    /// Every connection is answered with a page that asks to log in.
    package var isPortal = false

    package init() {}

    /// Bytes arrive as they are sent.
    var isQuick: Bool { delay == .zero && rate == nil && lump == nil }

    /// With a page of text, as portals do.
    static let page: String = {
        let html = "<html><body>Please log in to use this network.</body></html>"
        return "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: \(html.utf8.count)\r\n\r\n\(html)"
    }()
}

/// Answers whatever comes with the portal's page.
final class PortalPage: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: BadLine.page))).whenComplete { _ in
            channel.close(promise: nil)
        }
    }
}
