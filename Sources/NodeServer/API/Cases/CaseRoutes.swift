import ChangeSet
import HTTPTypes
import Replica
import ServiceModel
import SyncNode

/// Cases: to look for, to accept, to act on.
struct CaseRoutes {
    /// Most cases of one answer.
    static let mostListed = 1_000
    private static let usuallyListed = 50
    /// Who acts when nobody is named.
    private static let actor = "api"
    private static let receipt = APIOperation.Parameter.path(
        "receipt", "the receipt number; small letters and blanks do no harm")

    private let desk: HallDesk

    init(_ desk: HallDesk) { self.desk = desk }

    var routes: [APIRoute] {
        [
            APIRoute(operation: Self.listing) { try list($0) },
            APIRoute(operation: Self.showing) { try show($0) },
            APIRoute(operation: Self.accepting) { try accept($0) },
            APIRoute(operation: Self.acting) { try act($0) },
            APIRoute(operation: Self.fetching) { try fetch($0) },
        ]
    }

    // MARK: - Reading

    private static let listing = APIOperation(
        method: .get, path: "cases", name: "cases", summary: "The latest cases, or those that match.",
        parameters: [
            .query("q", .text("words of name, receipt, telephone number or item; the best match first")),
            .query("phase", .choice(Phase.all.map(\.rawValue), "")),
            .query("holder", .text("code of the unit that holds the case")),
            .query("acceptedBy", .text("code of the unit that accepted the case")),
            .query("unsettled", .flag("only those with a conflict, an open request or something that waits")),
            .query("unsent", .flag("only those of which something waits to be sent to the parent")),
            .query("limit", .count(upTo: mostListed, "\(usuallyListed) when left out")),
        ],
        answer: .list(CaseLineOutput.schema, ""))

    private func list(_ request: APIRequest) throws -> APIAnswer {
        let search = try request.search("q")
        let unit = Words("the code of a unit", "单位代码")
        var filter = CaseFilter(
            phase: try request.value("phase", Words("a phase", "办理阶段")) { text in
                Phase.all.first { $0.rawValue == text }
            }?.rawValue,
            holder: try request.value("holder", unit) { UnitCode($0) }?.text,
            acceptedBy: try request.value("acceptedBy", unit) { UnitCode($0) }?.text,
            isUnsettled: try request.flag("unsettled"))
        let isUnsent = try request.flag("unsent")
        let limit = try request.count("limit", upTo: Self.mostListed, usual: Self.usuallyListed)
        let rows = try desk.node.replica.read { transaction in
            if isUnsent { filter.unsent = try transaction.unsentUpward() }
            if let search { return try transaction.serviceCases(matching: search, filter, limit: limit) }
            return try transaction.serviceCases(filter, limit: limit)
        }
        return try APIAnswer(rows.map(CaseLineOutput.init))
    }

    private static let showing = APIOperation(
        method: .get, path: "cases/{receipt}", name: "case", summary: "A case with its trace.",
        parameters: [receipt], answer: CaseOutput.schema, refusals: [.notFound])

    private func show(_ request: APIRequest) throws -> APIAnswer {
        let receipt = request.path["receipt"] ?? ""
        return try APIAnswer(
            try desk.node.replica.read { try CaseOutput(typed: receipt, in: request.language, $0) })
    }

    // MARK: - Writing

    private static let accepting = APIOperation(
        method: .post, path: "cases", name: "acceptCase",
        summary: "Accept a case. It is on disk when its number is answered.", body: SubmissionInput.schema,
        success: .created, answer: AcceptanceOutput.schema, refusals: [.notFound, .conflict])

    private func accept(_ request: APIRequest) throws -> APIAnswer {
        let now = desk.now()
        let submission = try SubmissionInput.read(request.body).submission(
            at: desk.node, actor: Self.actor, channel: .counter, now: now)
        let reference = try desk.node.accept(try desk.node.acceptance(submission), now: now)
        desk.news.announce()
        var answer = try APIAnswer(AcceptanceOutput(receipt: reference.receipt))
        answer.status = Self.accepting.success
        answer.location = "\(APIRequest.root)/cases/\(reference.receipt)"
        return answer
    }

    private static let acting = APIOperation(
        method: .post, path: "cases/{receipt}/actions", name: "actOnCase",
        summary: "Do something to a case; what would have no effect is refused.", parameters: [receipt],
        body: StepInput.schema, answer: ActionOutput.schema, refusals: [.notFound, .conflict])

    private func act(_ request: APIRequest) throws -> APIAnswer {
        let now = desk.now()
        let step = try StepInput.read(request.body).step(
            day: desk.node.legalDay(nil, now: now), actor: Self.actor, now: now)
        try step.checkForCounter()
        let receipt = request.path["receipt"] ?? ""
        let record = try desk.node.replica.read { try $0.caseReference(typed: receipt).record }
        let verdict = try desk.node.act(step, on: record, now: now)
        desk.news.announce()
        return try APIAnswer(ActionOutput(verdict))
    }

    private static let fetching = APIOperation(
        method: .post, path: "cases/{receipt}/fetch", name: "fetchCase",
        summary: "Ask for a case back that is kept at the unit above; the next exchange brings it.",
        parameters: [receipt], success: .accepted, answer: AcceptanceOutput.schema, refusals: [.notFound, .conflict])

    private func fetch(_ request: APIRequest) throws -> APIAnswer {
        let receipt = request.path["receipt"] ?? ""
        try desk.node.fetchCase(typed: receipt, now: desk.now())
        desk.news.announce()
        var answer = try APIAnswer(AcceptanceOutput(receipt: receipt))
        answer.status = Self.fetching.success
        return answer
    }
}
