import ArgumentParser
import Foundation
import ServiceModel
import Simulator
import SyncNode

/// `terrace simulate`: a whole city in one process.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Let a whole city live in one process under virtual time, with faults, from one seed.",
        discussion: """
            Every node is a real one with its own SQLite replica. The same options give the same run, to the byte of
            every journal; the digest printed at the end says so. When something is wrong the run ends with 1, and with
            the command that replays it. Profiles of faults: clean, village (bad lines), storm (a county is cut off for
            days and comes back), hard (all that, and crashes, restores, clocks, moves, stolen machines), mixed (what
            the seed makes of all that), years (fair weather, with what is done to keep a network small for years).
            Example:
              terrace simulate --topology topology/demo.yaml --seed 7 --days 5 --faults village --trace 379902001
            What an outage, an upgrade or new boundaries will do is tried with --rehearse, once for each of them: the
            day of the run from 1 on, the time, and one of: outage UNIT HOURS, blackout UNIT HOURS (of all below it
            too), move UNIT PARENT, merge UNIT SUCCESSOR, upgrade UNIT (all below it too; most machines are of an
            earlier version until then). Example:
              terrace simulate --topology topology/demo.yaml --seed 7 \\
                --rehearse "2 10:00 move 379902001 379921" \\
                --rehearse "3 08:00 blackout 3799 30" --report /tmp/report
            """)

    @Option(help: "A .yaml or .csv file.")
    var topology: String

    @Option(help: "Number from which everything is drawn.")
    var seed: UInt64

    @Option(help: "Days of work, the first a Monday; then everything heals.")
    var days = 7

    @Option(help: "Day from which on the first Monday is looked for, yyyy-mm-dd; left out: 2026-09-28.")
    var start: String?

    @Option(help: "clean, village, storm, hard, mixed or years.")
    var faults = "clean"

    @Option(
        help: ArgumentHelp("Something that is tried beside the faults; may be repeated.", valueName: "what"),
        transform: RehearsalOption.init(typed:))
    var rehearse: [RehearsalOption] = []

    @Option(help: "Cases of a year; left out: this city's share of 190,000 for 4,000 villages, and 400 at least.")
    var casesPerYear: Int?

    @Option(help: "Tell the story of a unit, by its code, or of a case, by its number in the run; may be repeated.")
    var trace: [String] = []

    @Option(help: "Seconds between two heartbeats of an idle machine; a large city may have fewer.")
    var heartbeat: Int64 = 900

    @Option(help: "Milliseconds in which news is gathered before the lines are told.")
    var news: Int64 = 200

    @Option(help: "Seconds for which an exchange stays open with nothing to say; a large city may hold them longer.")
    var wait: Int64 = 240

    @Option(help: "Nodes that are open at once.")
    var mostOpen = 2400

    @Option(help: "Exchanges that stay open for news.")
    var mostLines = 300

    @Option(help: "Folder for the report: report.html and report.json.")
    var report: String?

    @Flag(help: "Do not hold the city against the rules, which takes long for a large one.")
    var noCheck = false

    @Option(help: "table or json.")
    var format = OutputFormat.table

    func validate() throws {
        let bounds: [(name: String, value: Int64?, range: ClosedRange<Int64>)] = [
            ("days", Int64(days), 1...36_525), ("cases-per-year", casesPerYear.map(Int64.init), 1...100_000_000),
            ("heartbeat", heartbeat, 1...604_800), ("news", news, 0...86_400_000),
            // Who ends an exchange sooner than that begins the next one at once, all day long.
            ("wait", wait, 20...604_800), ("most-open", Int64(mostOpen), 1...1_000_000),
            ("most-lines", Int64(mostLines), 1...1_000_000),
        ]
        for (name, value, range) in bounds {
            guard let value, !range.contains(value) else { continue }
            throw ValidationError(
                Words(
                    "--\(name) takes \(range.lowerBound) to \(range.upperBound)",
                    "--\(name) 可为\(range.lowerBound)至\(range.upperBound)"))
        }
    }

    func run() throws {
        Interruption.listen(PassingFolder.removeAll)
        let plan = try plan(), trace = try cityTrace(of: plan)
        // A run of hours shall not end with a folder that cannot be made.
        if let report { try SimulationReport.makeFolder(report) }
        let words = LastWords(1)
        let (outcome, isSound) = try words.during("broke off: \(command())") { try live(plan, trace) }
        switch format {
        case .json: try outcome.printJSON()
        case .table: print(outcome.text)
        }
        if let report { try outcome.write(to: report) }
        guard isSound else { throw ExitCode.failure }
    }

    private func live(_ plan: CityPlan, _ trace: CityTrace) throws -> (outcome: SimulationReport, isSound: Bool) {
        let clock = ContinuousClock(), begin = clock.now
        @Sendable func passed() -> Double {
            let time = clock.now - begin
            return Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
        }
        let city = try City(plan, trace: trace) { count in
            if count % 500 == 0 { Self.say("\(count) nodes after \(Int(passed())) s") }
        }
        let founded = passed()
        Self.say("\(city.plan.units.count) nodes founded in \(Self.decimal(founded)) s")
        var ran: Double?
        do {
            try city.run { city in
                if city.ticks / 3_600_000 % 24 == 0 {
                    Self.say("day \(city.ticks / 86_400_000), \(city.steps) steps, \(Int(passed())) s")
                }
            }
            ran = passed()
            if city.failures.isEmpty, !noCheck { try city.check() }
        } catch {
            city.fail(with: error)
        }
        let over = passed(), end = ran ?? over
        let outcome = SimulationReport(
            city, command: command(),
            cost: SimulationReport.Cost(
                foundedSeconds: founded, runSeconds: end - founded, checkSeconds: over - end,
                memoryBytes: Self.peakMemory))
        return (outcome, city.failures.isEmpty)
    }

    private func plan() throws -> CityPlan {
        let read = try TopologyFile.read(path: topology)
        let units = try read.units()
        var random = SeededGenerator(state: SeededGenerator.seed(seed, for: "profile"))
        guard let profile = faults == "mixed" ? .mixed(&random, seed: seed) : FaultProfile(named: faults) else {
            throw NodeError.badInput(
                faults,
                wanted: Words(
                    "clean, village, storm, hard, mixed or years", "clean、village、storm、hard、mixed或years"))
        }
        var plan = CityPlan(
            units: units, tiers: read.tiers, seed: seed, days: days, profile: profile, casesPerYear: casesPerYear)
        plan.start = try start.map { text in
            guard let day = CivilDate(text) else { throw NodeError.badInput(text) }
            return day
        }
        plan.heartbeatPause = heartbeat
        plan.newsPause = news
        plan.wait = wait
        plan.mostOpen = mostOpen
        plan.mostLines = mostLines
        plan.sharesCharters = true
        plan.rehearsals = rehearse.map(\.rehearsal)
        for one in rehearse {
            guard let obstacle = one.rehearsal.obstacle(in: plan) else { continue }
            throw ValidationError(
                Words("\(one.text): \(obstacle[.english])", "\(one.text)：\(obstacle[.chinese])"))
        }
        plan.looksAmid = !noCheck && units.count < CityPlan.mostLookedAt
        return plan
    }

    private func cityTrace(of plan: CityPlan) throws -> CityTrace {
        let units = Set(plan.units.map(\.code.text))
        var told = CityTrace()
        for word in trace {
            if word == "all" {
                told.tellsAll = true
            } else if units.contains(word) {
                told.units.insert(word)
            } else if let number = Int(word) {
                told.cases.insert(number)
            } else {
                throw NodeError.badInput(
                    word,
                    wanted: Words(
                        "a unit of the topology, the number of a case, or all", "拓扑中的单位、案件编号或all"))
            }
        }
        told.write = { print($0) }
        return told
    }

    /// What runs the same once more.
    private func command() -> String {
        var words = [
            "terrace simulate --topology \(Self.quoted(topology)) --seed \(seed) --days \(days) --faults \(faults)"
        ]
        if let start { words.append("--start \(start)") }
        if let casesPerYear { words.append("--cases-per-year \(casesPerYear)") }
        for one in rehearse { words.append("--rehearse \(Self.quoted(one.text))") }
        if heartbeat != 900 { words.append("--heartbeat \(heartbeat)") }
        if news != 200 { words.append("--news \(news)") }
        if wait != 240 { words.append("--wait \(wait)") }
        if mostOpen != 2400 { words.append("--most-open \(mostOpen)") }
        if mostLines != 300 { words.append("--most-lines \(mostLines)") }
        // Before a look the power goes that was about to go, which makes it another story.
        if noCheck { words.append("--no-check") }
        return words.joined(separator: " ")
    }

    /// A word as a shell takes it for one.
    static func quoted(_ word: String) -> String {
        let isPlain = !word.isEmpty && word.allSatisfy { $0.isLetter || $0.isNumber || "/._-+=:,@%".contains($0) }
        return isPlain ? word : "'\(word.replacing("'", with: "'\\''"))'"
    }

    private static func say(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }

    static func decimal(_ value: Double) -> String { String(format: "%.1f", value) }

    /// The most memory that this process ever held, in bytes; 0 where the system does not tell.
    private static var peakMemory: Int64 {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(whereSeparator: \.isWhitespace).compactMap { Int64($0) }.first ?? 0) * 1024
    }
}
