import ServiceModel
import Simulator
import Testing

@testable import SyncNode

/// What a clerk sees of a case that has left.
@Suite struct StubPageTests {
    @Test func itsNumberIsFoundAndItIsAskedForThere() async throws {
        try await HallTown.with { town in
            let network = town.network, pages = PageClient(town)
            let years = try [2026, 2027].map { try CalendarYear(year: $0, holidays: [], worked: [], source: "test") }
            try network[HallTown.city].importCalendar(years, now: network.now)
            try network[HallTown.city].setRetention(months: 0, ofTier: 1, now: network.now)
            try network.settle(rounds: 1)
            let receipt = try await pages.accept()
            #expect(try await pages.act(on: receipt, [("action", "withdraw")]).status == 303)
            try network.settle(rounds: 1)
            _ = try await pages.accept()
            try network.settle(rounds: 1)
            try network.backUpElsewhere(HallTown.city)
            try network.settle(rounds: 1)
            #expect(try town.node.retire(now: network.now).retired == 1)

            let path = "/cases/\(receipt)/fetch"
            let found = try await pages.get("/cases?q=\(receipt)")
            #expect(found.text.contains("<form method=\"post\" action=\"\(path)\">"))
            #expect(found.text.contains("存于上级单位") && !found.text.contains("没有这样的办件"))
            #expect(try await pages.get("/cases/\(receipt)").status == 404)
            let asked = try await pages.post(path, [])
            #expect(asked.status == 303 && asked.location == "/cases?q=\(receipt)")
            let waits = try await pages.get(asked.location)
            #expect(waits.text.contains("已申请取回") && !waits.text.contains(path))

            try network.exchange(HallTown.town, mode: .repairs)
            #expect(try await pages.get("/cases/\(receipt)").status == 200)
            #expect(try await pages.post(path, []).location == "/cases/\(receipt)")
            #expect(try await pages.post("/cases/nobody/fetch", []).status == 404)
        }
    }
}
