import ChangeSet
import Foundation
import ServiceModel
import Testing

@testable import SyncNode

@Suite struct SubmissionTests {
    private func network() throws -> Network {
        let network = try Network([Network.city, Network.county, Network.town, Network.village])
        try network[Network.city].publish(
            [CatalogActionTests.item()], by: CatalogActionTests.clerk, now: network.now)
        try network.settle(rounds: 1)
        try network[Network.county].override(
            .code("JZ-01"), place: ServicePlace(), promised: TimeLimit(count: 5, unit: .workingDays),
            by: CatalogActionTests.clerk, now: network.now)
        try network.settle(rounds: 1)
        return network
    }

    private func submission(_ network: Network, _ change: (inout Submission) -> Void = { _ in }) -> Submission {
        var submission = Submission(
            item: .code("JZ-01"),
            fields: [
                CaseField.applicantName: "王小明", CaseField.applicantPhone: "１３９００００１００１", "form.reason": " 大病 ",
                "form.members": "3",
            ], materials: ["application", "idCard", "income"], day: network.now.day, actor: "c01")
        change(&submission)
        return submission
    }

    @Test func aCaseIsAcceptedByItsItem() throws {
        let network = try network()
        let village = network[Network.village]
        let acceptance = try village.acceptance(submission(network))
        #expect(acceptance.route.map(\.text) == [Network.village, Network.town, Network.county])
        #expect(acceptance.promise.promised == TimeLimit(count: 5, unit: .workingDays))
        #expect(
            acceptance.fields == [
                CaseField.applicantName: "王小明", CaseField.applicantPhone: "13900001001", "form.reason": "大病",
                "form.members": "3", "material.application": "handedIn", "material.idCard": "handedIn",
                "material.income": "handedIn",
            ])
        let reference = try village.accept(acceptance, now: network.now)
        let row = try #require(try village.replica.read { try $0.serviceCase(receipt: reference.receipt) })
        #expect(row.promise.itemName == "临时救助金给付" && row.promise.version == 1 && row.promise.department == "民政局")
        let found = try village.replica.read { try $0.serviceCases(matching: SearchQuery("救助 小明"), limit: 10) }
        #expect(found.map(\.receipt) == [reference.receipt])
    }

    @Test func whatIsMissingIsNamedAtOnce() throws {
        let network = try network()
        let village = network[Network.village]
        func problems(_ change: (inout Submission) -> Void) -> [String] {
            do {
                _ = try village.acceptance(submission(network, change))
                return []
            } catch CatalogError.incomplete(let problems) {
                return problems.map { "\($0.name) \($0.code)" }
            } catch { return ["\(error)"] }
        }
        #expect(
            problems { $0.materials = [] } == [
                "application material.missing", "idCard material.missing", "income material.deferred",
            ])
        #expect(
            problems { ($0.materials, $0.fields) = (["idCard", "x"], ["form.members": "viele", "odd": "1"]) } == [
                "applicant.name form.missing", "reason form.missing", "members form.notANumber",
                "application material.missing", "income material.deferred", "x material.unknown",
                "odd form.unknownField",
            ])
        // With a day agreed on, what may follow follows; a certificate stands in for a paper.
        let later = try village.acceptance(
            submission(network) {
                $0.materials = ["application"]
                $0.certificates = ["电子身份证"]
                $0.deferredUntil = CivilDate("2026-10-01")?.dayNumber
            })
        #expect(later.fields["material.income"] == "deferred:2026-10-01")
        #expect(later.fields["material.idCard"] == "certificate:电子身份证")
        #expect(later.fields["material.mandate"] == nil)
        #expect(
            problems { ($0.materials, $0.deferredUntil) = (["application", "idCard"], $0.day - 1) } == [
                "income material.deferred"
            ])
    }

    @Test func onlyWhatIsOfferedHereAndNowIsAccepted() throws {
        let network = try network()
        let day = network.now.day
        let city = network[Network.city], village = network[Network.village]
        try city.publish(
            [
                CatalogActionTests.item("LATER") { $0.from = day + 10 },
                CatalogActionTests.item("TOWN") { $0.accepting.tiers = [2] },
            ], by: CatalogActionTests.clerk, now: network.now)
        try village.publish([CatalogActionTests.item("OWN")], by: CatalogActionTests.clerk, now: network.now)
        try network.settle(rounds: 1)
        func code(_ node: Node, _ item: String, day: Int32 = day) -> String {
            do {
                _ = try node.acceptance(
                    submission(network) {
                        $0.item = .code(item)
                        $0.day = day
                    })
                return ""
            } catch let error as CatalogError {
                return error.code
            } catch let error as CaseRouteError {
                return error.code
            } catch { return "\(error)" }
        }
        #expect(code(village, "JZ-01") == "")
        #expect(code(village, "OWN") == "")
        #expect(code(village, "NONE") == "catalog.unknown")
        #expect(code(village, "LATER") == "catalog.notOffered")
        #expect(code(village, "LATER", day: day + 10) == "")
        #expect(code(village, "TOWN") == "route.notAccepted")
        #expect(code(city, "OWN") == "catalog.notBelowOwner")
        try city.retire(
            .code("JZ-01"), CatalogRetirement(reason: "", from: day + 1), by: CatalogActionTests.clerk, now: network.now
        )
        try network.settle(rounds: 1)
        #expect(code(village, "JZ-01") == "")
        #expect(code(village, "JZ-01", day: day + 1) == "catalog.retired")
    }

    @Test func aCaseKeepsTheVersionThatItWasAcceptedUnder() throws {
        let network = try network()
        let now = network.now
        let village = network[Network.village]
        let first = try village.accept(try village.acceptance(submission(network)), now: now)
        try network[Network.city].revise(
            [
                CatalogActionTests.item {
                    ($0.version, $0.name, $0.promised) = (2, "临时救助", TimeLimit(count: 2, unit: .workingDays))
                    $0.form = []
                }
            ], by: CatalogActionTests.clerk, now: now)
        // The revision is not here yet: what is accepted goes by what is held.
        let second = try village.accept(try village.acceptance(submission(network)), now: now)
        try network.settle(rounds: 1)
        let third = try village.accept(
            try village.acceptance(submission(network) { $0.fields = [CaseField.applicantName: "李四"] }), now: now)
        try network.settle(rounds: 1)
        for name in [Network.city, Network.county, Network.village] {
            let rows = try [first, second, third].map { reference in
                try network[name].replica.read { try $0.serviceCase(receipt: reference.receipt) }
            }
            #expect(rows.map { $0?.promise.version } == [1, 1, 2], "\(name)")
            #expect(rows.map { $0?.promise.promised?.count } == [5, 5, 2], "\(name)")
            #expect(rows.map { $0?.promise.itemName } == ["临时救助金给付", "临时救助金给付", "临时救助"], "\(name)")
            let kept = try network[name].replica.read { transaction in
                try transaction.catalogItems(code: "JZ-01").first.flatMap { row in
                    try transaction.catalogRecord(row.id)?.item?.version(1)?.form.map(\.name)
                }
            }
            #expect(kept == ["reason", "members"], "\(name)")
            #expect(try network[name].replica.rebuild(keeping: false).allSatisfy(\.isSame), "\(name)")
        }
    }
}
