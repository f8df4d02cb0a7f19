import Foundation
import Simulator

/// The report of a run as one page that needs nothing beside it.
struct SimulationPage {
    private let report: SimulationReport
    private static let (width, height) = (900, 220)

    init(_ report: SimulationReport) { self.report = report }

    var html: String {
        """
        <!doctype html>
        <html lang="zh"><head><meta charset="utf-8"><title>梯田 · 模拟 \(report.seed)</title><style>
        body{font:15px/1.5 sans-serif;max-width:960px;margin:2em auto;color:#222}h2{margin-top:2em;font-size:1.1em}
        table{border-collapse:collapse}td,th{padding:.2em .8em;text-align:right;border-bottom:1px solid #ddd}
        td:first-child,th:first-child{text-align:left}svg{background:#fafafa;border:1px solid #ddd}
        .wrong{color:#a00}code{background:#eee;padding:.1em .3em}.key{font-size:.9em;color:#555}
        </style></head><body>
        <h1>模拟报告 · a simulated city</h1>
        <p>\(report.units) units, \(report.days) days, faults <b>\(escaped(report.faults))</b>,
        seed <b>\(report.seed)</b>,
        digest <code>\(report.digest)</code></p>
        <p><code>\(escaped(report.command))</code></p>
        \(failures)
        <h2>收敛 · convergence</h2>\(curve)
        <p class="key">灰：已确认 confirmed; 绿：已到市级 at the root. 蓝：缺席单位 units away (own scale);
        紫：市级有冲突或未答复的办件 cases with a conflict or an open question at the root (own scale).
        This run \(report.end(hours)).</p>
        <h2>各级时滞 · lag by tier</h2>\(lags)
        <h2>线路字节 · bytes by hop</h2>\(hops)
        <h2>存储 · storage by tier</h2>\(stores)
        <h2>每节点占用 · in use at a node, week by week</h2>\(weights)
        <h2>故障时间线 · faults</h2>\(timeline)
        <h2>对机器与网络的处置 · deeds</h2>\(deeds)
        <h2>其他 · the rest</h2>\(rest)
        </body></html>
        """
    }

    private func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
    }

    private func hours(_ seconds: Int64) -> String { "\(seconds / 86_400) d \(seconds / 3600 % 24) h" }

    private var failures: String {
        guard !report.failures.isEmpty else { return "<p>没有发现错误 · nothing wrong was found</p>" }
        let items = report.failures.map { "<li>\(escaped($0))</li>" }.joined()
        let last = report.lastLines.map(escaped).joined(separator: "\n")
        return "<ul class=\"wrong\">\(items)</ul><pre>\(last)</pre>"
    }

    private func table(_ head: [String], _ rows: [[String]]) -> String {
        let header = head.map { "<th>\($0)</th>" }.joined()
        let body = rows.map { row in "<tr>\(row.map { "<td>\(escaped($0))</td>" }.joined())</tr>" }.joined(
            separator: "\n")
        return "<table><tr>\(header)</tr>\(body)</table>"
    }

    // MARK: - Pictures

    private var span: Int64 { max(1, report.figures.virtualSeconds) }

    private func x(_ seconds: Int64) -> Int { Int(seconds * Int64(Self.width) / span) }

    private func line(_ values: [(Int64, Int)], most: Int, color: String) -> String {
        let points = values.map { "\(x($0.0)),\(Self.height - $0.1 * (Self.height - 10) / max(1, most))" }
        return
            "<polyline fill=\"none\" stroke=\"\(color)\" stroke-width=\"1.5\""
            + " points=\"\(points.joined(separator: " "))\"/>"
    }

    private var curve: String {
        let all = report.figures.hours
        let most = all.map(\.confirmed).max() ?? 0
        let away = all.map(\.unitsOut).max() ?? 0
        let unsettled = all.map(\.unsettled).max() ?? 0
        return "<svg width=\"\(Self.width)\" height=\"\(Self.height)\">"
            + line(all.map { ($0.seconds, $0.unitsOut) }, most: away * 3, color: "#9bd")
            + line(all.map { ($0.seconds, $0.unsettled) }, most: unsettled * 3, color: "#b6c")
            + line(all.map { ($0.seconds, $0.confirmed) }, most: most, color: "#999")
            + line(all.map { ($0.seconds, $0.atRoot) }, most: most, color: "#2a7")
            + healing + "</svg>"
    }

    /// Where everything began to heal.
    private var healing: String {
        guard let x = report.figures.healedAt.map(x) else { return "" }
        return "<line x1=\"\(x)\" x2=\"\(x)\" y1=\"0\" y2=\"\(Self.height)\""
            + " stroke=\"#c60\" stroke-dasharray=\"4\"/>"
    }

    private static let colors = ["outage": "#c60", "blackout": "#a00", "partition": "#70a", "portal": "#07a"]

    /// One row for each unit that had bad weather; most units that are drawn.
    private static let mostRows = 80

    private var timeline: String {
        let spells = report.figures.spells
        var rows: [String: Int] = [:]
        for spell in spells where rows[spell.unit] == nil && rows.count < Self.mostRows {
            rows[spell.unit] = rows.count
        }
        guard !rows.isEmpty else { return "<p>无 · none</p>" }
        let bars = spells.compactMap { spell -> String? in
            guard let row = rows[spell.unit] else { return nil }
            let from = x(spell.from), until = x(spell.until ?? report.figures.healedAt ?? report.figures.virtualSeconds)
            return "<rect x=\"\(from)\" y=\"\(row * 7 + 2)\" width=\"\(max(1, until - from))\" height=\"5\" fill=\""
                + "\(Self.colors[spell.kind] ?? "#555")\"><title>\(spell.kind) \(spell.unit)</title></rect>"
        }
        let height = rows.count * 7 + 4
        return "<svg width=\"\(Self.width)\" height=\"\(height)\">\(bars.joined())</svg><p class=\"key\">"
            + "橙 outage, 红 blackout of a region, 紫 partition, 蓝 captive portal; \(spells.count) in all</p>"
    }

    /// One row for each kind, one mark for each time.
    private var deeds: String {
        let acts = report.figures.acts
        let kinds = Set(acts.map(\.kind)).sorted()
        guard !kinds.isEmpty else { return "<p>无 · none</p>" }
        let rows = Dictionary(uniqueKeysWithValues: kinds.enumerated().map { ($1, $0) })
        let labels = kinds.enumerated().map { row, kind in
            "<text x=\"2\" y=\"\(row * 14 + 11)\" font-size=\"10\" fill=\"#999\">\(kind)</text>"
        }
        let marks = acts.map { act in
            let y = (rows[act.kind] ?? 0) * 14 + 2
            return "<rect x=\"\(x(act.at))\" y=\"\(y)\" width=\"2\" height=\"10\" fill=\"#a40\">"
                + "<title>\(act.kind) \(act.unit ?? ""), \(hours(act.at))</title></rect>"
        }
        return "<svg width=\"\(Self.width)\" height=\"\(kinds.count * 14 + 4)\">"
            + "\(labels.joined())\(marks.joined())</svg>"
    }

    // MARK: - Tables

    private var lags: String {
        table(
            ["到达 to", "方向", "数", "50 %", "90 %", "99 %", "最长 longest"],
            report.lags.map {
                [
                    $0.tier, $0.direction, "\($0.count)", "\($0.half) s", "\($0.ninety) s", "\($0.ninetyNine) s",
                    "\($0.longest) s",
                ]
            })
    }

    private var hops: String {
        table(
            ["线路 line of", "上行 up", "下行 down"],
            report.figures.hops.filter { $0.bytesUp + $0.bytesDown > 0 }.map {
                [$0.tier, "\($0.bytesUp)", "\($0.bytesDown)"]
            })
    }

    private var stores: String {
        table(
            ["级 tier", "节点 nodes", "字节 bytes", "最大 largest"],
            report.figures.stores.map { [$0.tier, "\($0.nodes)", "\($0.bytes)", "\($0.largest)"] })
    }

    /// Most points of time that the table has.
    private static let mostColumns = 11

    /// Each tier has a scale of its own, from nothing to its most; the table has the bytes.
    private var weights: String {
        let tiers = report.weights.filter { $0.weights.count > 1 }
        guard let count = tiers.map(\.weights.count).max() else { return "<p>无 · none</p>" }
        let colors = ["#999", "#c60", "#07a", "#2a7"]
        let curves = tiers.enumerated().map { at, tier in
            let values = tier.weights.map { ($0.seconds, Int($0.usual / 1024)) }
            return line(values, most: values.map(\.1).max() ?? 0, color: colors[at % colors.count])
        }
        let columns = min(Self.mostColumns, count)
        let shown = (0..<columns).map { $0 * (count - 1) / max(1, columns - 1) }
        let head = shown.map { at in tiers[0].weights.indices.contains(at) ? hours(tiers[0].weights[at].seconds) : "" }
        let rows = tiers.map { tier in
            [tier.tier] + shown.map { tier.weights.indices.contains($0) ? "\(tier.weights[$0].usual >> 10)" : "" }
        }
        return "<svg width=\"\(Self.width)\" height=\"\(Self.height)\">\(curves.joined())</svg>"
            + "<p class=\"key\">灰、橙、蓝、绿自上而下各级 tiers from the top (each its own scale); KiB:</p>"
            + table(["级 tier"] + head, rows)
    }

    private var rest: String {
        let figures = report.figures
        return table(
            ["", ""],
            [
                ["confirmed", "\(figures.confirmed)"], ["at the root", "\(figures.atRoot)"],
                ["cases with a conflict or an open question", "\(figures.conflicts)"],
                ["dials", "\(figures.dials)"], ["unanswered", "\(figures.failedDials)"],
                ["told to come again", "\(figures.busy)"], ["exchanges lost", "\(figures.lost)"],
                ["steps", "\(figures.steps)"],
                ["seconds of run", report.cost.map { SimulateCommand.decimal($0.runSeconds) } ?? ""],
                ["MiB", report.cost.map { "\($0.memoryBytes >> 20)" } ?? ""],
            ] + figures.deeds.sorted { $0.key < $1.key }.map { ["deed: \($0.key)", "\($0.value)"] })
    }
}
