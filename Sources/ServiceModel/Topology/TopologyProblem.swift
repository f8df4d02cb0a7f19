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
    /// What is wrong and what to do about it.
    package let detail: String

    package init(_ kind: Kind, line: Int, unit: String, _ detail: String) {
        self.kind = kind
        self.line = line
        self.unit = Self.shown(unit)
        self.detail = detail
    }

    /// Text from outside, short enough for a message and without control characters.
    package static func shown(_ text: String) -> String {
        let kept = text.unicodeScalars.prefix(48).map { scalar in
            scalar.properties.generalCategory == .control ? "\u{FFFD}" : Character(scalar)
        }
        return String(kept) + (text.unicodeScalars.count > 48 ? "…" : "")
    }

    package var description: String {
        "line \(line): \(kind.rawValue): " + (unit.isEmpty ? "" : "unit \(unit): ") + detail
    }
}

/// A topology that cannot be imported, with everything that is wrong with it.
package struct TopologyRejected: Error, Hashable, Sendable, CustomStringConvertible {
    package let problems: [TopologyProblem]

    package init(problems: [TopologyProblem]) { self.problems = problems }

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
