import HTTPTypes
import Replica
import ServiceModel
import SyncNode

/// Figures, and what they rest on.
struct StatisticsRoutes {
    private let desk: HallDesk

    init(_ desk: HallDesk) { self.desk = desk }

    var routes: [APIRoute] { [APIRoute(operation: Self.counting) { try count($0) }] }

    private static let counting = APIOperation(
        method: .get, path: "stats", name: "statistics",
        summary: "Cases counted, each rate by its two numbers, and what the figures rest on.",
        parameters: [
            .query("unit", .text("code of the unit, with all below it; this node's own when left out")),
            .query("month", .text("yyyy-mm; all when left out")),
            .query("by", .choice(StatisticsGrouping.allCases.map(\.rawValue), "a group for each of them")),
        ],
        answer: StatsOutput.schema, refusals: [.notFound])

    private func count(_ request: APIRequest) throws -> APIAnswer {
        let month = try request.value("month", Words("a month, yyyy-mm", "月份（yyyy-mm）")) { CivilMonth($0) }
        let grouping = try request.value("by", Words("a grouping", "分组方式")) { StatisticsGrouping(rawValue: $0) }
        let report = try desk.node.statistics(
            of: request.query["unit"], days: month?.days, by: grouping, now: desk.now())
        return try APIAnswer(StatsOutput(report, month: month?.description))
    }
}

extension StatsOutput {
    package static let schema = JSONSchema.object([
        .must("unit", .text("code of the unit")), .may("month", .text("yyyy-mm")), .may("by", .text("")),
        .must("groups", .list(group, "")), .must("total", figures), .must("frontier", basis),
    ])

    private static let group = JSONSchema.object([
        .must("key", .text("")), .must("label", .text("")), .must("figures", figures), .must("frontier", basis),
    ])

    private static let figures = JSONSchema.object([
        .must("counts", .map(.integer(""), "")),
        .must(
            "rates",
            .map(.object([.must("numerator", .integer("")), .must("denominator", .integer(""))]), "")),
    ])

    private static let basis = JSONSchema.object([
        .must("asked", .integer("seconds since 1970: until when completeness was asked for")),
        .must("expected", .integer("units")), .must("complete", .integer("units")),
        .may("time", .integer("seconds since 1970: up to when all expected units are complete")),
        .must(
            "behind",
            .list(
                .object([
                    .must("unit", .text("")), .must("name", .text("")), .may("since", .integer("seconds since 1970")),
                ]), "")),
    ])
}
