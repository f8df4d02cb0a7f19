import ChangeSet
import Foundation
import NodeServer
import Replica
import ServiceModel
import SyncNode

/// The story of the demo. What it claims it checks; a check that fails is said and counted.
final class DemoStory {
    private let network: DemoNetwork
    private let fixtures: URL
    private let offline: Int
    private(set) var failures = 0
    private var step = 0
    /// What the clerk at the village was told is accepted.
    private var confirmed: Set<String> = []
    /// What the county was told is decided, and granted.
    private var granted: Set<String> = []

    private let village = DemoNetwork.village
    private let county = DemoNetwork.county

    init(network: DemoNetwork, fixtures: URL, cases: Int) {
        self.network = network
        self.fixtures = fixtures
        offline = cases
    }

    func tell() async throws {
        try await begin()
        try catalogGoesDown()
        let (amended, withdrawn) = try oneCaseOnline()
        try lineIsCut(amended: amended, withdrawn: withdrawn)
        try lineComesBack()
        try disagreement(on: amended)
        try decisionAndWithdrawal(of: withdrawn)
        try reckoning()
        try figures()
        print(failures == 0 ? "\nevery check held" : "\n\(failures) checks failed")
    }

    // MARK: - Steps

    private func begin() async throws {
        title("六个节点，各是一个进程 · six nodes, a process each")
        let start = Date()
        try network.found(topology: fixtures.appending(path: "topology/demo.yaml"))
        try network.serve(DemoNetwork.city)
        for unit in [
            DemoNetwork.branch, county, DemoNetwork.town, village, DemoNetwork.neighbour,
        ] {
            try await network.join(unit)
        }
        say(
            "city, branch, county, town and two villages founded, enrolled over TLS 1.3 and serving in "
                + "\(since(start)) s"
        )
    }

    private func catalogGoesDown() throws {
        title("目录下行 · the catalog goes down")
        let before = network.lineBytes(village)
        let start = Date()
        let report = try network.command(
            ["catalog", "import", fixtures.appending(path: "fixtures/catalog/items.json").path], at: DemoNetwork.city)
        say("at the city: \(report.split(separator: "\n").last ?? "")")
        let items = try network.node(DemoNetwork.city).replica.read { try $0.catalogItems().count }
        _ = try network.wait("the catalog at the village") {
            try network.node(village).replica.read { try $0.catalogItems().count } == items
        }
        say("all \(items) items are at the village, three hops down, \(since(start)) s after the import began")
        say("\(network.lineBytes(village) - before) bytes on the village's line, TLS included")
        check("the catalog is not empty", items >= 60)
    }

    private func oneCaseOnline() throws -> (amended: CaseReference, withdrawn: CaseReference) {
        title("一件事：村受理，县决定 · one case: accepted in the village, decided in the county")
        let case1 = try accept("李秀英")
        let up = try network.wait("the case at the city") { try has(case1, at: DemoNetwork.city) }
        say("accepted at the village: \(case1.receipt); at the city after \(rounded(up)) s")
        try act(["forward", case1.receipt, "--to", county], at: village)
        _ = try network.wait("custody at the county") { try row(case1, at: county)?.holder == UnitCode(county) }
        try grant(case1)
        let down = try network.wait("the decision at the village") { try row(case1, at: village)?.phase == .decided }
        say("decided at the county; the village knew \(rounded(down)) s after the command had ended")
        check("a decision arrives within a second", down < 1)

        let amended = try accept("赵大勇")
        let withdrawn = try accept("钱桂兰")
        try act(["forward", withdrawn.receipt, "--to", county], at: village)
        _ = try network.wait("two more cases at the county") {
            try has(amended, at: county) && row(withdrawn, at: county)?.holder == UnitCode(county)
        }
        return (amended, withdrawn)
    }

    private func lineIsCut(amended: CaseReference, withdrawn: CaseReference) throws {
        title("断线 · the village's line is cut")
        network.lines[village]?.refuse()
        let start = Date()
        let file = network.folder.appending(path: "offline.jsonl")
        let lines = try (1...offline).map { try DemoCases.line(number: $0) }
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
        let answers = try network.command(["case", "import", file.path, "--format", "json"], at: village)
        for answer in answers.split(separator: "\n") {
            if let receipt = DemoCases.receipt(inAnswer: String(answer)) { confirmed.insert(receipt) }
        }
        say("\(confirmed.count - 3) cases accepted with receipts in \(since(start)) s, no network anywhere")
        check("every case was accepted", confirmed.count == offline + 3)
        try act(["amend", amended.receipt, "--field", "\(CaseField.applicantPhone)=13911112222"], at: village)
        try act(["amend", amended.receipt, "--field", "\(CaseField.applicantPhone)=13833334444"], at: county)
        say("the village and the county amend the same phone number, neither knowing of the other")
        let asked = try act(["withdraw", withdrawn.receipt], at: village)
        try grant(withdrawn)
        say("a citizen withdraws at the village (\(asked)) while the county decides")
        let known = try network.node(DemoNetwork.city).replica.read { try $0.serviceCases(limit: 10_000).count }
        check("nothing of it has left the village", known == 3)
    }

    private func lineComesBack() throws {
        title("来线，又断在回文之中 · the line comes back, and is cut once more inside a response body")
        guard let line = network.lines[village] else { throw DemoError.late("the village's line") }
        let start = Date()
        let bytes = network.lineBytes(village)
        let (up, losses) = (line.passed(.toServer), try network.losses(village))
        line.restore()
        // The handshake is over and the request under way. There the line stands still, so that no machine is too quick
        // for it; then the answer's head and first acknowledgement still pass.
        line.fail(after: 6000, .toServer, .freeze)
        _ = try network.wait("the upload") { line.passed(.toServer) - up >= 6000 }
        line.restore(failingAfter: 400, .toClient)
        _ = try network.wait("the second cut") { try network.losses(village) > losses }
        let words = try network.lastLoss(village)
        check("the village's node says that its link was cut: \(words)", words.contains("link.closed"))
        let all = confirmed.count
        _ = try network.wait("all cases at the city", atMost: 120) {
            try network.node(DemoNetwork.city).replica.read { try $0.serviceCases(limit: 100_000).count } == all
        }
        let seconds = Date().timeIntervalSince(start)
        let perCase = (network.lineBytes(village) - bytes) / max(offline, 1)
        say(
            "cut inside the response, dialled again by itself; all at the city \(rounded(seconds)) s after the line "
                + "was back"
        )
        say("\(perCase) bytes on the wire for each case, both ways, TLS and handshakes included")
    }

    private func disagreement(on reference: CaseReference) throws {
        title("两处同改一栏 · two amended one field")
        _ = try network.wait("the conflict everywhere") {
            try DemoNetwork.tiers.allSatisfy { try row(reference, at: $0)?.conflicts == 1 }
        }
        let chosen = Set(try DemoNetwork.tiers.map { try row(reference, at: $0)?.fields[CaseField.applicantPhone] })
        check("every node chose the same winner", chosen.count == 1)
        say("a conflict entry at every node; until it is settled all show \(chosen.first.flatMap { $0 } ?? "-")")
        try act(
            ["settle", reference.receipt, "--field", "\(CaseField.applicantPhone)=13911112222"], at: village)
        let settled = try network.wait("the settling everywhere") {
            try DemoNetwork.tiers.allSatisfy { try row(reference, at: $0)?.conflicts == 0 }
        }
        say("the village, which holds the case, settles it; settled everywhere after \(rounded(settled)) s")
    }

    private func decisionAndWithdrawal(of reference: CaseReference) throws {
        title("撤回与决定同时 · withdrawn and decided at once")
        _ = try network.wait("the request at the county") { try row(reference, at: county)?.requests == 1 }
        check("the decision stands", try row(reference, at: village)?.outcome == .granted)
        let request = try network.node(county).replica.read { transaction in
            try transaction.caseRecord(try transaction.caseReference(typed: reference.receipt).record).state.requests
                .first
        }
        guard let request else { throw DemoError.late("the request") }
        say("the county's decision stands everywhere; the withdrawal waits as a request to the holder")
        try act(["answer", reference.receipt, "--decline", request.description, "--text", "已作出决定"], at: county)
        _ = try network.wait("the answer at the village") { try row(reference, at: village)?.requests == 0 }
        say("the county declines it with a reason, and the village sees the answer")
    }

    private func reckoning() throws {
        title("对账 · the reckoning")
        let prints = try network.fingerprints(of: village, at: DemoNetwork.tiers)
        check("one fingerprint at city, county, town and village", prints.count == 1)
        for print in prints {
            say(
                "fingerprint \(print.digest.description.prefix(16))… over \(print.cases) cases, "
                    + "\(print.changeSets) change sets, \(print.conflicts) conflicts")
        }
        let held = Set(
            try network.node(DemoNetwork.city).replica.read { try $0.serviceCases(limit: 100_000).map(\.receipt) })
        let lost = confirmed.subtracting(held).count
        say("confirmed to clerks \(confirmed.count), at the city \(held.count), lost \(lost)")
        check("nothing was lost", lost == 0)
        check("nothing came that nobody accepted", held.subtracting(confirmed).isEmpty)
        let strangers = try network.fingerprints(of: village, at: [DemoNetwork.neighbour, DemoNetwork.branch])
        check("the other village and the branch hold none of it", strangers.allSatisfy { $0.cases == 0 })
        for unit in DemoNetwork.tiers {
            let tables = try network.node(unit).replica.rebuild(keeping: false)
            check("the derived tables of \(unit) come out the same from the journal", tables.allSatisfy(\.isSame))
        }
    }

    private func figures() throws {
        title("数字，及其依据 · the figures, and what they rest on")
        let city = try network.node(DemoNetwork.city)
        let units = Set(try city.replica.read { $0.charter.current.topology.codes.map(\.text) })
        let report = try city.statistics(of: nil, days: nil, by: nil, now: SystemClock.now())
        let (total, frontier) = (report.total, report.frontier)
        check("accepted by the city's count \(total[.accepted]), as confirmed", total[.accepted] == confirmed.count)
        check("granted by the city's count \(total[.granted]), as confirmed", total[.granted] == granted.count)
        let complete = Set(frontier.units.filter(\.isComplete).map(\.unit.text))
        let behind = frontier.behind.filter { $0.time == nil }.map(\.unit.text)
        check("the units that have a node are complete: \(complete.count)", complete == DemoNetwork.units)
        check("the units without are named as behind: \(behind.count)", Set(behind) == units.subtracting(complete))
        say(try network.command(["stats", "--unit", county], at: DemoNetwork.city))
    }

    func showWhatStays() {
        print("\n节点都还在运行，按 Ctrl-C 结束；用浏览器打开 · the nodes stay up until Ctrl-C; open in a browser")
        for (unit, who) in DemoNetwork.people {
            guard let server = network.servers[unit] else { continue }
            print("  \(server.pages)  \(who)")
        }
        print("\nthe same by command, for example")
        print("  terrace case list --data \(network.data(village).path)")
        print("  terrace stats --data \(network.data(DemoNetwork.city).path) --by unit")
        fflush(nil)
    }

    // MARK: - Telling

    private func title(_ text: String) {
        step += 1
        print("\n\(step). \(text)")
    }

    private func say(_ text: String) { print("   \(text)") }

    private func check(_ what: String, _ holds: Bool) {
        if !holds { failures += 1 }
        print("   [\(holds ? "ok" : "FAILED")] \(what)")
    }

    private func since(_ start: Date) -> String { rounded(Date().timeIntervalSince(start)) }

    private func rounded(_ seconds: Double) -> String { String(format: "%.2f", seconds) }

    // MARK: - Acting

    private func accept(_ name: String) throws -> CaseReference {
        let answer = try network.command(DemoCases.acceptance(of: name), at: village)
        let receipt = answer.trimmingCharacters(in: .whitespacesAndNewlines)
        confirmed.insert(receipt)
        return try network.node(village).replica.read { try $0.caseReference(typed: receipt) }
    }

    @discardableResult
    private func act(_ words: [String], at unit: String) throws -> String {
        try network.command(["case"] + words, at: unit).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func grant(_ reference: CaseReference) throws {
        try act(["decide", reference.receipt, "granted"], at: county)
        granted.insert(reference.receipt)
    }

    private func row(_ reference: CaseReference, at unit: String) throws -> ServiceCaseRow? {
        try network.node(unit).replica.read { try $0.serviceCase(receipt: reference.receipt) }
    }

    private func has(_ reference: CaseReference, at unit: String) throws -> Bool { try row(reference, at: unit) != nil }
}
