import ChangeSet
import ServiceModel
import Trust

@testable import Replica
@testable import SyncNode

/// A node of which nothing is wrong, and one state for each finding that there is.
struct FindingSamples {
    static let now = Moment(seconds: 1_790_000_000, day: 20_717)
    static let day: Int64 = 86_400

    typealias Change = @Sendable (inout NodeFacts) -> Void

    static var sound: NodeFacts {
        var folder = FolderFacts(path: "village")
        folder.name = NodeName(unit: "379902001001", tier: 3, ordinal: 1)
        folder.certificate = CertificatePeriod(from: now.seconds - 100 * day, until: now.seconds + 900 * day)
        folder.anchor = .held(.unused)
        folder.free = 10 << 30
        var replica = ReplicaFacts(unit: "379902001001", ordinal: 1, isRoot: false)
        replica.parent = ("379902001", "湖东镇")
        replica.above = ["379902001", "379902", "3799"]
        replica.standing.heard = now.seconds - 60
        replica.proof = ProofStanding(comparison: outcome(), proven: now.seconds - 3600)
        replica.health = HealthReport(scrub: ScrubReport(finished: now.seconds - day))
        replica.backups = [(backup(isOnOtherDisk: true, age: day), 3)]
        let line = LineState(isUp: true, since: now.seconds - 600, through: upper())
        return NodeFacts(
            now: now, folder: folder, service: ServiceFacts(isServed: true, hasUplink: true, line: line),
            replica: replica)
    }

    static func facts(_ change: Change) -> NodeFacts {
        var facts = sound
        change(&facts)
        return facts
    }

    // MARK: - Parts

    static func upper(_ unit: UnitCode = "379902001", isParent: Bool = true) -> UpperNode {
        UpperNode(unit: unit, node: 1, isParent: isParent)
    }

    static func outcome(
        there: Int = 0, here: Int = 0, isSent: Bool = false, gone: Int = 0, since: Int64? = nil
    ) -> ComparisonOutcome {
        ComparisonOutcome(
            unit: "379902001", node: 1, time: now.seconds - 3600, lackingThere: there, lackingHere: here,
            isSent: isSent, gone: gone, goneSince: since)
    }

    static func backup(isOnOtherDisk: Bool, age: Int64) -> BackupRow {
        BackupRow(isOnOtherDisk: isOnOtherDisk, time: now.seconds - age, position: 1, place: "/media/backup/one")
    }

    /// A line that is down since ten minutes ago.
    static func down(_ code: String, refusal: String? = nil) -> Change {
        { facts in
            facts.service.line?.isUp = false
            facts.service.line?.failure = UplinkFailure(
                code: code, words: Words("the reason", "所述原因"), refusal: refusal)
        }
    }

    private static func clock(shows: Int64, _ change: @escaping @Sendable (inout ClockEvidence) -> Void) -> Change {
        { facts in
            guard let certificate = facts.folder.certificate else { return }
            var evidence = ClockEvidence(certificate: certificate)
            evidence.parent = "湖东镇"
            change(&evidence)
            facts.replica?.clock = ClockStanding(now: Moment(seconds: shows, day: now.day), evidence)
        }
    }

    /// All comes by courier, and no comparison was ever made.
    static func bySticks(_ facts: inout NodeFacts) {
        facts.replica?.proof = nil
        facts.replica?.comesByStick = true
        facts.service = ServiceFacts(isServed: true, hasUplink: false)
    }

    // MARK: - One for each

    /// By code, in the order of the document.
    static let all: [(code: String, change: Change)] =
        ofFolder + ofAnchor + ofDatabase + ofStanding + ofLine + ofBacklog + ofArrivals + ofProof + ofClock + ofWork
        + ofDisk + ofBackup + ofRetention

    private static let ofFolder: [(String, Change)] = [
        (
            "folder.noNode",
            {
                $0.folder.hasNode = false; $0.replica = nil
            }
        ),
        ("folder.readOnly", { $0.folder.trouble = FileTrouble(30) }),
        ("folder.denied", { $0.folder.denied = ["replica.sqlite", "anchor"] }),
        ("folder.missing", { $0.folder.missing = ["node.key"] }),
        ("folder.damaged", { $0.folder.damaged = ["certificates.pem"] }),
        ("folder.otherKey", { $0.folder.doesKeyFit = false }),
        ("folder.full", { $0.folder.free = 1 << 20 }),
        ("folder.settings", { $0.hasBadSettings = true }),
        ("folder.exposed", { $0.folder.exposed = ["node.key", "seal.key"] }),
        ("folder.low", { $0.folder.free = 100 << 20 }),
    ]

    private static let ofAnchor: [(String, Change)] = [
        ("anchor.damaged", { $0.folder.anchor = .damaged }),
        (
            "anchor.missed",
            {
                $0.folder.anchor = .absent
                $0.replica?.unsealedForAnchor = 3
                $0.service = ServiceFacts(isServed: false, hasUplink: true)
            }
        ),
        ("anchor.absent", { $0.folder.anchor = .absent }),
        ("anchor.guessed", { $0.folder.anchor = .held(.guess(above: 512)) }),
    ]

    private static func failure(_ error: ReplicaError) -> Change {
        {
            $0.failure = error
            $0.replica = nil
        }
    }

    private static let ofDatabase: [(String, Change)] = [
        ("database.absent", failure(.absent("village/replica.sqlite"))),
        (
            "database.saved",
            {
                failure(.absent("village/replica.sqlite"))(&$0)
                $0.folder.hasSalvaged = true
            }
        ),
        ("database.empty", failure(.empty("village/replica.sqlite"))),
        ("database.foreign", failure(.foreign("village/replica.sqlite"))),
        ("database.unreadable", failure(.unreadable("database disk image is malformed"))),
        ("database.newer", failure(.newer("village/replica.sqlite"))),
        ("database.refused", failure(.storage("disk I/O error", at: "village/replica.sqlite"))),
        (
            "database.damaged",
            failure(.damagedRun(RunName(run: 9, unit: "379902001001", feed: .casework, sequences: 1...12)))
        ),
        ("database.fault", failure(.fault("no such column: unit"))),
        ("database.other", { $0.replica?.ordinal = 2 }),
        ("database.index", failure(.index("malformed inverted index"))),
        ("database.busy", failure(.busy)),
        ("database.copy", { $0.replica?.copied = now.seconds - 2 * day }),
        (
            "database.behind",
            {
                $0.replica?.isBehindAnchor = true
                $0.service = ServiceFacts(isServed: false, hasUplink: true)
            }
        ),
        ("database.uncompared", { $0.replica?.awaitsComparison = true }),
        ("database.resting", { $0.replica?.resting = 3 }),
        (
            "database.carried",
            {
                $0.replica?.awaitsComparison = true
                bySticks(&$0)
            }
        ),
        ("database.older", failure(.older("village/replica.sqlite"))),
    ]

    private static func rootFork(sealed: Int64) -> ReplicaFacts.Fork {
        .init(node: "379902001001#1", isOwn: true, isOfRoot: true, sealedElsewhere: sealed)
    }

    private static let ofStanding: [(String, Change)] = [
        ("standing.cut", { $0.replica?.isCut = true }), ("standing.held", { $0.replica?.isOnHold = true }),
        ("standing.forked", { $0.replica?.forks = [.init(node: "379902001001#1", isOwn: true)] }),
        (
            "standing.forkedRoot",
            {
                $0.replica?.isRoot = true
                $0.replica?.forks = [rootFork(sealed: now.seconds - day)]
            }
        ),
        (
            "standing.unchosen",
            {
                $0.replica?.isRoot = true
                $0.replica?.forks = [.init(node: "379902#1", isOwn: false)]
            }
        ),
        (
            "standing.branches",
            {
                $0.replica?.isRoot = true
                $0.replica?.charterBranches = 2
            }
        ), ("standing.noUnit", { $0.replica?.isUnitKnown = false }),
        ("standing.ended", { $0.replica?.ended = now.day - 1 }),
        ("standing.fork", { $0.replica?.forks = [.init(node: "379902#1", isOwn: false)] }),
        ("standing.forkOfRoot", { $0.replica?.forks = [.init(node: "3799#1", isOwn: false, isOfRoot: true)] }),
        (
            "standing.rootHadForked",
            {
                $0.replica?.isRoot = true
                $0.replica?.forks = [rootFork(sealed: now.seconds - 8 * day)]
            }
        ),
    ]

    private static let ofLine: [(String, Change)] = [
        ("line.noUplink", { $0.service.hasUplink = false }), ("line.down", down("link.unreachable")),
        ("line.portal", down("link.notTerrace")), ("line.refused", down("link.status", refusal: "trust.expired")),
        ("line.outOfPlace", down("link.status", refusal: "trust.notBelow")),
        ("line.ownTrouble", down("replica.storage")),
        (
            "line.standIn",
            {
                $0.service.line?.through = upper("379902", isParent: false)
                $0.service.line?.failure = UplinkFailure(code: "link.unreachable", words: Words("the reason", "所述原因"))
            }
        ),
        (
            "line.silent",
            {
                $0.service.line = nil
                $0.service.isServed = true
                $0.replica?.standing.heard = now.seconds - 8 * day
            }
        ),
        ("line.notServed", { $0.service = ServiceFacts(isServed: false, hasUplink: true) }),
        ("line.trying", { $0.service.line = nil }), ("line.busy", down("link.busy")),
        ("line.hours", down("link.hours")),
    ]

    private static let ofBacklog: [(String, Change)] = [
        (
            "backlog.old",
            { $0.replica?.standing.waiting = .init(changeSets: 12, cases: 5, oldest: now.seconds - 2 * day) }
        ),
        ("backlog.children", { $0.replica?.children = [.init(name: "东湖村", heard: now.seconds - 4 * day)] }),
        (
            "backlog.machines",
            {
                var child = ReplicaFacts.Child(name: "东湖村", heard: now.seconds)
                child.silent = ["379902001001#2"]
                $0.replica?.children = [child]
            }
        ),
        (
            "backlog.waiting",
            { $0.replica?.standing.waiting = .init(changeSets: 2, cases: 1, oldest: now.seconds - 60) }
        ),
    ]

    private static let ofArrivals: [(String, Change)] = [
        (
            "children.storm",
            {
                let storm = ArrivalState.Storm(
                    since: now.seconds - 600, last: now.seconds - 60, children: 40, refusals: 90)
                $0.service.arrivals = ArrivalState(storm: storm)
            }
        ),
        (
            "children.displaced",
            {
                let twice = ArrivalState.Displaced(
                    name: "379902001001#1", addresses: ["192.0.2.7", "192.0.2.9"], last: now.seconds - 600)
                $0.service.arrivals = ArrivalState(displaced: [twice])
            }
        ),
    ]

    private static let ofProof: [(String, Change)] = [
        (
            "proof.gone",
            {
                let lost = outcome(there: 3, gone: 3, since: now.seconds - 2 * day)
                $0.replica?.proof = ProofStanding(comparison: lost, proven: nil)
            }
        ),
        ("proof.differs", { $0.replica?.proof = ProofStanding(comparison: outcome(there: 2, here: 1), proven: nil) }),
        ("proof.never", { $0.replica?.proof = nil }),
        ("proof.old", { $0.replica?.proof = ProofStanding(comparison: outcome(), proven: now.seconds - 4 * day) }),
        (
            "proof.children",
            { $0.replica?.children = [.init(name: "东湖村", heard: now.seconds - 60, differs: true)] }
        ),
        (
            "proof.mending",
            { $0.replica?.proof = ProofStanding(comparison: outcome(there: 2, isSent: true), proven: nil) }
        ),
        (
            "proof.away",
            {
                let lacking = outcome(there: 3, gone: 3, since: now.seconds - 3600)
                $0.replica?.proof = ProofStanding(comparison: lacking, proven: nil)
            }
        ),
        ("proof.carried", bySticks),
        (
            "proof.olderParent",
            {
                $0.replica?.proof = nil
                $0.service.line?.needsNewerParent = true
            }
        ),
        ("proof.wished", { $0.replica?.isComparisonWished = true }),
        (
            "proof.childrenBehind",
            { $0.replica?.children = [.init(name: "东湖村", heard: now.seconds - 60, isUncompared: true)] }
        ),
    ]

    private static let ofClock: [(String, Change)] = [
        ("clock.noDay", clock(shows: now.seconds) { $0.lastEntry = now.seconds + 3 * day }),
        (
            "certificate.ended",
            { facts in
                let ended = CertificatePeriod(from: now.seconds - 900 * day, until: now.seconds - day)
                facts.folder.certificate = ended
                clock(shows: now.seconds) { _ in }(&facts)
            }
        ),
        ("clock.doubted", clock(shows: now.seconds) { $0.lastEntry = now.seconds + 3600 }),
        (
            "certificate.ending",
            {
                $0.folder.certificate = CertificatePeriod(
                    from: now.seconds - 900 * day, until: now.seconds + 30 * day)
            }
        ),
    ]

    private static let ofWork: [(String, Change)] = [
        ("work.requests", { $0.replica?.waiting.requests = 2 }),
        ("work.conflicts", { $0.replica?.waiting.conflicts = 1 }),
        ("work.gap", { $0.replica?.gaps = [BundleGap(unit: "379902001", node: 1, missing: [2, 4])] }),
        ("work.pending", { $0.replica?.waiting.pending = 3 }),
        ("work.drafts", { $0.replica?.drafts = (2, now.seconds - 3 * day) }),
    ]

    private static func health(_ report: HealthReport) -> Change {
        { $0.replica?.health = report }
    }

    private static let scrubbed = ScrubReport(finished: now.seconds - day)

    private static let aside = SetAsideRecord(
        creation: Place(author: AuthorID(Bytes16(high: 1, low: 2)), feed: .casework, sequence: 7),
        receipt: "379902001001-1-0000007-ABC-D", code: "derive.failed", words: Words("no such field", "没有此字段"),
        program: "0.1.0")

    private static let ofDisk: [(String, Change)] = [
        ("disk.lost", health(HealthReport(lost: 2, scrub: scrubbed))),
        ("disk.absent", health(HealthReport(absent: 12, scrub: scrubbed))),
        ("disk.damaged", health(HealthReport(scrub: ScrubReport(finished: now.seconds - day, damaged: 1)))),
        ("disk.setAside", health(HealthReport(setAside: 1, namedAside: [aside], scrub: scrubbed))),
        ("disk.unknownKinds", health(HealthReport(unknownKinds: 4, scrub: scrubbed))),
        ("disk.unchecked", health(HealthReport(scrub: ScrubReport(finished: now.seconds - 9 * day)))),
    ]

    private static let ofBackup: [(String, Change)] = [
        ("backup.none", { $0.replica?.backups = [] }),
        ("backup.sameDisk", { $0.replica?.backups = [(backup(isOnOtherDisk: false, age: day), 3)] }),
        ("backup.old", { $0.replica?.backups = [(backup(isOnOtherDisk: true, age: 9 * day), 40)] }),
    ]

    private static func notBackedUp(_ facts: inout NodeFacts) {
        facts.replica?.hasRetentionRule = true
        facts.replica?.retention = RetentionPass(
            time: now.seconds - 3600, retired: 0,
            kept: [
                .notBackedUp: .init(cases: 12, first: 1, since: now.seconds - 9 * day),
                .childBehind: .init(cases: 2, first: 1, since: now.seconds - day),
                .lastOfJournal: .init(cases: 1, first: 9, since: now.seconds - 90 * day),
            ])
    }

    private static let ofRetention: [(String, Change)] = [
        ("retention.waits", notBackedUp), ("retention.wished", { $0.replica?.wishedLong = 2 }),
        (
            "retention.carried",
            {
                notBackedUp(&$0)
                bySticks(&$0)
            }
        ),
    ]
}

extension UnitCode: ExpressibleByStringLiteral {
    /// Of a code that is one.
    public init(stringLiteral text: String) {
        guard let code = UnitCode(text) else { preconditionFailure("no code of a unit: \(text)") }
        self = code
    }
}
