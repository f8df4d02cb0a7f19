/// The rules that a topology must keep: one root on the top tier, every other unit exactly one tier below the unit
/// above it, each code once.
struct TopologyCheck {
    private let plan: TopologyPlan
    private let tierIndex: [String: Int]
    /// The first row of each code: what others refer to.
    private var first: [String: TopologyPlan.Row] = [:]
    private(set) var problems: [TopologyProblem] = []

    init(_ plan: TopologyPlan) {
        self.plan = plan
        tierIndex = Dictionary(zip(plan.tiers, plan.tiers.indices), uniquingKeysWith: { a, _ in a })
        guard tiersAreSound(), countIsSound() else { return }
        for row in plan.rows {
            fields(of: row)
            if let earlier = first[row.code] {
                report(.duplicate, row, "already on line \(earlier.line); keep one of the two")
            } else {
                first[row.code] = row
            }
        }
        let circled = cycles()
        roots()
        for row in plan.rows where first[row.code]?.line == row.line && !circled.contains(row.code) {
            place(of: row)
        }
        problems.sort { ($0.line, $0.unit, $0.kind.rawValue) < ($1.line, $1.unit, $1.kind.rawValue) }
    }

    private mutating func report(_ kind: TopologyProblem.Kind, _ row: TopologyPlan.Row, _ detail: String) {
        problems.append(TopologyProblem(kind, line: row.line, unit: row.code, detail))
    }

    private mutating func tiersAreSound() -> Bool {
        let names = plan.tiers
        let sound =
            (1...TopologyPlan.mostTiers).contains(names.count) && Set(names).count == names.count
            && names.allSatisfy { !$0.isEmpty && $0.count <= TopologyPlan.longestTier }
        if !sound {
            problems.append(
                TopologyProblem(
                    .badTiers, line: 1, unit: "",
                    "there must be 1 to \(TopologyPlan.mostTiers) tiers with different names of at most "
                        + "\(TopologyPlan.longestTier) characters"))
        }
        return sound
    }

    private mutating func countIsSound() -> Bool {
        guard plan.rows.count > TopologyPlan.mostUnits else { return true }
        report(
            .tooManyUnits, plan.rows[TopologyPlan.mostUnits],
            "\(plan.rows.count) units; at most \(TopologyPlan.mostUnits) in one network")
        return false
    }

    // MARK: One row

    private mutating func fields(of row: TopologyPlan.Row) {
        if UnitCode(row.code).map(ReceiptNumber.canPrint) != true {
            report(
                .badCode, row,
                "a code has 1 to \(UnitCode.longest) digits and capitals of \(ReceiptNumber.unitLetters), "
                    + "so that it can be read from a receipt")
        }
        if let wrong = nameProblem(row.name) { report(.badName, row, wrong) }
        let tier = tierIndex[row.tier]
        if tier == nil {
            report(
                .unknownTier, row,
                "no tier \"\(TopologyProblem.shown(row.tier))\"; the tiers are \(plan.tiers.joined(separator: ", "))")
        }
        if let kind = row.kind, !kind.isEmpty {
            switch UnitKind(rawValue: kind) {
            case nil:
                report(.badKind, row, "kind \"\(TopologyProblem.shown(kind))\" is not centre, branch or point")
            case .branch?, .point?:
                if tier == 0 { report(.badKind, row, "the unit of the top tier is a centre") }
            case .centre?: break
            }
        }
        if let division = row.division, !division.isEmpty,
            division.utf8.count > TopologyPlan.longestDivision || !division.utf8.allSatisfy(isDigit)
        {
            report(.badDivision, row, "a division code has at most \(TopologyPlan.longestDivision) digits")
        }
        dates(of: row)
    }

    private func nameProblem(_ name: String) -> String? {
        if name.isEmpty { return "the name is missing" }
        if name.utf8.count > 4 * TopologyPlan.longestName || name.count > TopologyPlan.longestName {
            return "the name is longer than \(TopologyPlan.longestName) characters"
        }
        if name.first?.isWhitespace == true || name.last?.isWhitespace == true {
            return "the name begins or ends with a blank"
        }
        let forbidden = name.unicodeScalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
            default: false
            }
        }
        return forbidden ? "the name has a character that cannot be printed" : nil
    }

    private mutating func dates(of row: TopologyPlan.Row) {
        for (what, text) in [("from", row.from), ("until", row.until)] {
            if let text, !text.isEmpty, CivilDate(text) == nil {
                report(.badDates, row, "\(what) \"\(TopologyProblem.shown(text))\" is no day written yyyy-mm-dd")
            }
        }
        if let from = day(row.from), let until = day(row.until), until < from {
            report(.badDates, row, "its last day \(until) is before its first day \(from)")
        }
    }

    private func day(_ text: String?) -> CivilDate? { text.flatMap { CivilDate($0) } }

    // MARK: The tree

    /// Reports each circle once, at its first line, and gives the codes that are in one.
    private mutating func cycles() -> Set<String> {
        var circled: Set<String> = []
        var settled: Set<String> = []
        for row in plan.rows where !settled.contains(row.code) {
            var path: [String] = []
            var onPath: Set<String> = []
            var at: TopologyPlan.Row? = first[row.code]
            while let unit = at, !settled.contains(unit.code), onPath.insert(unit.code).inserted {
                path.append(unit.code)
                at = unit.parent.flatMap { first[$0] }
            }
            if let again = at, onPath.contains(again.code), let start = path.firstIndex(of: again.code) {
                let circle = path[start...]
                circled.formUnion(circle)
                if let top = circle.compactMap({ first[$0] }).min(by: { $0.line < $1.line }) {
                    let names = circle.prefix(6).map(TopologyProblem.shown).joined(separator: " → ")
                    report(
                        .cycle, top,
                        "is above itself: \(names)\(circle.count > 6 ? " → …" : ""); give one of them another parent")
                }
            }
            settled.formUnion(path)
        }
        return circled
    }

    /// The one unit of the top tier is the root; what it names above itself may lie outside the file.
    private mutating func roots() {
        let top = plan.rows.filter { first[$0.code]?.line == $0.line && tierIndex[$0.tier] == 0 }
        if top.isEmpty {
            problems.append(
                TopologyProblem(
                    .noRoot, line: plan.rows.first?.line ?? 1, unit: "",
                    "no unit on the tier \(plan.tiers[0]); a network has one root"))
        }
        // A unit of the top tier that stands under another one is reported for its place.
        let roots = top.filter { !hasParentInFile($0) }
        guard let root = roots.first else { return }
        for other in roots.dropFirst() {
            report(.twoRoots, other, "\(TopologyProblem.shown(root.code)) on line \(root.line) is the root already")
        }
    }

    private func hasParentInFile(_ row: TopologyPlan.Row) -> Bool {
        row.parent.map { first[$0] != nil } ?? false
    }

    private mutating func place(of row: TopologyPlan.Row) {
        guard let tier = tierIndex[row.tier] else { return }
        guard let parent = row.parent.flatMap({ first[$0] }) else {
            if tier > 0 {
                let above = row.parent ?? ""
                report(
                    .orphan, row,
                    above.isEmpty
                        ? "no unit is named above it" : "its parent \(TopologyProblem.shown(above)) is missing")
            }
            return
        }
        guard let parentTier = tierIndex[parent.tier] else { return }
        let place = "on tier \(row.tier) under \(TopologyProblem.shown(parent.code)) on tier \(parent.tier)"
        if tier <= parentTier {
            report(.tierOrder, row, "\(place): a unit stands one tier below its parent")
        } else if tier > parentTier + 1 {
            report(.tierSkipped, row, "\(place) skips \(plan.tiers[parentTier + 1]); name the unit between")
        }
        if let end = day(parent.until), day(row.until).map({ $0 > end }) ?? true {
            report(
                .badDates, row,
                "outlasts its parent \(TopologyProblem.shown(parent.code)), which ends on \(end); "
                    + "move it or end it by then")
        }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
