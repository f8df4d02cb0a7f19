import ServiceModel
import SyncNode
import Testing

@testable import NodeServer

/// Who answers a request reads what it would do, on the page and through the API.
@Suite struct WaitingActTests {
    @Test func itsValuesAreShown() async throws {
        try await HallTown.with { town in
            let pages = PageClient(town)
            let receipt = try await pages.accept()
            try town.network.settle(rounds: 2)
            let creation = try town.node.replica.read { try $0.caseReference(typed: receipt).creation }
            func write(_ action: CaseAction, _ phone: String, at unit: String) throws {
                var step = CaseStep(action, day: town.network.now.day, actor: "韩")
                step.fields = [CaseField.applicantPhone: phone]
                try town.network.take(step, at: unit, on: creation)
            }
            try write(.amend, "13911112222", at: HallTown.town)
            try write(.amend, "13833334444", at: HallTown.city)
            try town.network.settle(rounds: 2)
            // Of who does not hold the case it is a request.
            try write(.settle, "13855556666", at: HallTown.city)
            try town.network.settle(rounds: 2)

            for language in ["zh-CN", "en"] {
                let page = try await pages.get("/cases/\(receipt)", language: language)
                let sections = page.text.components(separatedBy: "<section class=\"notice warn\">").dropFirst()
                let open = try #require(sections.last?.components(separatedBy: "</section>").first)
                #expect(sections.count == 2 && open.contains("<dd>13855556666</dd>"), "\(open)")
            }
            let trace = try await town.client.get("cases/\(receipt)").object["trace"] as? [[String: Any]] ?? []
            let waiting = trace.filter { $0["waits"] as? Bool == true }
            #expect(waiting.count == 1 && trace.count == 4, "\(trace)")
            let fields = waiting.first?["fields"] as? [String: String]
            #expect(fields?[CaseField.applicantPhone] == "13855556666")
        }
    }
}
