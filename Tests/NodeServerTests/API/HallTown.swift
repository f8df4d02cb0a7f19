import Foundation
import Logging
import ServiceHall
import ServiceLifecycle
import ServiceModel
import Simulator
import SyncNode
import Synchronization

@testable import NodeServer

/// A town with its village, and the hall of the town's node, open on a port of the system's choice.
struct HallTown {
    static let city = "3799"
    static let town = "379902001"
    static let village = "379902001001"
    static let item = "JZ-01"

    let client: HallClient
    let node: Node
    let news: NodeNews
    /// The line of the process, which nobody dials.
    let uplink: UplinkStatus
    let network: SimulatedNetwork

    /// Opens the hall for the time of `body`.
    static func with(_ body: (HallTown) async throws -> Void) async throws {
        let network = try SimulatedNetwork(
            units: [
                UnitEntry(code: UnitCode(city)!, name: "市", tier: 0, parent: nil, kind: .centre),
                UnitEntry(code: UnitCode(town)!, name: "镇", tier: 1, parent: UnitCode(city), kind: .centre),
                UnitEntry(code: UnitCode(village)!, name: "村", tier: 2, parent: UnitCode(town), kind: .centre),
            ], tiers: ["city", "town", "village"], nodes: [town], seed: 7)
        var item = CatalogItem(
            code: item, name: "临时救助金给付", kind: .benefit, department: ItemDepartment(name: "民政局"),
            accepting: ItemAcceptance(tiers: [1]), decider: .tier(1), route: [1])
        item.materials = [
            ItemMaterial(id: "application", name: "申请表"),
            ItemMaterial(id: "proof", name: "收入证明", need: .deferrable, forms: .copy, copies: 1),
        ]
        item.materials[0].standIns = ["电子申请"]
        item.form = [FormField(name: "reason", label: "困难原因", required: true, longest: 200)]
        item.promised = TimeLimit(count: 8, unit: .workingDays)
        try network[city].publish([item], by: Publisher(actor: "p01"), now: network.now)
        try network.settle(rounds: 1)

        let node = network[town], news = NodeNews(), now = network.now
        let uplink = UplinkStatus()
        let desk = HallDesk(node: node, news: news, uplink: uplink, hasUplink: false, now: { now })
        let address = try HallAddress(PeerEndpoint(host: "127.0.0.1", port: 0))
        let (ports, opened) = AsyncStream.makeStream(of: Int.self)
        let logger = Logger(label: "hall", factory: { _ in SwiftLogNoOpLogHandler() })
        let pages = Pages(PageDesk(node: node, service: { desk.service }, announce: news.announce, now: { now }))
        let hall = Hall(desk, at: address, logger: logger, pages: { pages.addRoutes(to: $0) }) { opened.yield($0) }
        let group = ServiceGroup(configuration: .init(services: [.init(service: hall)], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { opened.finish() }
                try await group.run()
            }
            if let port = await ports.first(where: { _ in true }) {
                try await body(
                    HallTown(
                        client: HallClient(port: port), node: node, news: news, uplink: uplink, network: network))
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// A submission that is whole.
    static func submission(_ change: (inout [String: Any]) -> Void = { _ in }) -> [String: Any] {
        var body: [String: Any] = [
            "item": item, "materials": ["application", "proof"], "actor": "c01",
            "fields": ["applicant.name": "王小明", "applicant.phone": "13900001001", "form.reason": "大病"],
        ]
        change(&body)
        return body
    }

    /// The receipt of a new case.
    func accept() async throws -> String {
        try await client.post("cases", Self.submission()).object["receipt"] as? String ?? ""
    }
}
