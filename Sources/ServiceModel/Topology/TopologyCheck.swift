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
                report(
                    .duplicate, row,
                    Words("already on line \(earlier.line); keep one of the two", "第\(earlier.line)行已有此代码：请只留一个"))
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

    private mutating func report(_ kind: TopologyProblem.Kind, _ row: TopologyPlan.Row, _ detail: Words) {
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
                    Words(
                        "there must be 1 to \(TopologyPlan.mostTiers) tiers with different names of at most "
                            + "\(TopologyPlan.longestTier) characters",
                        "应有1到\(TopologyPlan.mostTiers)个层级，名称各不相同，至多\(TopologyPlan.longestTier)个字符")))
        }
        return sound
    }

    private mutating func countIsSound() -> Bool {
        guard plan.rows.count > TopologyPlan.mostUnits else { return true }
        report(
            .tooManyUnits, plan.rows[TopologyPlan.mostUnits],
            Self.tooMany(plan.rows.count))
        return false
    }

    /// More units than one network may have.
    static func tooMany(_ count: Int) -> Words {
        Words(
            "\(count) units; at most \(TopologyPlan.mostUnits) in one network",
            "有\(count)个单位：一个网络至多\(TopologyPlan.mostUnits)个")
    }

    // MARK: One row

    private mutating func fields(of row: TopologyPlan.Row) {
        if UnitCode(row.code).map(ReceiptNumber.canPrint) != true {
            report(
                .badCode, row,
                Words(
                    "a code has 1 to \(UnitCode.longest) digits and capitals of \(ReceiptNumber.unitLetters), "
                        + "so that it can be read from a receipt",
                    "代码应为1到\(UnitCode.longest)位数字或大写字母（\(ReceiptNumber.unitLetters)），以便从受理单上读出"))
        }
        if let wrong = nameProblem(row.name) { report(.badName, row, wrong) }
        let tier = tierIndex[row.tier]
        if tier == nil {
            report(
                .unknownTier, row,
                Words(
                    "no tier “\(ShownText.of(row.tier))”; the tiers are "
                        + plan.tiers.joined(separator: ", "),
                    "没有层级“\(ShownText.of(row.tier))”，现有\(plan.tiers.joined(separator: "、"))"))
        }
        if let kind = row.kind, !kind.isEmpty {
            switch UnitKind(rawValue: kind) {
            case nil:

                report(
                    .badKind, row,
                    Words(
                        "kind “\(ShownText.of(kind))” is not centre, branch or point",
                        "类别“\(ShownText.of(kind))”不是centre、branch或point"))
            case .branch?, .point?:
                if tier == 0 {
                    report(.badKind, row, Words("the unit of the top tier is a centre", "最高层级的单位应为centre"))
                }
            case .centre?: break
            }
        }
        if let division = row.division, !division.isEmpty,
            division.utf8.count > TopologyPlan.longestDivision || !division.utf8.allSatisfy(isDigit)
        {
            report(
                .badDivision, row,
                Words(
                    "a division code has at most \(TopologyPlan.longestDivision) digits",
                    "行政区划代码至多\(TopologyPlan.longestDivision)位数字"))
        }
        dates(of: row)
    }

    private func nameProblem(_ name: String) -> Words? {
        if name.isEmpty { return Words("the name is missing", "缺少名称") }
        if name.utf8.count > 4 * TopologyPlan.longestName || name.count > TopologyPlan.longestName {
            return Words(
                "the name is longer than \(TopologyPlan.longestName) characters",
                "名称超过\(TopologyPlan.longestName)个字符")
        }
        if name.first?.isWhitespace == true || name.last?.isWhitespace == true {
            return Words("the name begins or ends with a blank", "名称首尾有空白")
        }
        let forbidden = name.unicodeScalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
            default: false
            }
        }
        return forbidden ? Words("the name has a character that cannot be printed", "名称中有无法打印的字符") : nil
    }

    private mutating func dates(of row: TopologyPlan.Row) {
        for (what, text) in [("from", row.from), ("until", row.until)] {
            if let text, !text.isEmpty, CivilDate(text) == nil {
                report(
                    .badDates, row,
                    Words(
                        "\(what) “\(ShownText.of(text))” is no day written yyyy-mm-dd",
                        "\(what)“\(ShownText.of(text))”不是yyyy-mm-dd形式的日期"))
            }
        }
        if let from = day(row.from), let until = day(row.until), until < from {
            report(
                .badDates, row,
                Words("its last day \(until) is before its first day \(from)", "末日\(until)早于首日\(from)"))
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
                    let names =
                        circle.prefix(6).map { ShownText.of($0) }.joined(separator: " → ")
                        + (circle.count > 6 ? " → …" : "")
                    report(
                        .cycle, top,
                        Words(
                            "is above itself: \(names); give one of them another parent",
                            "成了自己的上级：\(names)；请为其中之一另定上级"))
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
                    Words(
                        "no unit on the tier \(plan.tiers[0]); a network has one root",
                        "没有\(plan.tiers[0])级的单位：网络应有一个根")))
        }
        // A unit of the top tier that stands under another one is reported for its place.
        let roots = top.filter { !hasParentInFile($0) }
        guard let root = roots.first else { return }
        for other in roots.dropFirst() {
            report(
                .twoRoots, other,
                Words(
                    "\(ShownText.of(root.code)) on line \(root.line) is the root already",
                    "第\(root.line)行的\(ShownText.of(root.code))已是根"))
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
                        ? Words("no unit is named above it", "没有写明上级")
                        : Words(
                            "its parent \(ShownText.of(above)) is missing",
                            "文件中没有它的上级\(ShownText.of(above))"))
            }
            return
        }
        guard let parentTier = tierIndex[parent.tier] else { return }
        let place = Words(
            "on tier \(row.tier) under \(ShownText.of(parent.code)) on tier \(parent.tier)",
            "在\(row.tier)级，上级\(ShownText.of(parent.code))在\(parent.tier)级")
        if tier <= parentTier {
            report(.tierOrder, row, place + Words(": a unit stands one tier below its parent", "：单位应比上级低一级"))
        } else if tier > parentTier + 1 {
            let skipped = plan.tiers[parentTier + 1]
            report(
                .tierSkipped, row, place + Words(" skips \(skipped); name the unit between", "，跳过了\(skipped)：请写明中间的单位"))
        }
        if let end = day(parent.until), day(row.until).map({ $0 > end }) ?? true {
            report(
                .badDates, row,
                Words(
                    "outlasts its parent \(ShownText.of(parent.code)), which ends on \(end); "
                        + "move it or end it by then",
                    "上级\(ShownText.of(parent.code))于\(end)终止，它却更晚：请移到别处或在此前终止"))
        }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
