/// One mistake in a topology file, with the line and the unit it concerns.
package struct TopologyProblem: Hashable, Sendable, CustomStringConvertible {
    /// What is wrong. The raw value is the code shown to people and programs, stable across versions.
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        case badCode = "topology.badCode"
        case badDates = "topology.badDates"
        case badDivision = "topology.badDivision"
        case badKind = "topology.badKind"
        case badName = "topology.badName"
        case badTiers = "topology.badTiers"
        case cycle = "topology.cycle"
        case duplicate = "topology.duplicate"
        case noRoot = "topology.noRoot"
        case orphan = "topology.orphan"
        case otherRoot = "topology.otherRoot"
        case tierOrder = "topology.tierOrder"
        case tierSkipped = "topology.tierSkipped"
        case tooManyUnits = "topology.tooManyUnits"
        case twoRoots = "topology.twoRoots"
        case unknownTier = "topology.unknownTier"
    }

    package let kind: Kind
    /// Line of the file, from 1; 1 also for what concerns the file as a whole.
    package let line: Int
    /// The unit's code as written, cut to a length that can be shown; empty for the file as a whole.
    package let unit: String
    /// What is wrong and what to do about it, without line and unit.
    package let detail: Words

    package init(_ kind: Kind, line: Int, unit: String, _ detail: Words) {
        self.kind = kind
        self.line = line
        self.unit = ShownText.of(unit)
        self.detail = detail
    }

    /// For logs.
    package var description: String { "\(kind.rawValue): \(words[.english])" }

    /// Where and what, without the code.
    package var words: Words {
        let place = unit.isEmpty ? Words(name: "") : Words("unit \(unit): ", "单位\(unit)：")
        return Words("line \(line): ", "第\(line)行：") + place + detail
    }
}

/// A topology that cannot be imported, with everything that is wrong with it.
package struct TopologyRejected: CodedError, Hashable {
    /// Never empty.
    package let problems: [TopologyProblem]

    package init(problems: [TopologyProblem]) { self.problems = problems }

    /// That of the first problem.
    package var code: String { problems.first?.kind.rawValue ?? "topology.rejected" }

    package var words: Words {
        let shown = problems.prefix(Self.mostShown).map(\.words).joined
        let rest = problems.count - Self.mostShown
        guard rest > 0 else { return shown }
        return shown
            + Words("; and \(rest) more: see `terrace topology check`", "；另有\(rest)处：请用 terrace topology check 查看")
    }

    /// Problems that a message lists.
    private static let mostShown = 8
}
