import ChangeSet
import Foundation
import Replica
import ServiceModel

extension Node {
    /// Publishes the years of a calendar, those that say something new; deadlines are counted again wherever they
    /// arrive.
    /// - Returns: the years that were published and those that the charter has already.
    /// - Throws: `NodeError.notRoot`.
    @discardableResult
    package func importCalendar(_ years: [CalendarYear], now: Moment) throws -> (new: [Int], unchanged: [Int]) {
        guard isRoot else { throw NodeError.notRoot }
        let held = try replica.read { $0.deadlineRules.calendar.years }
        let new = years.filter { held[$0.year] != $0 }
        if !new.isEmpty { try enter(new.map { .calendar(WireCalendarYear($0)) }, now: now) }
        return (new.map(\.year), years.map(\.year).filter { year in !new.contains { $0.year == year } })
    }

    /// Gives a policy of the network a value.
    /// - Throws: `NodeError.notRoot`, `NodeError.badInput` for a name or value that is too long.
    package func setPolicy(_ name: String, to value: String, now: Moment) throws {
        guard (1...PolicyBounds.longestName).contains(name.utf8.count),
            value.utf8.count <= PolicyBounds.longestValue
        else { throw NodeError.badInput(name) }
        try enter(
            [
                .policy(
                    .with {
                        $0.name = name
                        $0.value = value
                    })
            ], now: now)
    }
}
