import Foundation
import ServiceModel
import SwiftProtobuf

/// What one author did to one record in one step: the unit of audit, replication and visibility.
///
/// Immutable. Author, feed, sequence and pin are not in its bytes; they come from its place (`Place`) and run.
package struct ChangeSet: Hashable, Sendable {
    /// A change set as another one names it.
    package enum Link: Hashable, Sendable {
        /// So many change sets back in the same journal.
        case back(UInt64)
        case foreign(AuthorID, sequence: UInt64, Leaf)
    }

    package enum Record: Hashable, Sendable {
        case created
        case back(UInt64)
        case foreign(AuthorID, sequence: UInt64)
    }

    /// What a takeover names, or a decision after it (RULES, "Takeover").
    package enum Evidence: Hashable, Sendable {
        case head(Link)
        case presumedLost
    }

    package var kind: ActionKind
    package var record: Record
    /// Heads of the folded part of the record's history that the author had.
    package var parents: [Link]
    package var groupOffset: UInt32 = 0
    package var groupCount: UInt32 = 1
    package var mustUnderstand = false
    package var target: UnitCode?
    package var route: [UnitCode] = []
    package var admits: [Link] = []
    package var declines: [Link] = []
    package var evidence: Evidence?
    /// Who did it, by the name that the node knows them under.
    package var actor = ""
    package var channel: Channel = .counter
    /// In whose name, when the actor acts for another.
    package var onBehalf = ""
    /// Seconds since 1970, claimed.
    package var time: Int64
    /// The kind's own message.
    package var body: Data

    package init(kind: ActionKind, record: Record, parents: [Link], time: Int64, body: Data) {
        self.kind = kind
        self.record = record
        self.parents = parents
        self.time = time
        self.body = body
    }
}

/// The way by which someone came to the counter.
package enum Channel: UInt32, Sendable, CaseIterable {
    case counter = 0
    case online = 1
    case phone = 2
    case machine = 3
    /// Taken in from a file.
    case imported = 4
}

// MARK: - Bytes

extension ChangeSet {
    /// - Throws: `WireError.tooLarge`, naming the part that passes its bound.
    package var bytes: Data {
        get throws {
            try checkBounds()
            var wire = WireChangeSet()
            wire.kind = kind.rawValue
            switch record {
            case .created: break
            case .back(let distance): wire.recordBack = distance
            case .foreign(let author, let sequence):
                wire.recordAuthor = author.value.data
                wire.recordSequence = sequence
            }
            for parent in parents {
                switch parent {
                case .back(let distance): wire.ownParents.append(distance)
                case .foreign: wire.foreignParents.append(parent.wire)
                }
            }
            wire.groupOffset = groupOffset
            wire.groupCount = groupCount == 1 ? 0 : groupCount
            wire.mustUnderstand = mustUnderstand
            wire.target = target?.text ?? ""
            wire.route = route.map(\.text)
            wire.admits = admits.map(\.wire)
            wire.declines = declines.map(\.wire)
            switch evidence {
            case nil: break
            case .presumedLost: wire.evidence = .with { $0.presumedLost = true }
            case .head(let link): wire.evidence = .with { $0.head = link.wire }
            }
            wire.actor = actor
            wire.channel = channel.rawValue
            wire.onBehalf = onBehalf
            wire.time = time
            wire.body = body
            let out: Data = try wire.serializedBytes()
            guard out.count <= Limits.changeSetBytes else { throw WireError.tooLarge("change set") }
            return out
        }
    }

    /// Reads the envelope. Fields and kinds of a later version are passed over: the bytes keep them.
    /// - Parameter sequence: where it stands, since nothing lies further back than the journal's beginning.
    /// - Throws: `WireError`.
    package init(bytes: Data, sequence: UInt64) throws {
        guard bytes.count <= Limits.changeSetBytes else { throw WireError.tooLarge("change set") }
        guard let wire = try? WireChangeSet(serializedBytes: bytes) else { throw WireError.malformed("change set") }
        kind = ActionKind(rawValue: wire.kind)
        if wire.recordBack > 0 {
            guard wire.recordBack < sequence else { throw WireError.malformed("record") }
            record = .back(wire.recordBack)
        } else if !wire.recordAuthor.isEmpty {
            guard wire.recordAuthor.count == 16, let author = Bytes16(wire.recordAuthor),
                (1...Limits.longestJournal).contains(wire.recordSequence)
            else {
                throw WireError.malformed("record")
            }
            record = .foreign(AuthorID(author), sequence: wire.recordSequence)
        } else {
            record = .created
        }
        guard wire.ownParents.allSatisfy({ $0 >= 1 && $0 < sequence }) else { throw WireError.malformed("parents") }
        parents =
            try wire.ownParents.map { .back($0) } + wire.foreignParents.map { try Link($0, sequence: sequence) }
        groupOffset = wire.groupOffset
        groupCount = max(wire.groupCount, 1)
        mustUnderstand = wire.mustUnderstand
        target = try Self.unit(wire.target)
        route = try wire.route.map { try Self.unit($0) }.compactMap { $0 }
        admits = try wire.admits.map { try Link($0, sequence: sequence) }
        declines = try wire.declines.map { try Link($0, sequence: sequence) }
        if wire.hasEvidence {
            evidence =
                wire.evidence.hasHead ? .head(try Link(wire.evidence.head, sequence: sequence)) : .presumedLost
        }
        actor = wire.actor
        channel = Channel(rawValue: wire.channel) ?? .counter
        onBehalf = wire.onBehalf
        time = wire.time
        body = wire.body
        guard groupOffset < groupCount else { throw WireError.malformed("group") }
        try checkBounds()
    }

    private func checkBounds() throws {
        guard parents.count <= Limits.parents else { throw WireError.tooLarge("parents") }
        guard admits.count + declines.count <= Limits.answers else { throw WireError.tooLarge("answers") }
        guard route.count <= Limits.routeUnits else { throw WireError.tooLarge("route") }
        guard groupCount <= Limits.groupSize else { throw WireError.tooLarge("group") }
        guard actor.utf8.count <= Limits.actorBytes, onBehalf.utf8.count <= Limits.actorBytes else {
            throw WireError.tooLarge("actor")
        }
    }

    private static func unit(_ text: String) throws -> UnitCode? {
        guard !text.isEmpty else { return nil }
        guard let unit = UnitCode(text) else { throw WireError.malformed("unit") }
        return unit
    }
}

extension ChangeSet.Link {
    /// Names what stands at `place` for the change set that will stand at `from`.
    package init(to place: Place, leaf: Leaf, from: Place) {
        if place.author == from.author && place.feed == from.feed {
            precondition(place.sequence < from.sequence, "a link goes back")
            self = .back(from.sequence - place.sequence)
        } else {
            self = .foreign(place.author, sequence: place.sequence, leaf)
        }
    }

    /// Author and sequence of what is named by the change set at `from`.
    package func target(from place: Place) -> (author: AuthorID, sequence: UInt64) {
        switch self {
        case .back(let distance): (place.author, place.sequence - distance)
        case .foreign(let author, let sequence, _): (author, sequence)
        }
    }

    fileprivate var wire: WireReference {
        .with {
            switch self {
            case .back(let distance): $0.back = distance
            case .foreign(let author, let sequence, let leaf):
                $0.author = author.value.data
                $0.sequence = sequence
                $0.leaf = leaf.value.data
            }
        }
    }

    fileprivate init(_ wire: WireReference, sequence: UInt64) throws {
        if wire.back > 0 {
            guard wire.back < sequence else { throw WireError.malformed("reference") }
            self = .back(wire.back)
        } else {
            guard wire.author.count == 16, let author = Bytes16(wire.author), wire.leaf.count == 16,
                let leaf = Bytes16(wire.leaf), (1...Limits.longestJournal).contains(wire.sequence)
            else { throw WireError.malformed("reference") }
            self = .foreign(AuthorID(author), sequence: wire.sequence, Leaf(leaf))
        }
    }
}
