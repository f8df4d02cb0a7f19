import ChangeSet
import NodeServer
import Replica
import ServiceModel
import SyncNode
import SyncProtocol
import Trust

@testable import ServiceHall
@testable import terrace

/// One of every error that a person can meet. `ErrorWordsTests` finds out when one is missing.
enum ErrorSamples {
    static let unit = UnitCode("379902") ?? UnitCode("1")!
    private static let name = NodeName(unit: unit, tier: 1, ordinal: 1)!
    private static let day = CivilDate("2026-03-02")!
    private static let standing = CutError.StandingCut(node: "x", through: 9, line: "0123456789abcdef")

    static let all: [any CodedError] = trade + wire + node + clock + days + trust + server + files

    private static let trade: [any CodedError] =
        [
            CaseRouteError.unknownUnit(unit), CaseRouteError.notAccepted(unit), CaseRouteError.noDecider(unit, tier: 1),
            WorkCalendarError.badName("x"), WorkCalendarError.tooManyDays(9), WorkCalendarError.outside(day),
            WorkCalendarError.duplicate(day), WorkCalendarError.partOfYear(day),
            WorkingDaysError.badLimit(9), WorkingDaysError.tooManySuspensions(9), WorkingDaysError.standsStill,
            WorkingDaysError.tooFar,
            ReceiptNumberError.tooLong(99), ReceiptNumberError.parts(2), ReceiptNumberError.unit("x"),
            ReceiptNumberError.ordinal("x"), ReceiptNumberError.running("x"), ReceiptNumberError.random("x"),
            ReceiptNumberError.check,
        ] + problems

    static let problems: [CatalogProblem] = [
        .missing("name"), .tooLong("name", most: 9), .tooMany("form", most: 9), .malformed("code"),
        .repeated("form", "x"), .tier("route", 99), .nobodyAccepts, .routeOrder, .routeMisses(1), .routeEnd,
        .promiseLonger, .limitRange("promised"), .instant, .validity, .choices("x"), .lengths("x"), .pattern("x"),
        .forms("x"), .emptyOverride,
    ]

    static let fields: [FieldProblem] =
        ([
            .missing, .tooShort(least: 1), .tooLong(most: 1), .pattern(""), .notANumber, .notADate, .notAChoice(["a"]),
            .citizen(.length(15)), .citizen(.length(2)), .citizen(.character(place: 18)),
            .citizen(.character(place: 1)),
            .citizen(.province("99")), .citizen(.birthDate("99999999")), .citizen(.check(expected: "X")),
            .credit(.length(2)), .credit(.character(place: 1)), .credit(.division(place: 3)),
            .credit(.organizationCheck(expected: "X")), .credit(.check(expected: "X")), .notAPhone, .unusualPhone,
            .unknownField, .missingMaterial, .deferredMaterial, .unknownMaterial,
        ] as [FieldProblem.Reason]).map { FieldProblem(name: "x", label: "x", reason: $0) }

    private static let wire: [any CodedError] = [
        WireError.malformed("frame"), WireError.tooLarge("frame"), WireError.inflate, WireError.seal, WireError.tree,
        WireError.unknownAuthor, WireError.signature,
        ExchangeProblem.version(peer: 2, own: 1),
        ExchangeProblem.refused(code: "wire.seal", WireError.seal.words), ExchangeProblem.unexpected("end"),
        ExchangeProblem.cutOff,
        BundleError.noBundle, BundleError.version(2), BundleError.damaged, BundleError.tooLarge,
        BundleError.otherNetwork, BundleError.notForThisNode(recipient: "x", own: "y"), BundleError.unknownSender("x"),
        BundleError.forged("x"), BundleError.claimedAgain("x"), BundleError.notNeighbour(unit),
        BundleError.unknownRecipient(unit), BundleError.cutRecipient(unit), BundleError.noFolder("x"),
        BundleError.movedAway("x", under: unit),
        BundleError.otherMachine(recipient: "x", own: "y", sender: "z"), BundleError.noVolumes("x"),
        BundleError.onHold(unit),
        BundleError.volumeTooSmall(9, enough: 99), BundleError.volumeTooSmall(9, enough: nil),
        BundleError.nothingToContinue(unit),
        BundleError.stopped(written: 1, WireError.inflate.words),
    ]

    private static let node: [any CodedError] =
        [
            ReplicaError.absent("x"), ReplicaError.empty("x"), ReplicaError.foreign("x"), ReplicaError.fault("x"),
            ReplicaError.unreadable("x"), ReplicaError.storage("x", at: "y"), ReplicaError.busy,
            ReplicaError.damaged("x"), ReplicaError.newer("x"), ReplicaError.older("x"), ReplicaError.index("x"),
            ReplicaError.damagedRun(RunName(run: 1)), ReplicaError.damagedOpening(AuthorID(Bytes16(high: 1, low: 1))),
            ReplicaError.damagedRun(RunName(run: 1, unit: unit, feed: .casework, sequences: 1...2)),
            ReplicaError.trapped(
                Place(author: AuthorID(Bytes16(high: 1, low: 1)), feed: .casework, sequence: 7)),
            HealthProblem.tooMuch(300), SalvageError.nothing("x"),
            NodeError.notFounded("x"), NodeError.alreadyFounded("x"), NodeError.file("x", FileTrouble(2)),
            NodeError.remains("x", ["y", "z"]), NodeError.incomplete("x", missing: ["y"]),
            NodeError.denied("x", owner: 9), NodeError.denied("x", owner: nil),
            NodeError.file("x", FileTrouble(5)), NodeError.noUplink, NodeError.badFile("x"), NodeError.badAnchor("x"),
            NodeError.otherDatabase("x", of: "y", network: nil, keys: "z"),
            NodeError.otherDatabase("x", of: "y", network: "n", keys: "z"),
            NodeError.anchorMissing("x", unsealed: 9), NodeError.anchorMissing("x", unsealed: 9, isSalvaged: true),
            NodeError.anchorOther("x", unsealed: 9), NodeError.anchorOther("x", unsealed: 9, isSalvaged: true),
            NodeError.otherKey("x"), NodeError.unknownUnit("x"),
            NodeError.notRoot,
            NodeError.notAuthority, NodeError.notBelow(unit),
            NodeError.notAbove(unit),
            NodeError.notParent(unit, parent: unit), NodeError.notParent(unit, parent: nil), NodeError.ended(unit),
            NodeError.noPlace(unit, under: unit), NodeError.unknownCase("x"),
            NodeError.unknownCase("x", rests: true), NodeError.keptAbove("x", isWished: false),
            NodeError.keptAbove("x", isWished: true), NodeError.isHere("x"),
            NodeError.changedMeanwhile, NodeError.badInput("x"),
            NodeError.badInput("x", wanted: .unitCode), NodeError.ownField("decision", of: .decide),
            NodeError.notComparable("x", parent: "y"), NodeError.notCompared(nil),
            NodeError.notCompared(LinePause.busy(9).words), NodeError.otherCompared(unit, parent: unit),
            NodeError.olderParent(unit), NodeError.notMade(unit), NodeError.notProven(unit), NodeError.noProof("x"),
            NodeError.noProof(nil), NodeError.unknownNode(unit, 1),
            NodeError.isBackup("x"), CutError.ownNode, CutError.forkOfPublished,
            CutError.chooseBranch(["0123456789abcdef"]), CutError.chooseBranch([]),
            CutError.stands(standing, beyond: 0), CutError.stands(standing, beyond: 9),
            CutError.final(standing), CutError.heirStays(node: "x", heir: unit),
            NodeError.noNumbers, NodeError.noIncarnations, NodeError.cut,
            CatalogError.unknown("x"), CatalogError.notOwner(item: "x", owner: unit),
            CatalogError.invalid(item: "x", [.routeEnd, .instant]), CatalogError.publishedAlready("x"),
            CatalogError.retired(item: "x", from: 1), CatalogError.changedMeanwhile(item: "x", version: 2),
            CatalogError.notBelowOwner(item: "x", owner: unit), CatalogError.notOffered(item: "x", day: 1),
            CatalogError.noOverride(item: "x"), CatalogError.incomplete(fields),
        ] + VoidReason.allCases.map { NodeError.impossible($0) } + PendingReason.allCases.map { NodeError.waits($0) }

    private static let clock: [any CodedError] =
        doubts + [
            ClockError.dayNeeded(doubts[0]), ClockError.nothingIssued(doubts[1]),
        ]

    private static let doubts: [ClockDoubt] = [
        .behind(shows: 0, .parent("x"), at: 9), .behind(shows: 0, .ownEntry, at: 9),
        .behind(shows: 0, .certificate, at: 9), .certificateEnded(shows: 9, until: 0),
        .apart(ours: 0, theirs: 9, parent: "x"), .jumped(before: 0, after: 9),
    ]

    private static let days: [any CodedError] = [
        DayDoubt.laterThanWitnessed(day: 9, by: 0), DayDoubt.earlierThanSealed(day: 0, after: 9),
    ]

    private static let trust: [any CodedError] = [
        CertificateProblem.empty, CertificateProblem.tooLong(count: 99),
        CertificateProblem.tooLarge(position: 1, bytes: 9), CertificateProblem.malformed(position: 1, reason: "x"),
        CertificateProblem.algorithm(position: 1), CertificateProblem.name(position: 1),
        CertificateProblem.usage(position: 1, missing: "x"), CertificateProblem.notIssuer(name),
        CertificateProblem.pathLength(name), CertificateProblem.issuer(position: 1),
        CertificateProblem.signature(position: 1), CertificateProblem.wrongNetwork,
        CertificateProblem.scope(issuer: nil, subject: unit), CertificateProblem.scope(issuer: unit, subject: unit),
        CertificateProblem.notBelow(name, unit),
        CertificateProblem.notYetValid(name, from: 9, now: 0), CertificateProblem.expired(name, until: 0, now: 9),
        CertificateProblem.held(name), CertificateProblem.otherPeer(expected: name, found: name),
        IssuingProblem.otherKey, IssuingProblem.notIssuer, IssuingProblem.ownUnit(unit), IssuingProblem.tooDeep,
        IssuingProblem.serial, IssuingProblem.networkName, IssuingProblem.signing,
        EnrollmentMessageProblem.tooLarge(bytes: 9, limit: 1), EnrollmentMessageProblem.malformed,
        EnrollmentMessageProblem.version(2), EnrollmentMessageProblem.field("unit"),
        EnrollmentCodeProblem.length(found: 2), EnrollmentCodeProblem.character("!", place: 1),
        EnrollmentCodeProblem.check,
        EnrollmentGrantProblem.proof, EnrollmentGrantProblem.network, EnrollmentGrantProblem.genesis,
        EnrollmentGrantProblem.certificate(.wrongNetwork), EnrollmentGrantProblem.otherNode,
        EnrollmentGrantProblem.otherServer,
        EnrollmentRefusal.unknownCode, EnrollmentRefusal.badProof, EnrollmentRefusal.otherKey,
        EnrollmentRefusal.wrongUnit(unit), EnrollmentRefusal.used, EnrollmentRefusal.expired(at: 0),
        KeyProblem.tooLong(kind: "x"), KeyProblem.malformed(kind: "x"), KeyProblem.signing(kind: "x"),
        KeyProblem.encrypting(kind: "x"),
    ]

    private static let server: [any CodedError] = [
        ServerLockError.inUse("x"), HallError.notLoopback("x"),
        BackupError.exists("x"), BackupError.running("x"), BackupError.insideData("x"),
        BackupError.noFolder("x"), BackupError.dataDisk("x"),
        BackupError.noRoom("x", needed: 2, free: 1), BackupError.differs("x"), BackupError.absent("x"),
        BackupError.format(2), BackupError.damaged("x"),
        RestoreError.holdsReplica("x"), RestoreError.otherNode("x", found: "y", wanted: "z"),
        RestoreError.otherNetwork("x"), RestoreError.unsent("x", 3, isRoot: false), RestoreError.noReplica("x"),
        RestoreError.unsent("x", 1, isRoot: true), RestoreError.resting("x", 3), RestoreError.stoppedSalvage("x"),
        RestoreError.unknownWork("x", why: "y"), RestoreError.otherDatabase("x", of: "y", network: nil),
        RestoreError.otherDatabase("x", of: "y", network: "z"),
        RestoreError.unreadable("x", why: "y"), RestoreError.otherKey("x", file: "y"),
        DraftError.tooMany, DraftError.tooLarge, DraftError.unknown, DraftError.outrun(3),
        PageProblem.unknownPage, PageProblem.foreignForm, PageProblem.form, PageProblem.tooLarge,
        APIProblem.unknownPath("x"), APIProblem.method("x", allowed: ["GET"]),
        APIProblem.malformed(Words("no JSON", "不是JSON")), APIProblem.unknownKey("x"),
        APIProblem.notJSON, APIProblem.tooLarge, APIProblem.unknownParameter("x"),
        APIProblem.parameter("x", Words("not so here", "此处不能这样")), APIProblem.foreignHost("x"), APIProblem.failed,
        CaseInputError.unknownAction("x"), CaseInputError.unknownOutcome("x"), CaseInputError.unknownLevel("x"),
        CaseInputError.unknownChannel("x"), CaseInputError.missing("x", action: "y"),
        TLSIdentityError.emptyChain, TLSIdentityError.certificateUnreadable(index: 1), TLSIdentityError.keyUnreadable,
        TLSIdentityError.keyOfAnotherCertificate,
        ListenError.portTaken(host: "x", port: 1), ListenError.permissionDenied(host: "x", port: 1),
        ListenError.addressUnavailable(host: "x"), ListenError.failed(reason: "x"),
        LinkError.unreachable(reason: Words(name: "x")), LinkError.tls(reason: Words(name: "x"), refusal: nil),
        LinkError.tls(reason: Words(name: "x"), refusal: Refusal(CertificateProblem.wrongNetwork)),
        LinkError.stalled(after: .seconds(1)), LinkError.closed(reason: Words(name: "x"), isStale: false),
        LinkError.status(500, nil), LinkError.status(403, Refusal(EnrollmentRefusal.used)),
        LinkError.notTerrace(reason: Words(name: "x")), LinkError.cancelled, LinkError.inUse, LinePause.busy(9),
        LinePause.hours(LineHours("22:00-06:00")!),
    ]

    static let topology: [TopologyProblem] = TopologyProblem.Kind.allCases.map {
        TopologyProblem($0, line: 1, unit: "x", Words("not so here", "此处不能这样"))
    }

    private static let files: [any CodedError] =
        [
            CSVError.unclosedQuote(line: 1), CSVError.strayQuote(line: 1), CSVError.textAfterQuote(line: 1),
            CSVError.cellTooLong(line: 1, limit: 1), CSVError.rowTooLong(line: 1, limit: 1),
            CSVError.fileTooLong(limit: 1), CSVError.notUTF8(line: 1), CSVError.notText(line: 1), CSVError.noHeader,
            CSVError.missingColumn(name: "x", found: []), CSVError.duplicateColumn(name: "x"),
            CSVError.rowLength(line: 1, cells: 1, header: 2),
            YAMLFileError.syntax(line: 1, "x"), YAMLFileError.duplicateKey(line: 1, key: "x"),
            YAMLFileError.shape(line: 1, expected: Words("a list", "列表")),
            YAMLFileError.unknownKey(line: 1, key: "x", known: []),
            YAMLFileError.missingKey(line: 1, key: "x", of: Words("a unit", "单位")),
            YAMLFileError.fileTooLong(limit: 1), YAMLFileError.aliases(limit: 1), YAMLFileError.notUTF8,
            YAMLFileError.empty,
            TopologyFileError.unknownFormat("x"), TopologyFileError.unreadable("x", FileTrouble(2)),
            TopologyGeneratorError.size("x", 9, most: 1), TopologyGeneratorError.rootCode("x"),
            CalendarFileError.date(line: 1, "x"), CalendarFileError.order(line: 1, day, day),
            CalendarFileError.holidayTooLong(line: 1), CalendarFileError.notWeekend(line: 1, day),
            CatalogFileError.tooLong(limit: 1), CatalogFileError.notUTF8, CatalogFileError.notAnArray(line: 1),
            CatalogFileError.unclosed(line: 1), CatalogFileError.afterArray(line: 1),
            CatalogFileError.tooDeep(line: 1, limit: 1), CatalogFileError.itemTooLong(line: 1, limit: 1),
            CatalogFileError.tooManyItems(line: 1, limit: 1),
            CatalogRefusal.missing("x"), CatalogRefusal.unknownKind("x"), CatalogRefusal.unknownList("x"),
            CatalogRefusal.unknownTier("x", known: ["y"]), CatalogRefusal.malformed("x", "y"),
            CatalogRefusal.limit("x", "y"), CatalogRefusal.date("x", "y"),
            CatalogRefusal.duplicate(code: "x", line: 1), CatalogRefusal.retired(code: "x", from: 1),
            CatalogRefusal.publishedAlready("x"), CatalogRefusal.notPublished("x"), CatalogRefusal.unknownKey("x"),
            CatalogRefusal.row(.notUTF8(line: 1)), CatalogRefusal.json(Words("not so here", "此处不能这样")),
            CatalogRefusal.problems([.routeEnd]),
            DemoError.notStarted("x"), DemoError.failed(command: "x", text: "y"), DemoError.late("x"),
            DemoError.noFixtures("x"),
            CaseLineError.tooLong(9), CaseLineError.malformed(Words("not so here", "此处不能这样")),
            CaseLineError.tooManyActions, CaseLineError.unknownKey("x", action: nil),
            CaseLineError.unknownKey("x", action: 1),
        ] + topology.map { TopologyRejected(problems: [$0]) }
}
