import ChangeSet
import ServiceModel

/// What an exchange asks of the node that runs it, in this order.
package enum ExchangeEffect: Equatable, Sendable {
    /// Put a frame on the way.
    case send(Frame)
    /// Look up the peer that says this, and answer with `greeted`.
    case greet(WireHello)
    /// Take a batch in, and answer with `applied` or `refused`.
    case apply(WireBatch)
    /// Read the next batch of a feed, and answer with `read`.
    case read(Feed, from: WireCursor)
    case keepHeartbeat(WireHeartbeat)
    /// Keep what the parent acknowledges; where it `resumes`, answer with `resumed`.
    case keepAcknowledgement(WireAck, resumes: Bool)
    /// Answer with `acknowledgement`.
    case acknowledge(refused: UInt64)
    /// Hand over the heartbeats that the parent has not seen.
    case sendHeartbeats
    /// Both ends have said everything.
    case finish
}

/// Why an exchange ended early.
package enum ExchangeProblem: CodedError, Equatable, Sendable {
    /// The peer speaks another version of the protocol than this program.
    case version(peer: UInt32, own: UInt32)
    /// The peer refused, by a code of its own.
    case refused(code: String, subject: String)
    /// A frame came that has no place here.
    case unexpected(String)
    /// The body ended before the exchange did.
    case cutOff

    /// Stable, for logs, answers and documentation.
    package var code: String {
        switch self {
        case .version: "link.version"
        case .refused: "link.refused"
        case .unexpected: "link.unexpected"
        case .cutOff: "link.cutOff"
        }
    }

    package var subject: String {
        switch self {
        case .version(let peer, let own):
            "the other end speaks version \(peer) of the protocol and this program \(own): upgrade "
                + (peer > own ? "this node" : "the other one")
        case .refused(let code, let subject): "\(code) \(subject)"
        case .unexpected(let frame): frame
        case .cutOff: ""
        }
    }
}

/// Version of the protocol that this program speaks.
package let protocolVersion: UInt32 = 1

/// What a node knows of a link when an exchange begins.
package struct LinkState: Equatable, Sendable {
    package var incarnation: UInt64
    /// 0 while the peer was never met.
    package var peerIncarnation: UInt64
    /// Own charter.
    package var charter: WireCursor
    /// The peer's charter as it was last told; nil when unknown.
    package var peerCharter: WireCursor?
    /// By feed, the charter left out: how far this node has applied what the peer sends.
    package var received: [WireCursor]
    /// By feed, the charter left out: how far the peer has applied what this node sends.
    package var sent: [Feed: WireCursor]

    package init(
        incarnation: UInt64, peerIncarnation: UInt64, charter: WireCursor, peerCharter: WireCursor?,
        received: [WireCursor], sent: [Feed: WireCursor]
    ) {
        self.incarnation = incarnation
        self.peerIncarnation = peerIncarnation
        self.charter = charter
        self.peerCharter = peerCharter
        self.received = received
        self.sent = sent
    }

    var hello: WireHello {
        .with {
            $0.version = protocolVersion
            $0.incarnation = incarnation
            $0.peerIncarnation = peerIncarnation
            $0.cursors = ([charter] + received).filter { $0.position > 0 || $0.offset > 0 }
        }
    }
}

extension WireHello {
    /// The cursors by feed; unknown feeds are passed over.
    package var cursorsByFeed: [Feed: WireCursor] {
        Dictionary(
            cursors.compactMap { cursor in
                Feed(rawValue: UInt8(truncatingIfNeeded: cursor.feed)).map { ($0, cursor) }
            }, uniquingKeysWith: { $1 })
    }
}
