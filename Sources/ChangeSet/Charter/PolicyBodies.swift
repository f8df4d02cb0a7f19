import ServiceModel

// The fold does not read calendars and policies, so that one which this version finds wrong is passed over: the log
// goes on behind it.

extension CalendarYear {
    init?(_ wire: WireCalendarYear) {
        guard wire.holidays.count + wire.workdays.count <= Self.mostDays else { return nil }
        let holidays = wire.holidays.compactMap { CivilDate(dayNumber: $0) }
        let worked = wire.workdays.compactMap { CivilDate(dayNumber: $0) }
        guard holidays.count + worked.count == wire.holidays.count + wire.workdays.count, wire.year <= 9999,
            let year = try? CalendarYear(
                year: Int(wire.year), holidays: holidays, worked: worked, source: wire.source)
        else { return nil }
        self = year
    }
}

extension WireCalendarYear {
    package init(_ calendar: CalendarYear) {
        self.init()
        year = UInt32(calendar.year)
        holidays = calendar.holidays.map(\.dayNumber)
        workdays = calendar.worked.map(\.dayNumber)
        source = calendar.source
    }
}

/// How long a policy's name and value may be.
package enum PolicyBounds {
    package static let longestName = 64
    package static let longestValue = 1024

    static func admit(_ policy: WirePolicy) -> Bool {
        (1...longestName).contains(policy.name.utf8.count) && policy.value.utf8.count <= longestValue
    }
}
