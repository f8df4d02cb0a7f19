import Replica
import ServiceModel
import SyncNode

/// What the wall shows of the way up: the line, what waits, for how long it has, and whether the unit above holds the
/// same. Few words, to be read from afar.
struct UpwardView {
    let line: PageLine
    /// Since when it is so, in seconds since 1970; nil before the first attempt has ended.
    let since: Int64?
    let standing: LineStanding
    let proof: ProofStanding?
    let topology: Topology
    /// The unit above.
    let parent: UnitCode?
    let text: PageText
    let now: Moment

    var figures: [View] {
        [
            figure("line", lineFigure, text["wall.line"], parts: lineParts, isLate: isCut),
            figure(
                "waiting", "\(standing.unsent)", text["wall.waiting"],
                parts: cases == 0 ? nil : text("wall.waitingCases", "\(cases)")),
            figure("lag", lag.map(text.span) ?? "–", text["wall.lag"], isLate: (lag ?? 0) > Self.longLag),
            figure("proof", proofFigure, text["wall.proof"], parts: proofParts, isLate: proof?.difference != nil),
        ]
    }

    /// Seconds of waiting that are marked.
    private static let longLag: Int64 = 86_400

    private var cases: Int { standing.waiting.cases }
    private var lag: Int64? { standing.lag(at: now) }

    private var isCut: Bool {
        if case .cut = line { true } else { false }
    }

    private var lineFigure: String {
        switch line {
        case .up, .standIn: text["wall.lineUp"]
        case .rests: text["wall.lineRests"]
        case .trying: text["wall.lineTrying"]
        case .cut: text["wall.lineCut"]
        }
    }

    /// Through whom, and since when.
    private var lineParts: String {
        var through: UnitCode? = parent
        if case .standIn(let unit) = line { through = unit }
        let name = text.unit(through, topology) ?? ""
        let time = isCut ? since ?? standing.heard : since
        guard let time else { return name }
        return text("wall.through", name, text.time(time, now: now))
    }

    private var proofFigure: String {
        guard let proof else { return text["wall.proofNever"] }
        if proof.difference != nil { return text["wall.proofDiffers"] }
        return proof.proven == nil ? text["wall.proofNever"] : text["wall.proofEqual"]
    }

    private var proofParts: String? {
        (proof?.difference?.time ?? proof?.proven).map { text.time($0, now: now) }
    }

    private func figure(
        _ key: String, _ value: String, _ name: String, parts: String? = nil, isLate: Bool = false
    ) -> View {
        [
            "upwardKey": key, "upwardValue": value, "upwardName": name, "upwardParts": parts, "isUpwardLate": isLate,
        ]
    }
}
