import HTTPTypes
import Replica
import ServiceModel
import SyncNode

/// The service catalog, as this unit offers it.
struct CatalogRoutes {
    private static let usuallyListed = 100

    private let desk: HallDesk

    init(_ desk: HallDesk) { self.desk = desk }

    var routes: [APIRoute] {
        [APIRoute(operation: Self.listing) { try list($0) }, APIRoute(operation: Self.showing) { try show($0) }]
    }

    private static let listing = APIOperation(
        method: .get, path: "items", name: "items", summary: "Items of the catalog, by code or the best match first.",
        parameters: [
            .query("q", .text("words of name, alias, tag, occasion, department or code")),
            .query("kind", .text("by name or number, 行政许可 or 01")), .query("department", .text("its name")),
            .query("offered", .text("only those under which cases may be accepted on a day: today, or yyyy-mm-dd")),
            .query("limit", .count(upTo: CatalogFilter.most, "\(usuallyListed) when left out")),
        ],
        answer: .list(CatalogLineOutput.schema, ""))

    private func list(_ request: APIRequest) throws -> APIAnswer {
        let now = desk.now()
        var filter = CatalogFilter()
        filter.text = try request.search("q")
        filter.kind = try request.value("kind", Words("a kind of item", "事项类别")) { ItemKind(named: $0) }
        filter.department = request.query["department"]
        filter.offeredOn = try request.value("offered", Words("a day, yyyy-mm-dd or today", "日期（yyyy-mm-dd或today）")) {
            text in
            text == "today" ? now.day : CivilDate(text)?.dayNumber
        }
        filter.limit = try request.count("limit", upTo: CatalogFilter.most, usual: Self.usuallyListed)
        return try APIAnswer(try desk.node.replica.read { try $0.catalogItems(filter) }.map(CatalogLineOutput.init))
    }

    private static let showing = APIOperation(
        method: .get, path: "items/{code}", name: "item",
        summary: "An item as this unit offers it today, with its versions and overrides.",
        parameters: [.path("code", "code of the item")], answer: CatalogItemOutput.schema, refusals: [.notFound])

    private func show(_ request: APIRequest) throws -> APIAnswer {
        let node = desk.node
        let (code, day) = (request.path["code"] ?? "", desk.now().day)
        let found = try node.replica.read { transaction in
            try CatalogItemOutput(
                typed: code, for: node.name.unit, on: day, tiers: node.genesis.tiers, transaction)
        }
        return try APIAnswer(found)
    }
}
