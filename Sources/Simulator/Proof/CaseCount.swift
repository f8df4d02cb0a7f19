import ChangeSet
import ServiceModel

/// The city's figures, counted the slow way over what the oracle makes of the cases. Each case is booked once for each
/// of its acts, on the legal day of that act, for the unit that accepted it.
struct CaseCount {
    enum Grouping: String, CaseIterable {
        case all = ""
        case unit, item, day, month, kind, department, channel
    }

    private struct Booking {
        let day: Int32
        let unit: String
        let promise: WirePromise
        let channel: String
        var counts: [String: Int]
    }

    private let sight: OracleCharter.Sight
    private var bookings: [Booking] = []

    init(_ truth: Truth) {
        sight = truth.charter.whole
        let calendar = OracleCalendar(sight)
        for record in truth.records where record.state.phase != nil { book(record, truth, calendar) }
    }

    /// By key; groups of which nothing is counted are left out.
    func figures(by grouping: Grouping, under root: String) -> [String: [String: Int]] {
        var out: [String: [String: Int]] = grouping == .all ? ["": [:]] : [:]
        for booking in bookings {
            let lineage = [booking.unit] + sight.above(booking.unit)
            guard let at = lineage.firstIndex(of: root) else { continue }
            let key =
                switch grouping {
                case .all: ""
                case .unit: lineage[max(at - 1, 0)]
                case .item: booking.promise.item
                case .day: OracleCalendar.text(of: booking.day)
                case .month: String(OracleCalendar.text(of: booking.day).dropLast(3))
                case .kind: booking.promise.itemKind
                case .department: booking.promise.department
                case .channel: booking.channel
                }
            out[key, default: [:]].merge(booking.counts.filter { $0.value != 0 }, uniquingKeysWith: +)
        }
        return out.mapValues { $0.filter { $0.value != 0 } }
    }

    /// By their numbers on the wire; any other reads as 0 (PROTOCOL 5).
    private static let channels: [UInt32: String] = [
        0: "counter", 1: "online", 2: "phone", 3: "machine", 4: "imported",
    ]

    private mutating func book(_ record: Truth.Record, _ truth: Truth, _ calendar: OracleCalendar) {
        guard let first = record.first, let body = first.body, body.hasPromise,
            let unit = truth.authors[first.row.place.author]?.unit
        else { return }
        let channel = Self.channels[first.wire.channel] ?? "counter"
        func note(_ day: Int32?, _ counts: [String: Int]) {
            guard let day else { return }
            bookings.append(
                Booking(day: day, unit: unit, promise: body.promise, channel: channel, counts: counts))
        }
        let acts = record.state.chain.flatMap { leaf in
            ((record.oracle.acts[leaf]?.admits ?? []) + [leaf]).compactMap { record.acts[$0] }
        }.filter { $0.body != nil && record.oracle.rules.actions[$0.wire.kind] != nil }
        let decision = acts.first { $0.wire.kind == 10 }
        let decided = decision?.body?.day
        let closed = decided ?? acts.first { $0.wire.kind == 14 || $0.wire.kind == 15 }?.body?.day
        note(body.day, ["accepted": 1, "online": first.wire.channel == 1 ? 1 : 0])
        var counts = ["closed": 1, "instant": body.promise.instant ? 1 : 0]
        counts["withdrawn"] = record.state.phase == "withdrawn" ? 1 : 0
        counts["cancelled"] = record.state.phase == "cancelled" ? 1 : 0
        if let decided {
            counts["decided"] = 1
            if let outcome = decision?.body?.writes.last(where: { $0.field == "decision" })?.value,
                ["granted", "refused"].contains(outcome)
            {
                counts[outcome] = 1
            }
            measure(&counts, body.promise, from: body.day, to: decided, acts, calendar)
        }
        note(closed, counts)
        note(acts.first { $0.wire.kind == 12 }?.body?.day, ["delivered": 1])
        evaluation(record).map { day, isGood in note(day, ["evaluated": 1, "satisfied": isGood ? 1 : 0]) }
    }

    private func measure(
        _ counts: inout [String: Int], _ promise: WirePromise, from start: Int32, to decided: Int32, _ acts: [RawAct],
        _ calendar: OracleCalendar
    ) {
        let clock = OracleCalendar.Clock(start: start, still: Self.suspensions(acts), calendar: calendar)
        let used = clock.used(through: decided)
        counts["usedDays"] = used
        if promise.hasPromised, let (due, days) = clock.due(promise.promised) {
            counts["limited"] = 1
            counts["early"] = decided < due ? 1 : 0
            counts["onTime"] = decided <= due ? 1 : 0
            counts["overdue"] = decided > due ? 1 : 0
            counts["limitDays"] = days
            counts["limitUsedDays"] = used
        }
        if promise.hasStatutory, let (_, days) = clock.due(promise.statutory) {
            counts["statutoryDays"] = days
            counts["statutoryUsedDays"] = used
        }
    }

    /// From a correction to its supplement the clock stands still.
    private static func suspensions(_ acts: [RawAct]) -> [(first: Int32, last: Int32)] {
        var out: [(first: Int32, last: Int32)] = [], since: Int32?
        for act in acts {
            guard let day = act.body?.day else { continue }
            if act.wire.kind == 3 { since = since ?? day }
            if act.wire.kind == 4, let first = since {
                out.append((first, max(first, day)))
                since = nil
            }
        }
        return since.map { out + [($0, .max)] } ?? out
    }

    private func evaluation(_ record: Truth.Record) -> (day: Int32, isGood: Bool)? {
        guard let value = record.state.values["evaluation"], let writer = record.acts[value.writer],
            writer.wire.kind == 22 || writer.wire.kind == 17, let day = writer.body?.day
        else { return nil }
        let good = ["非常满意", "满意", "基本满意"], bad = ["不满意", "非常不满意"]
        return good.contains(value.value) || bad.contains(value.value) ? (day, good.contains(value.value)) : nil
    }
}
