extension CatalogItem {
    /// What the owner must put right before it publishes; nothing when the item is sound. Receivers judge bounds alone
    /// (`outOfBounds`): a rule that grows stricter must not void what was published before.
    package func validate() -> [CatalogProblem] {
        var problems = outOfBounds
        if version == 0 { problems.append(.missing("version")) }
        for (part, text) in [("code", code), ("name", name), ("department", department.name)]
        where text.allSatisfy(\.isWhitespace) {
            problems.append(.missing(part))
        }
        for (part, words) in [
            ("aliases", aliases), ("tags", tags), ("lifeEvents", lifeEvents), ("basis", basis),
        ] {
            if words.contains(where: { $0.allSatisfy(\.isWhitespace) }) { problems.append(.missing(part)) }
            problems += Self.repeats(part, words)
        }
        problems += routeProblems
        problems += limitProblems
        if let from, let until, until < from { problems.append(.validity) }
        problems += Self.repeats("materials", materials.map(\.id))
        for material in materials { problems += material.problems }
        problems += Self.repeats("form", form.map(\.name))
        for field in form { problems += field.problems }
        return problems
    }

    private var routeProblems: [CatalogProblem] {
        var problems = Self.repeats("acceptedBy", accepting.tiers.map(String.init))
        problems += Self.repeats("acceptedBy", accepting.units.map(\.text))
        if accepting.tiers.isEmpty, accepting.units.isEmpty { problems.append(.nobodyAccepts) }
        if zip(route, route.dropFirst()).contains(where: { $0 <= $1 }) { problems.append(.routeOrder) }
        let top: Int? =
            switch decider {
            case .tier(let rank): rank
            case .unit: nil
            case .beyond: 0
            }
        if let top, let last = route.last, last != top { problems.append(.routeEnd) }
        for rank in accepting.tiers.sorted() {
            let above = top.map { rank < $0 } ?? false
            if above || !(route.isEmpty || route.contains(rank)) { problems.append(.routeMisses(rank)) }
        }
        return problems
    }

    private var limitProblems: [CatalogProblem] {
        var problems: [CatalogProblem] = []
        if !instant {
            if statutory?.count == 0 { problems.append(.limitRange("statutory")) }
            if promised?.count == 0 { problems.append(.limitRange("promised")) }
        } else if let promised, promised.isLonger(than: TimeLimit(count: 1, unit: .workingDays)) {
            problems.append(.instant)
        }
        if let promised, let statutory, promised.isLonger(than: statutory) { problems.append(.promiseLonger) }
        return problems
    }

    static func repeats(_ part: String, _ names: [String]) -> [CatalogProblem] {
        var seen: Set<String> = [], reported: Set<String> = []
        return names.filter { !seen.insert($0).inserted && reported.insert($0).inserted }.map { .repeated(part, $0) }
    }
}

extension ItemMaterial {
    fileprivate var problems: [CatalogProblem] {
        var problems: [CatalogProblem] = []
        if id.isEmpty { problems.append(.missing("materials.id")) }
        if name.allSatisfy(\.isWhitespace) { problems.append(.missing("materials.name")) }
        if forms.isEmpty || forms.contains(.copy) != (copies > 0) { problems.append(.forms(id)) }
        return problems + CatalogItem.repeats("materials.standIns", standIns)
    }
}

extension FormField {
    fileprivate var problems: [CatalogProblem] {
        var problems: [CatalogProblem] = []
        if name.isEmpty { problems.append(.missing("form.name")) }
        if let first = name.unicodeScalars.first, first == "_" || ("0"..."9").contains(first) {
            problems.append(.malformed("form.name"))
        }
        if label.allSatisfy(\.isWhitespace) { problems.append(.missing("form.label")) }
        if choices.isEmpty == (kind == .choice) { problems.append(.choices(name)) }
        if choices.contains(where: { $0.allSatisfy(\.isWhitespace) }) { problems.append(.missing("form.choices")) }
        if longest > 0, shortest > longest { problems.append(.lengths(name)) }
        if !pattern.isEmpty, FormPattern(pattern) == nil { problems.append(.pattern(name)) }
        return problems + CatalogItem.repeats("form.choices", choices)
    }
}
