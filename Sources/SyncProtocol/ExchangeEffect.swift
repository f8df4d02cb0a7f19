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
    /// Read the first batch of what the exchange has `wanted` by then, and answer with `read`.
    case read
    case keepHeartbeat(WireHeartbeat)
    /// Keep what the parent acknowledges; where it `resumes`, answer with `resumed`.
    case keepAcknowledgement(WireAck, resumes: Bool)
    /// Answer with `acknowledgement`.
    case acknowledge(refused: UInt64)
    /// Say an `acknowledgement` that answers no batch.
    case sayWhereItStands
    /// Hold what the other end says it holds against what is held here, and answer with `compared`.
    case compare(WireComparison)
    /// Hand over the heartbeats that the parent has not seen.
    case sendHeartbeats
    /// Both ends have said everything.
    case finish
}

extension ExchangeEffect {
    /// Whether it only takes in what the other end has said, and puts nothing on the way itself.
    package var takesIn: Bool {
        switch self {
        case .greet, .apply, .keepHeartbeat, .keepAcknowledgement: true
        case .send, .read, .acknowledge, .sayWhereItStands, .compare, .sendHeartbeats, .finish: false
        }
    }
}

/// From where a feed is to be read.
package struct FeedStart: Equatable, Sendable {
    package let feed: Feed
    package let cursor: WireCursor

    package init(feed: Feed, cursor: WireCursor) {
        self.feed = feed
        self.cursor = cursor
    }
}

/// A batch that was read for the other end.
package struct FoundBatch: Equatable, Sendable {
    package let feed: Feed
    package let batch: WireBatch
    /// Rows lie beyond it.
    package let hasMore: Bool

    package init(feed: Feed, batch: WireBatch, hasMore: Bool) {
        self.feed = feed
        self.batch = batch
        self.hasMore = hasMore
    }
}

/// Why an exchange ended early.
package enum ExchangeProblem: CodedError, Equatable, Sendable {
    /// The peer speaks another version of the protocol than this program.
    case version(peer: UInt32, own: UInt32)
    /// The peer refused, by a code and in words of its own.
    case refused(code: String, Words)
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

    package var words: Words {
        switch self {
        case .version(let peer, let own):
            Words(
                "the other node speaks version \(peer) of the protocol and this one version \(own): upgrade "
                    + (peer > own ? "this node" : "the other node"),
                "对方节点使用协议第\(peer)版，本节点使用第\(own)版：请升级" + (peer > own ? "本节点" : "对方节点"))
        case .refused(let code, let words):
            Words("the other node ended the exchange: \(code): ", "对方节点结束了交换：\(code)：") + words
        case .unexpected(let what):
            Words(
                "the other node broke the order of the exchange (\(what)): bring both to the same release",
                "对方节点打乱了交换的次序（\(what)）：请将两个节点升级到同一版本")
        case .cutOff:
            Words(
                "the line was cut in the middle of the exchange: nothing is lost, it goes on with the next one",
                "线路在交换中途断开：没有丢失，下次交换时继续")
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
    /// Digest of the parent's acknowledgement that is held; 0 for none, and at the parent.
    package var acknowledged: UInt64
    /// Cursors are not to be relied on: both ends compare what they hold.
    package var compares: Bool
    /// Only to know how things stand: nothing is sent of the difference.
    package var onlyLooks = false
    /// The peer is not above this node, as far as it knows: nothing goes but the charter, which may say otherwise.
    package var isWithAStranger = false
    /// At the parent: the child holds its last acknowledgement as it would be said now.
    package var isAcknowledged = true

    package init(
        incarnation: UInt64, peerIncarnation: UInt64, charter: WireCursor, peerCharter: WireCursor?,
        received: [WireCursor], sent: [Feed: WireCursor], acknowledged: UInt64 = 0, compares: Bool = false
    ) {
        self.incarnation = incarnation
        self.peerIncarnation = peerIncarnation
        self.charter = charter
        self.peerCharter = peerCharter
        self.received = received
        self.sent = sent
        self.acknowledged = acknowledged
        self.compares = compares
    }

    package var hello: WireHello {
        .with {
            $0.version = protocolVersion
            $0.incarnation = incarnation
            $0.peerIncarnation = peerIncarnation
            $0.cursors = ([charter] + received).filter { $0.position > 0 || $0.offset > 0 }
            $0.acknowledged = acknowledged
            // Who is to compare says nothing but the charter before.
            $0.compares = compares || isWithAStranger
        }
    }
}

extension WireHello {
    /// The cursors by feed; unknown feeds are passed over.
    package var cursorsByFeed: [Feed: WireCursor] { cursors.byFeed }
}

extension WireAck {
    /// The cursors by feed; unknown feeds are passed over.
    package var cursorsByFeed: [Feed: WireCursor] { cursors.byFeed }
}

extension [WireCursor] {
    fileprivate var byFeed: [Feed: WireCursor] {
        Dictionary(
            compactMap { cursor in
                UInt8(exactly: cursor.feed).flatMap(Feed.init).map { ($0, cursor) }
            }, uniquingKeysWith: { $1 })
    }
}
