import ChangeSet
import Foundation
import ServiceModel

@testable import Replica

/// Items, and the acts of units on them, for the town's replicas.
extension Town.Node {
    static func item(_ code: String = "JZ-01", _ change: (inout CatalogItem) -> Void = { _ in }) -> CatalogItem {
        var item = CatalogItem(
            code: code, name: "临时救助金给付", kind: .benefit, department: ItemDepartment(name: "民政局"),
            accepting: ItemAcceptance(tiers: [3, 2]), decider: .tier(1), route: [3, 2, 1])
        item.aliases = ["困难救济"]
        item.tags = ["救助"]
        item.lifeEvents = ["遭遇困难"]
        item.statutory = TimeLimit(count: 20, unit: .workingDays)
        item.promised = TimeLimit(count: 8, unit: .workingDays)
        item.place = ServicePlace(window: "3号窗口", phone: "0540-2100101")
        change(&item)
        return item
    }

    @discardableResult
    func publish(_ item: CatalogItem) throws -> CatalogItemID { try write(.publish(item)) }

    @discardableResult
    func override(
        _ item: CatalogItemID, window: String = "", days: UInt32? = nil
    ) throws -> CatalogItemID {
        try write(
            .override(
                CatalogOverride(
                    item: item, place: ServicePlace(window: window),
                    promised: days.map { TimeLimit(count: $0, unit: .workingDays) })))
    }

    /// Writes an act, whoever may do it.
    @discardableResult
    func write(_ act: CatalogAct, on id: CatalogItemID? = nil) throws -> CatalogItemID {
        try replica.write { transaction in
            let place = try transaction.nextPlace(of: author, in: .published)
            let record: ChangeSet.Record =
                switch id {
                case nil: .created
                case let id? where id.author == author: .back(place.sequence - id.sequence)
                case let id?: .foreign(id.author, sequence: id.sequence)
                }
            let changeSet = ChangeSet(
                kind: act.action.kind, record: record, parents: [], time: time, body: try CatalogBody(act).bytes)
            _ = try transaction.append([try changeSet.bytes], by: author, in: .published, seed: seed(7))
            return id ?? CatalogItemID(author: author, sequence: place.sequence)
        }
    }

    func items(_ change: (inout CatalogFilter) -> Void = { _ in }) throws -> [CatalogItemRow] {
        var filter = CatalogFilter()
        change(&filter)
        return try replica.read { try $0.catalogItems(filter) }
    }

    func offer(_ id: CatalogItemID, at unit: String? = nil, on day: Int32 = 20_000) throws -> CatalogOffer? {
        try replica.read { try $0.offer(of: id, at: unit.flatMap { UnitCode($0) } ?? self.unit, on: day) }
    }

    /// Receipts of the cases that a search finds.
    func found(_ text: String) throws -> [String] {
        try replica.read { try $0.serviceCases(matching: SearchQuery(text), limit: 50) }.map(\.receipt)
    }
}
