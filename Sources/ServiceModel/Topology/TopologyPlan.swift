/// A topology as a file states it, before it is checked: text as it was written, with the lines where it stands.
package struct TopologyPlan: Hashable, Sendable {
    /// One unit of the file. Text that is nil was left out; empty text says "none".
    package struct Row: Hashable, Sendable {
        /// Line of the file where the unit begins, from 1.
        package let line: Int
        package let code: String
        package let name: String
        /// One of the plan's tiers, by name.
        package let tier: String
        /// Code of the unit above.
        package let parent: String?
        /// `centre`, `branch` or `point`; left out: `point` on the lowest tier, else `centre`.
        package let kind: String?
        /// Code of the administrative division.
        package let division: String?
        /// First day of validity, `yyyy-mm-dd`.
        package let from: String?
        /// Last day of validity, `yyyy-mm-dd`.
        package let until: String?

        package init(
            line: Int, code: String, name: String, tier: String, parent: String?, kind: String? = nil,
            division: String? = nil, from: String? = nil, until: String? = nil
        ) {
            self.line = line
            self.code = code
            self.name = name
            self.tier = tier
            self.parent = parent
            self.kind = kind
            self.division = division
            self.from = from
            self.until = until
        }
    }

    /// The tiers of a city where a file does not name its own.
    package static let defaultTiers = ["city", "county", "town", "village"]
    /// Most units of one topology.
    package static let mostUnits = 20_000
    /// Longest name of a unit, in characters.
    package static let longestName = 100
    /// Most tiers.
    package static let mostTiers = 8
    /// Longest name of a tier, in characters.
    package static let longestTier = 32
    /// Longest division code, in digits.
    package static let longestDivision = 12

    /// Names of the tiers, the top first.
    package let tiers: [String]
    package let rows: [Row]

    package init(tiers: [String] = TopologyPlan.defaultTiers, rows: [Row]) {
        self.tiers = tiers
        self.rows = rows
    }

    /// Everything that is wrong, in the order of lines; nothing when the plan can be imported.
    package func check() -> [TopologyProblem] { TopologyCheck(self).problems }

    /// The units, parents first: by tier, then by code. The root has no parent, whatever the file says above it.
    /// - Throws: all problems of `check()`.
    package func units() throws(TopologyRejected) -> [UnitEntry] {
        let problems = check()
        guard problems.isEmpty else { throw TopologyRejected(problems: problems) }
        return rows.compactMap { unit($0) }.sorted { ($0.tier, $0.code) < ($1.tier, $1.code) }
    }

    /// The row as a unit; nil when a field is not what it must be.
    private func unit(_ row: Row) -> UnitEntry? {
        guard let code = UnitCode(row.code), let tier = tiers.firstIndex(of: row.tier) else { return nil }
        return UnitEntry(
            code: code, name: row.name, tier: tier, parent: tier == 0 ? nil : row.parent.flatMap { UnitCode($0) },
            kind: row.kind.flatMap { UnitKind(rawValue: $0) } ?? defaultKind(tier: tier),
            division: row.division.flatMap { $0.isEmpty ? nil : $0 },
            from: row.from.flatMap { CivilDate($0)?.dayNumber }, until: row.until.flatMap { CivilDate($0)?.dayNumber })
    }

    /// What a unit is where the file does not say.
    package func defaultKind(tier: Int) -> UnitKind { tier > 0 && tier == tiers.count - 1 ? .point : .centre }
}
