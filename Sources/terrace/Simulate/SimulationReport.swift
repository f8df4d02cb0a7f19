import Foundation
import Simulator
import SyncNode

/// What there is to say about a run, for people and for programs.
struct SimulationReport: Encodable {
    struct Lag: Encodable {
        let tier: String
        let direction: String
        let count: Int
        /// Seconds: half of all took at most so long, nine of ten, ninety-nine of a hundred, and the longest.
        let half: Double
        let ninety: Double
        let ninetyNine: Double
        let longest: Double
    }

    /// What the run took: it is another for two runs that are the same.
    struct Cost: Encodable {
        /// Wall-clock seconds, and the most memory of the process.
        let foundedSeconds: Double
        let runSeconds: Double
        let checkSeconds: Double
        let memoryBytes: Int64
    }

    let command: String
    let seed: UInt64
    let faults: String
    let units: Int
    let days: Int
    let digest: String
    let failures: [String]
    let figures: CityFigures
    let lags: [Lag]
    let lastLines: [String]
    /// Left out of what is compared with another run.
    private(set) var cost: Cost?

    init(_ city: City, command: String, cost: Cost) {
        self.command = command
        seed = city.plan.seed
        faults = city.plan.profile.name
        units = city.plan.units.count
        days = city.plan.days
        digest = "\(city.digest)"
        failures = city.failures
        figures = city.figures
        lags = Self.lags(city.figures.up, "up") + Self.lags(city.figures.down, "down")
        lastLines = city.failures.isEmpty ? [] : city.lastLines
        self.cost = cost
    }

    /// What the databases have in use, week by week, for each tier from the top.
    var weights: [(tier: String, weights: [CityFigures.Weight])] {
        figures.stores.map { store in (store.tier, figures.weights.filter { $0.tier == store.tier }) }
    }

    private static func lags(_ all: [CityFigures.Lag], _ direction: String) -> [Lag] {
        all.filter { !$0.times.isEmpty }.map { lag in
            func seconds(_ percent: Int) -> Double { Double(lag.quantile(percent) ?? 0) / 1000 }
            return Lag(
                tier: lag.tier, direction: direction, count: lag.times.count, half: seconds(50), ninety: seconds(90),
                ninetyNine: seconds(99), longest: seconds(100))
        }
    }

    /// All that is the same for the same run.
    private var repeatable: SimulationReport {
        var report = self
        report.cost = nil
        return report
    }

    /// - Throws: `NodeError.file`.
    static func makeFolder(_ folder: String) throws {
        do {
            try FileManager.default.createDirectory(at: URL(filePath: folder), withIntermediateDirectories: true)
        } catch {
            throw NodeError.file(folder, FileTrouble(error))
        }
    }

    /// Writes `report.json`, which is the same for the same run, and `report.html` into a folder.
    /// - Throws: `NodeError.file`.
    func write(to folder: String) throws {
        try Self.makeFolder(folder)
        do {
            let url = URL(filePath: folder)
            try Data(repeatable.prettyJSON().utf8).write(to: url.appending(path: "report.json"))
            try Data(SimulationPage(self).html.utf8).write(to: url.appending(path: "report.html"))
        } catch {
            throw NodeError.file(folder, FileTrouble(error))
        }
    }

    /// Whether it healed and came to rest, and when.
    /// - Parameter time: how seconds since the beginning of the run are said.
    func end(_ time: (Int64) -> String) -> String {
        guard let healed = figures.healedAt else { return "did not heal" }
        guard let rest = figures.restAt else { return "healed at \(time(healed)), did not come to rest" }
        return "healed at \(time(healed)), at rest \(rest - healed) s later"
    }

    var text: String {
        var lines = [
            "\(units) units, \(days) days, faults \(faults), seed \(seed): \(figures.steps) steps",
            "confirmed \(figures.confirmed), at the root \(figures.atRoot), "
                + "unsettled there \(figures.conflicts)",
            end { "\($0) s" },
            "dials \(figures.dials), of which nobody answered \(figures.failedDials), told to come again "
                + "\(figures.busy); exchanges lost \(figures.lost)",
        ]
        for lag in lags {
            lines.append(
                "\(lag.direction) to \(lag.tier): \(lag.count), half in \(lag.half) s, 90 % within \(lag.ninety) s, "
                    + "99 % within \(lag.ninetyNine) s, the longest \(lag.longest) s")
        }
        for hop in figures.hops where hop.bytesUp + hop.bytesDown > 0 {
            lines.append("line of \(hop.tier): \(hop.bytesUp) bytes up, \(hop.bytesDown) down")
        }
        for store in figures.stores {
            lines.append(
                "disk of \(store.tier): \(store.nodes) nodes, \(store.bytes) bytes, the largest \(store.largest)")
        }
        for (tier, weights) in weights where weights.count > 2 {
            let (first, half, last) = (weights[0], weights[weights.count / 2], weights[weights.count - 1])
            lines.append(
                "in use at a node of \(tier): \(first.usual) bytes in the beginning, \(half.usual) after half the "
                    + "time, \(last.usual) at the end")
        }
        if !figures.deeds.isEmpty {
            let deeds = figures.deeds.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            lines.append("deeds: \(deeds.joined(separator: ", ")); spells of bad weather \(figures.spells.count)")
        }
        if let cost {
            let (founded, run) = (
                SimulateCommand.decimal(cost.foundedSeconds), SimulateCommand.decimal(cost.runSeconds)
            )
            lines.append(
                "founded in \(founded) s, run in \(run) s, checked in "
                    + "\(SimulateCommand.decimal(cost.checkSeconds)) s, memory \(cost.memoryBytes >> 20) MiB")
        }
        lines.append("digest \(digest)")
        guard !failures.isEmpty else { return lines.joined(separator: "\n") }
        lines += ["", "the last of the story:"] + lastLines.map { "  \($0)" } + [""]
        lines += failures.map { "WRONG: \($0)" } + ["again: \(command)"]
        return lines.joined(separator: "\n")
    }
}
