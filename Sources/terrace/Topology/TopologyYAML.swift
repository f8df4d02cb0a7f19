import ServiceModel
import Yams

/// A topology as YAML: `tiers`, a list of names with the top first (left out: city, county, town, village), and
/// `units`, a list of mappings with `code`, `name`, `tier`, `parent`, `kind`, `division`, `from`, `until`.
package enum TopologyYAML {
    /// - Throws: `YAMLFileError`; `TopologyRejected` when there are too many units.
    package static func read(_ bytes: [UInt8]) throws -> TopologyPlan {
        let top = try YAMLDocument.root(of: bytes).fields(
            Words("a topology", "拓扑"), required: ["units"], optional: ["tiers"])
        let tiers = try top["tiers"].map { node in
            let items = try node.items(Words(name: "tiers"))
            // One more than allowed is enough for the check to refuse it.
            return try items.prefix(TopologyPlan.mostTiers + 1).map { try $0.text(Words("a tier's name", "层级名称")) }
        }
        let nodes = try top["units"]?.items(Words(name: "units")) ?? []
        if nodes.count > TopologyPlan.mostUnits {
            let node = nodes[TopologyPlan.mostUnits]
            throw TopologyFile.tooManyUnits(at: try row(node))
        }
        return TopologyPlan(tiers: tiers ?? TopologyPlan.defaultTiers, rows: try nodes.map(row))
    }

    private static func row(_ node: Node) throws -> TopologyPlan.Row {
        let fields = try node.fields(
            Words("a unit", "单位"), required: ["code", "name", "tier"],
            optional: ["parent", "kind", "division", "from", "until"])
        func text(_ key: String) throws -> String? { try fields[key]?.text(Words(name: key)) }
        return TopologyPlan.Row(
            line: node.line, code: try text("code") ?? "", name: try text("name") ?? "", tier: try text("tier") ?? "",
            parent: try text("parent"), kind: try text("kind"), division: try text("division"),
            from: try text("from"), until: try text("until"))
    }

    /// The canonical form: one unit a line, each followed by those below it in the order of their codes. What a reader
    /// assumes by itself is left out.
    /// - Parameters:
    ///   - tiers: names of the tiers; a unit whose tier has no name is left out.
    ///   - comment: lines to put on top.
    package static func write(
        tiers: [String] = TopologyPlan.defaultTiers, units: [UnitEntry], comment: [String] = []
    ) -> String {
        let plan = TopologyPlan(tiers: tiers, rows: [])
        let below = Dictionary(grouping: units) { $0.parent }.mapValues { $0.sorted { $0.code < $1.code } }
        var out = comment.map { "# \($0)\n" }.joined()
        if tiers != TopologyPlan.defaultTiers {
            out += "tiers: [" + tiers.map(scalar).joined(separator: ", ") + "]\n"
        }
        out += "units:\n"
        var waiting = Array((below[nil] ?? []).reversed())
        while let unit = waiting.popLast() {
            if tiers.indices.contains(unit.tier) { out += "  - " + line(of: unit, in: plan) + "\n" }
            waiting.append(contentsOf: (below[unit.code] ?? []).reversed())
        }
        return out
    }

    private static func line(of unit: UnitEntry, in plan: TopologyPlan) -> String {
        var fields = [
            "code: \(quoted(unit.code.text))", "name: \(scalar(unit.name))", "tier: \(scalar(plan.tiers[unit.tier]))",
        ]
        if let parent = unit.parent { fields.append("parent: \(quoted(parent.text))") }
        if unit.kind != plan.defaultKind(tier: unit.tier) { fields.append("kind: \(unit.kind.rawValue)") }
        if let division = unit.division { fields.append("division: \(quoted(division))") }
        for (key, day) in [("from", unit.from), ("until", unit.until)] {
            if let date = day.flatMap({ CivilDate(dayNumber: $0) }) { fields.append("\(key): \(quoted("\(date)"))") }
        }
        return "{" + fields.joined(separator: ", ") + "}"
    }

    /// Plain where no reader can take the text for anything but text.
    private static func scalar(_ text: String) -> String {
        let reserved = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
        let plain =
            !text.isEmpty && !reserved.contains(text.lowercased())
            && text.unicodeScalars.allSatisfy { scalar in
                ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
                    || (0x4E00...0x9FFF).contains(scalar.value)
            }
        return plain ? text : quoted(text)
    }

    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                out.unicodeScalars.append("\\")
                out.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                out += "\\x" + String(repeating: "0", count: 2 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
