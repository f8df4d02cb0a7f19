import ArgumentParser
import Foundation
import ServiceModel
import Simulator
import SyncNode
import Synchronization

/// `terrace swarm`: many small cities, each with other faults.
struct SwarmCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "swarm",
        abstract: "Let many small cities live, each with a mix of faults from a seed of its own.",
        discussion: """
            Each run is held against the rules when it has healed. Ends with 1 when one of them failed; its schedule of
            faults is then made as small as it still fails, and the command that replays that is printed. Seeds that
            once failed are kept in a file, one in a line, and run first. When the program itself breaks off it still
            says which runs it was at. Example:
              terrace swarm --seeds 100 --day 2026-11-26 --past fixtures/swarm/past
            """)

    /// Of one run.
    private static let failuresShown = 8

    /// Runs after which it is said how many are done.
    private static let runsBetweenWords = 50

    private static let mostRuns = 1_000_000

    /// Of a run, to which the numbers in `--only-faults` go.
    private static let mostFaults = 1_000_000

    @Option(help: "How many runs.")
    var seeds = 20

    @Option(help: "The first seed.")
    var from: UInt64?

    @Option(help: "Seeds are those of a day, yyyy-mm-dd, so that each day tries others.")
    var day: String?

    @Option(help: "File with seeds that failed once.")
    var past: String?

    @Option(help: "Of a single run: only the faults with these numbers, as 3,7,10-24.")
    var onlyFaults: String?

    @Option(help: "Runs at once.")
    var lanes = 2

    @Option(help: "How many runs may be spent on making one failure small.")
    var shrink = 60

    @Flag(help: "Tell the whole story of a single run.")
    var trace = false

    func validate() throws {
        guard seeds > 0 || seeds == 0 && past != nil, seeds <= Self.mostRuns else {
            throw ValidationError(
                Words(
                    "--seeds takes 1 to \(Self.mostRuns), or 0 beside --past",
                    "--seeds 可为1至\(Self.mostRuns)，与--past并用时可为0"))
        }
        let last = UInt64.max - UInt64(seeds)
        guard (from ?? 0) <= last else {
            throw ValidationError(Words("--from takes \(last) at most", "--from 最大为\(last)"))
        }
        for (name, value, least) in [("lanes", lanes, 1), ("shrink", shrink, 0)] where value < least {
            throw ValidationError(
                Words("--\(name) takes \(least) or more", "--\(name) 不得小于\(least)"))
        }
    }

    func run() throws {
        Interruption.listen(PassingFolder.removeAll)
        let runs = try pastRuns() + freshRuns()
        // Of none it would be said that none failed.
        guard !runs.isEmpty else { throw ValidationError(Words("there is no seed to run", "没有可运行的种子")) }
        let done = Mutex(SwarmOutcomes(runs))
        let words = LastWords(lanes)
        Lanes.run(runs.count, on: lanes) { index in
            let outcome = words.during("broke off at: \(Self.command(runs[index]))") { runs[index].run(trace: tracing) }
            let count = done.withLock { done in
                done.note(outcome, of: index)
                return done.count
            }
            if count.isMultiple(of: Self.runsBetweenWords) { say("\(count)/\(runs.count)") }
            for failure in outcome.failures.prefix(Self.failuresShown) {
                print("seed \(runs[index].seed): \(failure)")
            }
            let more = outcome.failures.count - Self.failuresShown
            if more > 0 { print("seed \(runs[index].seed): and \(more) more") }
            guard !outcome.failures.isEmpty else { return }
            print("seed \(runs[index].seed): after \(outcome.steps) steps, of \(Self.command(runs[index]))")
        }
        let outcomes = done.withLock { $0 }
        let failed = outcomes.failed
        print("\(runs.count) runs, \(failed.count) failed, digest \(outcomes.digest)\n\(outcomes.tally.line)")
        let missing = outcomes.missing
        for kind in missing { print("in none of the runs: \(kind)") }
        guard let (first, outcome) = failed.first else {
            guard missing.isEmpty else { throw ExitCode.failure }
            return
        }
        for line in outcome.lastLines.suffix(12) { print("  \(line)") }
        print("again: \(Self.command(smaller(first, outcome, words)))")
        throw ExitCode.failure
    }

    private func say(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }

    private var tracing: CityTrace {
        var told = CityTrace()
        told.tellsAll = trace
        told.write = { print($0) }
        return told
    }

    private func freshRuns() throws -> [SwarmRun] {
        var first = from ?? 1
        if let day {
            guard let date = CivilDate(day) else { throw NodeError.badInput(day) }
            first = UInt64(date.dayNumber) * 100_000
        }
        let only = try onlyFaults.map { try Self.numbers($0) }
        return (0..<seeds).map { SwarmRun(seed: first + UInt64($0), onlyFaults: only) }
    }

    /// Lines of a seed, perhaps with the numbers of faults behind it; what follows a # is for people.
    private func pastRuns() throws -> [SwarmRun] {
        guard let past else { return [] }
        let text = String(decoding: try NodeDirectory.read(URL(filePath: past)), as: UTF8.self)
        return try text.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            guard let first = words.first else { return nil }
            // A seed that is passed over is one that is tried no more.
            guard let seed = UInt64(first), words.count < 3 else {
                let wanted = Words("a seed, perhaps with the numbers of faults", "一个种子，可加故障编号")
                throw NodeError.badInput(String(line), wanted: wanted)
            }
            let only = try words.dropFirst().first.map { try Self.numbers($0) }
            return SwarmRun(seed: seed, onlyFaults: only)
        }
    }

    /// Numbers and ranges of them, with commas: 3,7,10-24.
    private static func numbers(_ text: some StringProtocol) throws -> Set<Int> {
        try text.split(separator: ",").reduce(into: []) { out, part in
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard (1...2).contains(ends.count), let from = ends[0], let to = ends[ends.count - 1], from <= to,
                to < Self.mostFaults
            else {
                throw NodeError.badInput(String(part), wanted: Words("a number, or a range as 10-24", "一个数，或如10-24的范围"))
            }
            out.formUnion(from...to)
        }
    }

    private static func text(_ numbers: Set<Int>) -> String {
        let starts = numbers.filter { !numbers.contains($0 - 1) }.sorted()
        return starts.map { start in
            let end = (start...).first { !numbers.contains($0 + 1) } ?? start
            return end > start ? "\(start)-\(end)" : "\(start)"
        }.joined(separator: ",")
    }

    private func smaller(_ run: SwarmRun, _ outcome: SwarmRun.Outcome, _ words: LastWords) -> SwarmRun {
        guard run.onlyFaults == nil, outcome.faults > 0 else { return run }
        var shrinking = Shrinking(faults: outcome.faults)
        for _ in 0..<shrink {
            guard let proposal = shrinking.proposal() else { break }
            let smaller = SwarmRun(seed: run.seed, onlyFaults: Set(proposal))
            let tried = words.during("broke off at: \(Self.command(smaller))") { smaller.run() }
            shrinking.tried(failed: tried.kind == outcome.kind)
        }
        return SwarmRun(seed: run.seed, onlyFaults: Set(shrinking.kept))
    }

    private static func command(_ run: SwarmRun) -> String {
        let only = run.onlyFaults.map { " --only-faults \(text($0))" } ?? ""
        return "terrace swarm --seeds 1 --from \(run.seed)\(only) --trace"
    }
}
