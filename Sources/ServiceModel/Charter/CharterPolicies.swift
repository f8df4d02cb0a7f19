/// A calendar or policy and the entry that states it.
struct Dated<Value: Sendable>: Sendable {
    let rank: CharterRank
    let place: CharterPlace
    let value: Value
}

extension [Int: [Dated<CalendarYear>]] {
    mutating func enter(_ year: CalendarYear, rank: CharterRank, place: CharterPlace) {
        self[year.year, default: []].insert(Dated(rank: rank, place: place, value: year))
    }
}

extension [String: [Dated<String>]] {
    mutating func enter(_ value: String, of name: String, rank: CharterRank, place: CharterPlace) {
        self[name, default: []].insert(Dated(rank: rank, place: place, value: value))
    }
}

extension Array {
    /// Keeps the order of the log.
    fileprivate mutating func insert<Value>(_ dated: Dated<Value>) where Element == Dated<Value> {
        insert(dated, at: firstIndex { dated.rank < $0.rank } ?? endIndex)
    }
}

/// What the fold does not read: days and amounts that are policy of the network.
extension CharterView {
    /// The calendars that are visible from here, year by year the last one of the log.
    package var calendar: PublishedCalendar {
        PublishedCalendar(
            ledger.calendars.values.compactMap { dated in dated.last { reach.contains($0.place) }?.value })
    }

    /// The value that was last given to a policy; nil when it was never set.
    package func policy(_ name: String) -> String? {
        ledger.policies[name]?.last { reach.contains($0.place) }?.value
    }
}
