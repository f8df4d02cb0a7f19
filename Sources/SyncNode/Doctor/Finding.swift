import ServiceModel

/// How much a finding matters.
package enum Severity: String, CaseIterable, Comparable, Sendable {
    /// Work stops here, or something may be lost: now.
    case danger
    /// Somebody has to see to it, soon.
    case warning
    /// Good to know; nobody has to do anything now.
    case note

    package var words: Words {
        switch self {
        case .danger: Words("danger", "危险")
        case .warning: Words("warning", "注意")
        case .note: Words("note", "提示")
        }
    }

    /// The gravest first.
    package static func < (one: Severity, other: Severity) -> Bool { one.rank < other.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// A state of a node that a person is told of. What is always true of it stands here; `docs/DOCTOR.md` has them all.
package struct FindingKind: Hashable, Sendable {
    /// Stable, for programs and documentation: `area.what`.
    package let code: String
    package let severity: Severity
    /// What it means for the work at the counter.
    package let effect: Words
    /// What to do. In commands `DIR` stands for the data directory, `PARENT` for the code of the unit above; other
    /// words in capitals are for a person to fill in.
    package let wayOut: Words

    init(_ code: String, _ severity: Severity, effect: Words, wayOut: Words) {
        self.code = code
        self.severity = severity
        self.effect = effect
        self.wayOut = wayOut
    }

    /// All that there are, by area.
    package static let all =
        ofFolder + ofAnchor + ofDatabase + ofStanding + ofLine + ofBacklog + ofArrivals + ofProof + ofClock + ofWork
        + ofDisk + ofBackup + ofRetention
}

/// A state that a node is in.
package struct Finding: Hashable, Sendable {
    package let kind: FindingKind
    /// What is so, in one sentence.
    package let what: Words
    package private(set) var wayOut: Words

    init(_ kind: FindingKind, _ what: Words) {
        self.kind = kind
        self.what = what
        wayOut = kind.wayOut
    }

    package var code: String { kind.code }
    package var severity: Severity { kind.severity }
    package var effect: Words { kind.effect }

    /// With commands as they can be typed.
    /// - Parameter parent: code of the unit above, where it is known.
    func filled(folder: String, parent: String?) -> Finding {
        var finding = self
        finding.wayOut = wayOut.replacing("DIR", with: Self.quoted(folder))
        if let parent { finding.wayOut = finding.wayOut.replacing("PARENT", with: parent) }
        return finding
    }

    /// As a shell takes it for one word.
    private static func quoted(_ path: String) -> String {
        let isPlain = path.unicodeScalars.allSatisfy { $0.properties.isAlphabetic || "0123456789/._-+".contains($0) }
        return isPlain ? path : "'\(path.replacing("'", with: "'\\''"))'"
    }
}

extension String {
    fileprivate func contains(_ scalar: Unicode.Scalar) -> Bool { unicodeScalars.contains(scalar) }
}
