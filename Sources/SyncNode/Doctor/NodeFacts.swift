import Foundation
import Replica
import ServiceModel
import Trust

/// What is known of the process that serves a node.
package struct ServiceFacts: Hashable, Sendable {
    /// Whether one serves it.
    package var isServed: Bool
    /// Whether a node above is named that could be dialled; nil where that is not known.
    package var hasUplink: Bool?
    /// How its line upward stands; nil where it was not tried yet.
    package var line: LineState?
    /// What those below have met at its sync port; nil where nothing is known of it.
    package var arrivals: ArrivalState?

    package init(
        isServed: Bool, hasUplink: Bool? = nil, line: LineState? = nil, arrivals: ArrivalState? = nil
    ) {
        self.isServed = isServed
        self.hasUplink = hasUplink
        self.line = line
        self.arrivals = arrivals
    }
}

/// All that an examination of a node rests on. Gathering it changes nothing, and no single thing that cannot be read
/// keeps the rest from being known.
package struct NodeFacts: Sendable {
    package var now: Moment
    package var folder: FolderFacts
    package var service: ServiceFacts
    /// Whether the settings cannot be read.
    package var hasBadSettings = false
    /// nil where the database cannot be read.
    package var replica: ReplicaFacts?
    /// Why it cannot, or not all of it.
    package var failure: ReplicaError?

    /// - Parameter read: gives one view of the replica; when left out the file is looked at as it lies there.
    package init(
        _ directory: NodeDirectory, service: ServiceFacts, now: Moment, _ extent: ReplicaFacts.Extent = .all,
        read: (((Transaction) throws -> ReplicaFacts) throws -> ReplicaFacts)? = nil
    ) {
        self.now = now
        self.service = service
        let folder = FolderFacts(directory)
        self.folder = folder
        guard folder.hasNode else { return }
        let read = read ?? { try Replica.look(at: directory.replica.path, $0) }
        do {
            let facts = try read { try ReplicaFacts($0, folder, now: now, extent) }
            replica = facts
            failure = facts.failure
        } catch {
            failure = ReplicaFacts.failure(error)
        }
    }

    init(now: Moment, folder: FolderFacts, service: ServiceFacts, replica: ReplicaFacts?) {
        self.now = now
        self.folder = folder
        self.service = service
        self.replica = replica
    }
}

extension Node {
    /// What an examination of this node, while it is at work, rests on.
    package func facts(service: ServiceFacts, now: Moment, _ extent: ReplicaFacts.Extent = .all) -> NodeFacts {
        NodeFacts(directory, service: service, now: now, extent, read: { body in try self.replica.read(body) })
    }
}

/// What a doctor finds: pure, the same for the same facts.
package struct Examination: Sendable {
    /// The gravest first.
    package let findings: [Finding]

    package init(_ facts: NodeFacts) {
        let ofFiles = facts.ofFolder + facts.ofAnchor + facts.ofDatabase
        let found = facts.otherDatabase == nil ? ofFiles + facts.ofWhatIsHeld : ofFiles
        let parent = facts.replica?.parent?.code
        let filled = found.map { $0.filled(folder: facts.folder.path, parent: parent) }
        findings = Severity.allCases.flatMap { severity in filled.filter { $0.severity == severity } }
    }

    /// Those for which a person is needed.
    package var needingSomebody: [Finding] { findings.filter { $0.severity < .note } }
    package var dangers: [Finding] { findings.filter { $0.severity == .danger } }
}

extension NodeFacts {
    /// What is found by what the node's own database holds, and by its lines.
    fileprivate var ofWhatIsHeld: [Finding] {
        ofStanding + ofLine + ofBacklog + ofArrivals + ofProof + ofClock + ofWork + ofDisk + ofBackup + ofRetention
    }
}

/// From when on something is told of.
enum ExaminationBounds {
    static let day: Int64 = 86_400
    /// Seconds for which what waits to go up may wait.
    static let backlog = day
    /// Seconds for which a node may not hear anything of the one above, and of one below.
    static let silence = 7 * day, childSilence = 3 * day
    /// Seconds since its last seal for which a second machine of the root is taken to be at work.
    static let otherMachine = 7 * day
    /// Seconds for which a storm at the sync port is told of.
    static let storm: Int64 = 3600
    /// Seconds since a node was enrolled, within which nothing is missed that takes its time.
    static let begin = 3 * day
    /// Seconds for which a proof of equality, a scrub and a backup are recent.
    static let proof = 3 * day, scrub = 7 * day, backup = 7 * day
    /// Seconds after which what the unit above lacks again is not on its way: less than two comparisons lie apart.
    static let gone = day / 2
    /// Seconds for which a closed case that should leave may be kept by somebody else.
    static let retention = 7 * day
    /// Seconds before its end in which a certificate is told of.
    static let certificate = 45 * day
    /// Seconds after which a draft was left.
    static let draft = day
    /// Free bytes below which a disk is full, and below which it is low; no less than the database takes is needed
    /// to save it.
    static let full: Int64 = 16 * 1024 * 1024, low: Int64 = 256 * 1024 * 1024
    /// Names that are told of many.
    static let names = 5
}

extension Collection<String> {
    /// Some of them, and that there are more.
    var someNames: Words {
        let shown = prefix(ExaminationBounds.names)
        let more = count - shown.count
        let end = more > 0 ? Words(" and \(more) more", "等\(count)个") : Words(name: "")
        return Words(shown.joined(separator: ", "), shown.joined(separator: "、")) + end
    }
}
