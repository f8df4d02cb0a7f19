import HTTPTypes
import SyncNode

/// Who this node is, and how its lines stand.
struct StatusRoutes {
    private let desk: HallDesk

    init(_ desk: HallDesk) { self.desk = desk }

    var routes: [APIRoute] {
        [
            APIRoute(operation: Self.showing) { try show($0) }, APIRoute(operation: Self.examining) { try examine($0) },
        ]
    }

    private static let showing = APIOperation(
        method: .get, path: "status", name: "status",
        summary: "Who this node is, what it holds, how its lines stand, and whether its clock can be relied on.",
        answer: StatusOutput.schema)

    private static let examining = APIOperation(
        method: .get, path: "doctor", name: "doctor",
        summary: "What is wrong with this node, what it means for the work, and the way out.",
        answer: DoctorOutput.schema)

    /// Answers also where the replica cannot be read.
    private func examine(_ request: APIRequest) throws -> APIAnswer {
        let examination = Examination(desk.node.facts(service: desk.service, now: desk.now()))
        return try APIAnswer(DoctorOutput(examination, in: request.language))
    }

    private func show(_ request: APIRequest) throws -> APIAnswer {
        let node = desk.node
        let uplink = node.isRoot ? nil : desk.uplink.state
        let now = desk.now()
        return try APIAnswer(
            try node.replica.read { try StatusOutput(node, uplink: uplink, now: now, in: request.language, $0) })
    }
}

extension StatusOutput {
    package static let schema = JSONSchema.object([
        .must("unit", .text("code of the unit")), .must("name", .text("of the unit; empty until the charter came")),
        .must("node", .integer("ordinal of the node in its unit")), .must("network", .text("")),
        .must("charter", .integer("number of the last entry")), .must("units", .integer("of the network")),
        .must("cases", .integer("")), .must("unsettled", .integer("cases")),
        .must("unsent", .integer("change sets that wait to be sent up")),
        .must("unsentCases", .integer("to which they belong")),
        .may("unsentSince", .integer("seconds since 1970, when the first of them was written, by its author's clock")),
        .must("resting", .integer("change sets of an earlier incarnation that were never sealed")),
        .must("contacts", .list(contact, "who was heard, and when last")),
        .must("backups", .list(backup, "the last verified one on another disk, and the last one on the same")),
        .must(
            "comparisons",
            .list(comparison, "by neighbour, the last time that both held against each other what they hold")),
        .may("proof", proof), .may("uplink", uplink), .must("clock", clock), .must("health", health),
        .may("retention", retention),
    ])

    private static let comparison = JSONSchema.object([
        .must("unit", .text("")), .must("node", .integer("")),
        .must("time", .integer("seconds since 1970 by this node's clock")),
        .must("lackedThere", .integer("runs of change sets of which the neighbour lacked something")),
        .must("lackedHere", .integer("runs of which this node did")),
        .may("proven", .integer("seconds since 1970 of the last proof, signed by both, that they hold the same")),
    ])

    private static let proof = JSONSchema.object([
        .must("isEqual", .flag("nothing differed when they were compared last")),
        .may("proven", .integer("seconds since 1970 of the last proof of equality with the unit above")),
    ])

    private static let contact = JSONSchema.object([
        .must("unit", .text("")), .must("name", .text("")), .must("node", .integer("")),
        .must("side", .choice(StatusOutput.Side.allCases.map(\.rawValue), "where it stands today, seen from here")),
        .must("isCut", .flag("the charter has cut this machine: it is heard no more")),
        .must("last", .integer("seconds since 1970 by this node's clock")),
    ])

    private static let clock = JSONSchema.object([
        .must("shows", .integer("seconds since 1970")), .may("code", .text("what speaks against this machine's clock")),
        .may("message", .text("")), .must("needsDay", .flag("an act is refused that does not say its legal day")),
    ])

    private static let backup = JSONSchema.object([
        .must("time", .integer("seconds since 1970 by this node's clock")),
        .must("isOnOtherDisk", .flag("than the data")), .must("place", .text("folder")),
        .must("newer", .integer("change sets that came since")),
    ])

    private static let health = JSONSchema.object([
        .must("absent", .integer("change sets that the disk had changed and that have not come again")),
        .must(
            "lost",
            .integer("change sets that the disk has changed, that nobody else has, and that nobody looked after")),
        .must("setAside", .integer("records that this program cannot derive")),
        .may("checked", .integer("seconds since 1970, when everything was looked through last")),
        .may("damaged", .integer("what was found then")),
        .must("unknownKinds", .integer("cases with a change set of a kind that this program does not know")),
    ])

    private static let retention = JSONSchema.object([
        .must("time", .integer("seconds since 1970, when closed cases were looked at last")),
        .must("retired", .integer("cases that left then")),
        .must("kept", .map(.integer(""), "closed cases that stayed, by reason, as `terrace retire` names it")),
    ])

    private static let uplink = JSONSchema.object([
        .must("isUp", .flag("")), .may("since", .integer("seconds since 1970")),
        .may("unit", .text("through whom it goes, or went last")), .may("name", .text("of that unit")),
        .may("node", .integer("ordinal of the node in that unit")),
        .may("isParent", .flag("false for one that stands in for the parent")),
        .must("isPaused", .flag("it is down and nothing is wrong with it")),
        .may("code", .text("why it is down, or not through the parent")), .may("message", .text("")),
    ])
}
