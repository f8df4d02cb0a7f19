import ChangeSet
import Replica
import ServiceModel
import SyncNode

/// The counter: the item that somebody asks for, what they are to bring, and the drafts that wait.
struct CounterPages: Sendable {
    let frame: PageFrame
    private var node: Node { frame.desk.node }

    init(_ frame: PageFrame) { self.frame = frame }

    var routes: [PageRoute] {
        [
            PageRoute(.get, "/counter") { try counter($0) },
            PageRoute(.get, "/items/{code}") { try item($0) },
        ]
    }

    // MARK: - Finding

    private func counter(_ request: PageRequest) throws -> PageAnswer {
        let text = PageText(language: request.language)
        let now = frame.desk.now()
        let typed = String(request.query.text("q").unicodeScalars.prefix(SearchQuery.longest))
        let isEverywhere = request.query["all"] != nil
        let (rows, drafts) = try node.replica.read { transaction -> ([CatalogItemRow], [View]) in
            var filter = CatalogFilter()
            if !typed.isEmpty { filter.text = SearchQuery(typed) }
            let day = try node.clock(transaction, now: now).presumedDay
            if !isEverywhere { (filter.acceptedAt, filter.offeredOn) = (node.name.unit, day) }
            filter.limit = PageLimits.itemsShown + 1
            let drafts = try transaction.drafts().map {
                try DraftLineView(draft: $0, unit: node.name.unit, text: text, now: now, day: day).view(transaction)
            }
            return (try transaction.catalogItems(filter), drafts)
        }
        let view: View = [
            "isCounter": true, "typed": typed, "everywhere": isEverywhere,
            "items": rows.prefix(PageLimits.itemsShown).map { self.row($0, text) },
            "hasMore": rows.count > PageLimits.itemsShown, "drafts": drafts,
            "heading": text[typed.isEmpty ? "counter.offered" : "counter.found"],
        ]
        return try frame.page("counter", view, request, title: text["counter"])
    }

    private func row(_ row: CatalogItemRow, _ text: PageText) -> View {
        let promised = row.instant ? text["limit.instant"] : text.limit(row.promised.flatMap(TimeLimit.init(text:)))
        return [
            "itemCode": row.code, "itemName": row.name, "itemAliases": row.aliases.joined(separator: text["comma"]),
            "itemDepartment": row.department, "itemPromised": promised,
        ]
    }

    // MARK: - What to bring

    private func item(_ request: PageRequest) throws -> PageAnswer {
        let text = PageText(language: request.language)
        let day = try node.clock(now: frame.desk.now()).presumedDay
        let offer = try node.offer(.code(request.path["code"] ?? ""), on: day)
        let (topology, tiers) = try node.replica.read { ($0.charter.current.topology, $0.genesis?.tiers ?? []) }
        var view = ItemView.view(offer.item, text)
        view["isCounter"] = true
        view["stations"] = [View]()
        view["acceptedBy"] = Self.accepting(offer.item, tiers, topology, text)
        if let from = offer.line.retirement?.from, from <= day {
            view["hindrance"] = text("problem.retired", CivilDay.text(from))
        } else if !offer.line.isOffered(on: day) {
            view["hindrance"] = text("problem.notOffered", CivilDay.text(day))
        } else {
            do {
                let route = try CaseRoute(of: offer.item, from: node.name.unit, in: topology)
                view["stations"] = Self.stations(route, topology, text)
                view["mayBegin"] = true
            } catch {
                view["hindrance"] = error.words[text.language]
            }
        }
        return try frame.page("item", view, request, title: offer.item.name)
    }

    private static func accepting(
        _ item: CatalogItem, _ tiers: [String], _ topology: Topology, _ text: PageText
    ) -> String {
        let names =
            item.accepting.tiers.map { text.word("tier", tiers.tierName($0)) }
            + item.accepting.units.map { topology[$0]?.name ?? $0.text }
        return names.joined(separator: text["comma"])
    }

    /// The units of a route, each with its part in it.
    static func stations(_ route: CaseRoute, _ topology: Topology, _ text: PageText) -> [View] {
        route.units.enumerated().map { index, unit in
            let isLast = index == route.units.count - 1
            var parts: [String] = index == 0 ? [text["route.accepts"]] : []
            if isLast { parts.append(text[route.beyond ? "route.sendsOn" : "route.decides"]) }
            if parts.isEmpty { parts = [text["route.reviews"]] }
            return [
                "stationName": topology[unit]?.name ?? unit.text,
                "stationPart": parts.joined(separator: text["comma"]),
            ]
        }
    }
}
