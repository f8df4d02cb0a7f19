import ArgumentParser
import Foundation
import NodeServer
import Replica
import ServiceModel
import SyncNode

/// `terrace retire`.
struct RetireCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retire",
        abstract: "Let closed cases leave this node, as the network's rule says.",
        discussion: """
            A case leaves whole, when it was closed and nothing was done to it for the months of its tier's rule, when a
            unit above has all of it in a verified backup on another disk, and when every node below has confirmed it. A
            stub stays: its number is found and says that the case is kept above, and figures count it as before;
            `terrace case fetch` brings it back. A serving node does this behind each nightly scrub that has found
            nothing wrong. Without a rule, and at the root, nothing ever leaves. Example:
              terrace retire --dry-run
              terrace retire rule --data city --tier village --months 6
            """,
        subcommands: [RetireNowCommand.self, RetireRuleCommand.self], defaultSubcommand: RetireNowCommand.self)
}

/// `terrace retire now`.
struct RetireNowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "now",
        abstract: "Do it now, and say what stays and why.",
        discussion: """
            It works beside a serving node. Example:
              terrace retire now --dry-run --format json
            """)

    @OptionGroup var node: NodeOptions

    @Flag(help: "Only count.")
    var dryRun = false

    @Option(help: "table or json.")
    var format = OutputFormat.table

    private struct Output: Encodable {
        /// Of the rule; left out where there is none.
        let months: Int?
        let retired: Int
        let isDryRun: Bool
        /// false when the clock cannot say which day it is: then nothing leaves.
        let clockSaysDay: Bool
        /// Closed cases that stay, by reason.
        let kept: [String: Int]
        /// Cases of which there is a stub, from now on.
        let stubs: Int
    }

    func run() throws {
        let node = try dryRun ? node.openToRead() : node.open()
        let now = SystemClock.now()
        let pass = try node.retire(onlyLooks: dryRun, now: now)
        let stubs = try node.replica.read { try $0.stubCounts().all }
        let kept = Dictionary(pass.kept.map { ($0.key.rawValue, $0.value) }, uniquingKeysWith: +)
        guard format == .table else {
            return try Output(
                months: pass.months, retired: pass.retired, isDryRun: dryRun, clockSaysDay: pass.hasDay, kept: kept,
                stubs: stubs
            ).printJSON()
        }
        let livesBySticks = node.facts(service: ServiceFacts(beside: node.directory), now: now).livesBySticks
        for line in Self.lines(pass, isDryRun: dryRun, stubs: stubs, livesBySticks) { print(line[.current]) }
    }

    private static func lines(
        _ pass: Retirement, isDryRun: Bool, stubs: Int, _ livesBySticks: Bool
    ) -> [Words] {
        guard let months = pass.months else {
            return [
                Words(
                    "no rule lets closed cases leave this node: `terrace retire rule` at the root says one",
                    "没有规则让已办结的办件离开本节点：可在根节点用 terrace retire rule 设定")
            ]
        }
        guard pass.hasDay else {
            return [
                Words(
                    "the clock cannot say which day it is, and nothing leaves: `terrace status` says more",
                    "时钟无法确定日期，没有移出办件：详见 terrace status")
            ]
        }
        let first =
            isDryRun
            ? Words("\(pass.retired) cases would leave (\(months) months)", "可移出\(pass.retired)件（\(months)个月）")
            : Words(
                "\(pass.retired) cases have left (\(months) months); \(stubs) are kept above",
                "已移出\(pass.retired)件（\(months)个月）；存于上级的共\(stubs)件")
        return [first]
            + pass.kept.sorted { $0.key.rawValue < $1.key.rawValue }.map { reason, count in
                Words("\(count) stay: ", "保留\(count)件：") + reason.words(livesBySticks: livesBySticks)
            }
    }
}

/// `terrace retire rule`.
struct RetireRuleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rule",
        abstract: "Show after how many months closed cases leave each tier, or say so at the root.",
        discussion: """
            Without --tier it shows the rules as this node knows them. A rule is an entry of the charter and goes to
            every node. Example:
              terrace retire rule
              terrace retire rule --data city --tier village --months 6
              terrace retire rule --data city --tier town --never
            """)

    @OptionGroup var node: NodeOptions

    @Option(help: "Name of the tier, or its number, 0 at the top.")
    var tier: String?

    @Option(help: "After so many months; 0 is at once.")
    var months: Int?

    @Flag(help: "Closed cases stay.")
    var never = false

    @Option(help: "table or json.")
    var format = OutputFormat.table

    func validate() throws {
        guard (tier != nil) == (months != nil || never), months == nil || !never else {
            throw ValidationError(
                Words(
                    "say --tier with either --months or --never, or none of them",
                    "--tier 须与 --months 或 --never 之一同用，或都不用"))
        }
    }

    private struct Line: Encodable {
        let tier: Int
        let name: String
        /// Left out where closed cases stay.
        let months: Int?
    }

    func run() throws {
        let node = try tier == nil ? node.openToRead() : node.open()
        let names = node.genesis.tiers
        if let tier {
            guard let number = names.firstIndex(of: tier) ?? Int(tier), names.indices.contains(number) else {
                throw NodeError.badInput(
                    tier,
                    wanted: Words(
                        "a tier: \(names.joined(separator: ", "))", "层级：\(names.joined(separator: "、"))"))
            }
            try node.setRetention(months: months, ofTier: number, now: SystemClock.now())
        }
        let view = try node.replica.read { $0.charter.current }
        let lines = names.indices.map {
            Line(tier: $0, name: names[$0], months: RetentionRule.months(ofTier: $0, view))
        }
        guard format == .table else { return try lines.printJSON() }
        for line in lines {
            let rule =
                line.months.map { Words("after \($0) months", "\($0)个月后移出") }
                ?? Words("closed cases stay", "已办结的办件保留")
            print("\(TextTable.printable(line.name))  \(rule[.current])")
        }
    }
}
