import Replica
import ServiceModel
import SyncNode

/// The wall: the way up, the units below with their last contact and what they have in hand, and the figures of today
/// and of this month.
struct WallPages: Sendable {
    let frame: PageFrame
    private var node: Node { frame.desk.node }

    init(_ frame: PageFrame) { self.frame = frame }

    var routes: [PageRoute] { [PageRoute(.get, "/wall") { try wall($0) }] }

    private func wall(_ request: PageRequest) throws -> PageAnswer {
        let text = PageText(language: request.language)
        let now = frame.desk.now()
        guard let today = CivilDate(dayNumber: now.day),
            let month = CivilMonth(today.description.prefix(7))
        else { throw PageProblem.unknownPage }
        // The very reports that `terrace stats` prints.
        let ofDay = try node.statistics(days: today...today, now: now)
        let ofMonth = try node.statistics(days: month.days, now: now)
        let service = frame.desk.service()
        let (wall, upward) = try node.replica.read { transaction in
            let topology = transaction.charter.current.topology
            let wall = WallView(
                unit: node.name.unit, day: ofDay, month: ofMonth, topology: topology,
                contacts: try transaction.contacts(), proofs: try transaction.proofStandings(),
                backlogs: try transaction.backlogs(
                    below: node.name.unit, on: node.clock(transaction, now: now).presumedDay),
                text: text, now: now)
            let upward = UpwardView(
                line: PageLine(service), since: service.line?.since, standing: try transaction.lineStanding(),
                proof: try transaction.proofStanding(), topology: topology, parent: topology.parent(of: node.name.unit),
                text: text, now: now)
            return (wall, upward)
        }
        var view = wall.view
        view["upward"] = node.isRoot ? [] : upward.figures
        view["isWall"] = true
        view["refresh"] = "\(PageLimits.wallSeconds)"
        view["clock"] = CivilTime.text(now.seconds)
        // Of a page that stays up while this node does not answer.
        view["stale"] = text("wall.stale", CivilTime.text(now.seconds))
        return try frame.page("wall", view, request, title: text["wall"], kind: "wall")
    }
}

/// What the wall shows.
struct WallView {
    /// The counts that are shown large, and the rates with their two numbers.
    static let counts: [Measure] = [.accepted, .closed, .granted, .overdue]
    static let rates: [Rate] = [.closing, .onTime, .instant, .satisfaction]

    let unit: UnitCode
    let day: StatisticsReport
    let month: StatisticsReport
    let topology: Topology
    let contacts: [(unit: UnitCode, node: UInt32, time: Int64)]
    /// By unit.
    let proofs: [UnitCode: ProofStanding]
    let backlogs: [UnitCode: UnitBacklog]
    let text: PageText
    let now: Moment

    var view: View {
        let frontier = day.frontier
        let behind = frontier.behind.sorted { ($0.time ?? 0, $0.unit) < ($1.time ?? 0, $1.unit) }
        return [
            "periods": [
                period(text["wall.today"], day.total), period(text["wall.month"], month.total),
            ],
            "units": topology.children(of: unit).map(row),
            "complete": text("wall.complete", "\(frontier.complete)", "\(frontier.units.count)"),
            "isComplete": behind.isEmpty,
            "behind": behind.prefix(PageLimits.behindShown).map { one -> View in
                ["behindName": one.name, "behindSince": since(one.time)]
            },
            "behindMore": behind.count > PageLimits.behindShown
                ? text("wall.behindMore", "\(behind.count - PageLimits.behindShown)") : nil,
        ]
    }

    private func period(_ name: String, _ tally: CaseTally) -> View {
        [
            "periodName": name,
            "counts": Self.counts.map { measure -> View in
                [
                    "countKey": measure.rawValue, "countName": text["measure.\(measure.rawValue)"],
                    "countValue": "\(tally[measure])",
                ]
            },
            "rates": Self.rates.map { rate -> View in
                let ratio = tally[rate]
                return [
                    "rateKey": rate.rawValue, "rateName": text["rate.\(rate.rawValue)"],
                    "rateShare": ratio.scaled(to: 1000).map { "\($0 / 10).\(abs($0 % 10))%" } ?? "–",
                    "rateParts": "\(ratio.numerator) / \(ratio.denominator)",
                ]
            },
        ]
    }

    /// A unit directly below, with how far it and all below it are.
    private func row(_ child: UnitCode) -> View {
        let heard = contacts.filter { $0.unit == child && $0.time > 0 }.map(\.time).max()
        let frontier = day.frontier.of { topology.isAboveOrSelf(child, $0) }
        let isComplete = frontier.behind.isEmpty
        let unheard = frontier.units.count { $0.time == nil }
        let backlog = backlogs[child] ?? UnitBacklog()
        return [
            "rowName": topology[child]?.name ?? child.text, "rowCode": child.text, "rowOpen": "\(backlog.open)",
            "rowOverdue": backlog.overdue == 0 ? nil : text("wall.rowOverdue", "\(backlog.overdue)"),
            "rowHeard": heard.map { text.time($0, now: now) } ?? text["wall.neverHeard"],
            "rowProof": proofs[child]?.proven.map { text.time($0, now: now) } ?? text["wall.proofNever"],
            "rowDiffers": proofs[child]?.isUnsettled == true ? text["wall.proofDiffers"] : nil,
            "rowComplete": "\(frontier.complete) / \(frontier.units.count)", "isRowComplete": isComplete,
            "rowLag": isComplete
                ? nil
                : unheard > 0
                    ? text("wall.unheard", "\(unheard)") : frontier.time.map { text.span(max(0, now.seconds - $0)) },
        ]
    }

    private func since(_ time: Int64?) -> String {
        time.map { text("wall.behindSince", text.time($0, now: now)) } ?? text["wall.neverComplete"]
    }
}
