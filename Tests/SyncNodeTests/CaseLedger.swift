import Foundation
import Replica
import ServiceModel

/// What a test did to cases, kept apart from everything that it tests, and counted the plain way.
struct CaseLedger {
    struct Entry {
        let unit: String
        let item: String
        let channel: String
        let isInstant: Bool
        let promised: Int?
        let statutory: Int?
        let accepted: Int32
        var corrections: [(from: Int32, to: Int32?)] = []
        var decided: (day: Int32, outcome: Outcome)?
        var ended: (day: Int32, how: Measure)?
        var delivered: Int32?
        var evaluated: (day: Int32, level: Satisfaction)?
    }

    var entries: [Entry] = []
    let freeDays: Set<Int32>
    let workedDays: Set<Int32>

    private func isWorked(_ day: Int32) -> Bool {
        // 1970-01-01 was a Thursday: days 2 and 3 of a week counted from there are its weekend.
        let isWeekend = [2, 3].contains(day % 7)
        return workedDays.contains(day) || (!isWeekend && !freeDays.contains(day))
    }

    private func counts(_ day: Int32, of entry: Entry) -> Bool {
        day != entry.accepted && isWorked(day)
            && !entry.corrections.contains { $0.from <= day && day <= ($0.to ?? .max) }
    }

    private func used(_ entry: Entry, by end: Int32) -> Int {
        (entry.accepted...max(entry.accepted, end)).count { counts($0, of: entry) }
    }

    private func due(_ entry: Entry, _ limit: Int) -> Int32 {
        var day = entry.accepted
        while used(entry, by: day) < limit { day += 1 }
        return day
    }

    /// All measures by a key that each act has.
    func tallies(by key: (Entry, _ day: Int32) -> String?) -> [String: CaseTally] {
        var out: [String: [Measure: Int]] = [:]
        for entry in entries {
            func book(_ day: Int32, _ measure: Measure, _ amount: Int = 1) {
                guard let key = key(entry, day) else { return }
                out[key, default: [:]][measure, default: 0] += amount
            }
            book(entry.accepted, .accepted)
            if entry.channel == "online" { book(entry.accepted, .online) }
            if let day = entry.decided?.day ?? entry.ended?.day {
                book(day, .closed)
                if entry.isInstant { book(day, .instant) }
            }
            if let (day, how) = entry.ended { book(day, how) }
            if let (day, outcome) = entry.decided {
                let days = used(entry, by: day)
                book(day, outcome == .granted ? .granted : .refused)
                book(day, .decided)
                book(day, .usedDays, days)
                if let limit = entry.promised {
                    let due = due(entry, limit)
                    book(day, .limited)
                    book(day, .limitDays, limit)
                    book(day, .limitUsedDays, days)
                    if day < due { book(day, .early) }
                    book(day, day <= due ? .onTime : .overdue)
                }
                if let limit = entry.statutory {
                    book(day, .statutoryDays, limit)
                    book(day, .statutoryUsedDays, days)
                }
            }
            if let day = entry.delivered { book(day, .delivered) }
            if let (day, level) = entry.evaluated {
                book(day, .evaluated)
                if !level.isBad { book(day, .satisfied) }
            }
        }
        return out.mapValues { CaseTally($0) }
    }
}
