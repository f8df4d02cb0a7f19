import ChangeSet
import Foundation
import Replica
import ServiceModel
import SyncProtocol
import Trust

/// What to put on a stick.
package struct BundlePlan: Sendable {
    package enum Start: Hashable, Sendable {
        /// From where the recipient has confirmed.
        case confirmed
        /// From the beginning, as for who holds nothing.
        case beginning
        /// From where the last volume ended: on another stick, or for what has come since.
        case lastVolume
    }

    /// Above this node, or below it.
    package let recipient: UnitCode
    package var start: Start
    /// Most bytes of a volume.
    package var volumeBytes: Int
    /// Most volumes that are written now; nil for as many as it takes.
    package var volumes: Int?

    package init(
        to recipient: UnitCode, start: Start = .confirmed, volumeBytes: Int = Limits.usualVolumeBytes,
        volumes: Int? = nil
    ) {
        self.recipient = recipient
        self.start = start
        self.volumeBytes = volumeBytes
        self.volumes = volumes
    }
}

/// What was exported.
package struct BundleReport: Hashable, Sendable {
    /// The bundle's name.
    package let bundle: String
    /// Unit and ordinal.
    package let recipient: String
    package fileprivate(set) var volumes = 0
    package fileprivate(set) var bytes = 0
    package fileprivate(set) var changeSets = 0
    /// Nothing was left to say.
    package fileprivate(set) var isWhole = false
    /// Nothing of it is taken to be held by the recipient.
    package let isFromBeginning: Bool
    /// It goes on behind the last volume that was written before, whatever the recipient has confirmed.
    package let isContinued: Bool
    /// The last contact with the recipient, in seconds since 1970; nil when there was none.
    package let since: Int64?
}

extension Node {
    /// Writes a bundle: what a neighbour lacks by what it has confirmed, in volumes that only it can read. Nothing that
    /// is known of the neighbour moves by that, since a stick may be lost; only how far the bundle goes is noted.
    /// - Parameter write: puts a volume where it belongs, durably; it is told the volume's number.
    /// - Throws: `BundleError`, `ReplicaError`, and what `write` throws. Volumes that were written before are good.
    package func exportBundle(
        _ plan: BundlePlan, now: Moment, write: (_ header: WireBundleHeader, _ file: Data) throws -> Void
    ) throws -> BundleReport {
        var writer = try BundleWriter(self, plan, now: now)
        repeat {
            let (volume, exported) = try writer.next(now: now)
            try write(volume.header, volume.bytes)
            let recipient = writer.neighbour.name
            try replica.write { try $0.keep(exported, to: recipient.unit, node: recipient.ordinal) }
        } while !writer.report.isWhole && writer.report.volumes < plan.volumes ?? .max
        return writer.report
    }
}

/// Writes the volumes of a bundle, one after the other.
struct BundleWriter {
    private var replica: LinkReplica
    let neighbour: CourierNeighbour
    private let hello: WireHello
    private let charter: WireCursor
    private let volumeBytes: Int
    private var exported: ExportedBundle
    private var feeds: ArraySlice<Feed> = [.casework, .published]
    /// Nil until the feeds are said.
    private var heartbeats: ArraySlice<WireHeartbeat>?
    private(set) var report: BundleReport

    private var node: Node { replica.node }

    init(_ node: Node, _ plan: BundlePlan, now: Moment) throws {
        neighbour = try node.courierNeighbour(plan.recipient)
        let name = neighbour.name
        var replica = LinkReplica(node: node, neighbour: name, isAbove: neighbour.isBelow)
        var state = try replica.lastKnown()
        var last: ExportedBundle?
        if plan.start == .lastVolume {
            last = try node.replica.read { try $0.exportedBundle(to: name.unit, node: name.ordinal) }
            guard let life = last?.life, life == 0 || life == replica.peer?.incarnation else {
                throw BundleError.nothingToContinue(plan.recipient)
            }
        }
        if plan.start == .beginning || last?.life == 0 || replica.peer == nil {
            replica.peer = .unmet(unit: name.unit, node: name.ordinal)
            replica.confirmed = [:]
            state.peerIncarnation = 0
            if plan.start != .confirmed { state.peerCharter = JournalCursor.start.wire(.charter) }
        }
        state.compares = false
        hello = state.hello
        // Unless it was told otherwise, a parent has the charter that its child has.
        charter = state.peerCharter ?? (neighbour.isBelow ? JournalCursor.start.wire(.charter) : state.charter)
        replica.relied = replica.confirmed
        replica.budget = min(LinkReplica.usualBudget, plan.volumeBytes / 4)
        volumeBytes = plan.volumeBytes
        // A whole bundle is followed by another.
        let open = last.flatMap { $0.isWhole ? nil : $0 }
        exported = ExportedBundle(
            life: state.peerIncarnation, bundle: open?.bundle ?? node.entropy(16), volumes: open?.volumes ?? 0,
            isWhole: false,
            ends: replica.confirmed.merging(last?.ends ?? [:]) { $0.isBefore($1) ? $1 : $0 })
        let contact = try node.replica.read { transaction in
            try transaction.contacts().first { $0.unit == name.unit && $0.node == name.ordinal && $0.time > 0 }
        }
        report = BundleReport(
            bundle: Bytes16(exported.bundle).map(\.description) ?? "", recipient: name.description,
            isFromBeginning: replica.confirmed.values.allSatisfy { $0 == .start },
            isContinued: last != nil, since: contact?.time)
        self.replica = replica
    }

    /// The next volume, with how far the bundle goes then.
    /// - Throws: `BundleError.volumeTooSmall`.
    mutating func next(now: Moment) throws -> (volume: BundleVolume, exported: ExportedBundle) {
        guard exported.volumes < Limits.volumesPerBundle else {
            throw BundleError.volumeTooSmall(volumeBytes, enough: nil)
        }
        var header = header(now: now)
        let longest: Data = try header.serializedBytes()
        let around = BundleVolume.overhead + longest.count + P256PublicKey.encryptionOverhead
        var text = VolumeText(room: volumeBytes - around)
        var fits = true
        for frame in try head(now: now) where fits { fits = try text.add(frame) }
        guard fits, let isWhole = try fill(&text, now: now) else {
            throw BundleError.volumeTooSmall(volumeBytes, enough: try around + least(now: now))
        }
        header.last = isWhole
        let bytes: Data = try header.serializedBytes()
        let body = try neighbour.key.encrypt(text.finished(), boundTo: bytes)
        let volume = try BundleVolume(header, body: body) { try node.nodeKey.signature(for: $0) }
        exported.volumes += 1
        exported.isWhole = isWhole
        report.volumes += 1
        report.bytes += volume.bytes.count
        report.isWhole = isWhole
        return (volume, exported)
    }

    private func header(now: Moment) -> WireBundleHeader {
        .with {
            $0.network = node.genesis.id.data
            $0.senderUnit = node.name.unit.text
            $0.senderNode = node.name.ordinal
            $0.recipientUnit = neighbour.name.unit.text
            $0.recipientNode = neighbour.name.ordinal
            $0.senderIncarnation = hello.incarnation
            $0.recipientIncarnation = hello.peerIncarnation
            $0.bundle = exported.bundle
            $0.volume = UInt32(exported.volumes + 1)
            $0.last = true
            $0.time = now.seconds
            $0.certificates = node.chain.der.map { Data($0) }
            $0.dictionary = PresetDictionary.name
        }
    }

    /// What every volume begins with: how far this node has got with what the recipient sends, the charter's news, and
    /// who the sender is.
    private mutating func head(now: Moment) throws -> [Frame] {
        // Each volume can be read without the others.
        replica.introduced = []
        var frames: [Frame] = [.hello(hello)]
        if neighbour.isBelow { frames.append(.ack(try replica.acknowledgement(refused: 0, now: now))) }
        var position: WireCursor? = charter
        while let from = position {
            let found = try replica.read([FeedStart(feed: .charter, cursor: from)], now: now)
            if let found { frames.append(.batch(found.batch)) }
            position = found.flatMap { $0.hasMore ? $0.batch.end : nil }
        }
        let introduction = try replica.introduction()
        return frames + (introduction.map { [.batch($0)] } ?? [])
    }

    /// - Returns: whether nothing is left to say; nil when not even the least step fits.
    private mutating func fill(_ text: inout VolumeText, now: Moment) throws -> Bool? {
        var isEmpty = true
        while !feeds.isEmpty {
            let introduced = replica.introduced
            guard var found = try step(replica.budget, now: now) else {
                feeds = []
                break
            }
            var isAdded = try text.add(.batch(found.batch))
            if !isAdded, isEmpty {
                replica.introduced = introduced
                if let run = try step(Self.leastBudget, now: now) { found = run }
                isAdded = try text.add(.batch(found.batch))
            }
            guard isAdded else { return isEmpty ? nil : false }
            feeds.removeAll { $0 < found.feed }
            isEmpty = false
            exported.ends[found.feed] = try JournalCursor(found.batch.end)
            report.changeSets += found.batch.runs.reduce(0) { $0 + $1.changeSets.count }
            if !found.hasMore { feeds.removeFirst() }
        }
        var rest = try heartbeats ?? replica.heartbeats()[...]
        heartbeats = rest
        while let heartbeat = rest.first {
            guard try text.add(.heartbeat(heartbeat)) else {
                if isEmpty { return nil }
                break
            }
            isEmpty = false
            rest.removeFirst()
        }
        heartbeats = rest
        return rest.isEmpty
    }

    /// With this a batch is one run.
    private static let leastBudget = 1

    /// The next batch of the feeds.
    private mutating func step(_ budget: Int, now: Moment) throws -> FoundBatch? {
        let usual = replica.budget
        defer { replica.budget = usual }
        replica.budget = budget
        return try replica.read(
            feeds.map { FeedStart(feed: $0, cursor: (exported.ends[$0] ?? .start).wire($0)) }, now: now)
    }

    /// What the text of a volume comes to that takes one step, in whole KiB: times and numbers differ from one export
    /// to the next.
    private mutating func least(now: Moment) throws -> Int {
        var text = VolumeText(room: .max)
        for frame in try head(now: now) { _ = try text.add(frame) }
        if let run = try step(Self.leastBudget, now: now) {
            _ = try text.add(.batch(run.batch))
        } else if let heartbeat = try (heartbeats ?? replica.heartbeats()[...]).first {
            _ = try text.add(.heartbeat(heartbeat))
        }
        return (text.size / 1024 + 2) * 1024
    }
}

extension LinkReplica {
    /// A batch that only says who writes at this node, with the incarnations before; nil when the neighbour knows.
    fileprivate mutating func introduction() throws -> WireBatch? {
        guard let peer else { return nil }
        var addressee = Addressee(peer: peer, isBelow: isAbove, confirmed: confirmed)
        addressee.introduced = introduced
        let openings = try node.replica.read { try $0.openings(leadingTo: try node.author($0), unknownTo: addressee) }
        guard !openings.isEmpty else { return nil }
        introduced.formUnion(openings.map(\.author))
        return .with {
            $0.feed = UInt32(Feed.casework.rawValue)
            $0.start = JournalCursor.start.wire(.casework)
            $0.end = JournalCursor.start.wire(.casework)
            $0.openings = openings.map(\.bytes)
        }
    }
}
