import ServiceModel

/// When offices are open and people come, by civil time.
struct OfficeHours: Sendable {
    /// Seconds of civil time since 1970.
    private static func civil(_ seconds: Int64) -> Int64 { seconds + CivilTime.offset }

    static let day: Int64 = 86_400
    /// Half-hours, counted from midnight, in which counters are open, with their share of those who come.
    private static let visits: [(half: Int64, share: Int)] = [
        (17, 6), (18, 12), (19, 14), (20, 12), (21, 9), (22, 6), (23, 3), (27, 4), (28, 8), (29, 9), (30, 8), (31, 6),
        (32, 5), (33, 3), (34, 2),
    ]
    private static let deck = visits.flatMap { Array(repeating: $0.half, count: $0.share) }

    /// 0 is Monday.
    static func weekday(_ seconds: Int64) -> Int { Int((civil(seconds) / day + 3) % 7) }
    static func isWorkday(_ seconds: Int64) -> Bool { weekday(seconds) < 5 }
    /// When the civil day began, in seconds since 1970.
    static func midnight(_ seconds: Int64) -> Int64 { civil(seconds) / day * day - CivilTime.offset }

    private static func isOpen(_ seconds: Int64) -> Bool {
        let half = civil(seconds) % day / 1800
        return isWorkday(seconds) && (half >= 17 && half < 24 || half >= 27 && half < 35)
    }

    /// The moment itself where offices are open, else when they open next.
    static func next(_ seconds: Int64) -> Int64 {
        var at = seconds
        while !isOpen(at) { at = (civil(at) / 1800 + 1) * 1800 - CivilTime.offset }
        return at
    }

    /// A moment of a day at which somebody comes to a counter.
    static func visit(onDayOf seconds: Int64, _ random: inout SeededGenerator) -> Int64 {
        midnight(seconds) + random.pick(deck) * 1800 + Int64(random.below(1800))
    }

    /// How many come on a day, of a thousand on a usual one: fewer while the harvest is brought in, more after it and
    /// before the new year, hardly anybody on days without work.
    static func crowd(onDayOf seconds: Int64) -> Int {
        guard let date = CivilTime.day(at: seconds) else { return 1000 }
        let usual =
            switch date.month {
            case 6, 10: 650
            case 7, 11: 1250
            case 1, 12: 1350
            case 2: 700
            default: 1000
            }
        // Monday has what the days before have left over.
        let week = [1300, 1050, 1000, 950, 900, 40, 20][weekday(seconds)]
        return usual * week / 1000
    }

    /// How many usual days a year is worth: its days by their crowds, and at villages, where seven of ten come, two in
    /// the place of one on every fifth day.
    private static let usualDays = 319

    /// How many thousandths of a person set out on a day, of so many cases in a year.
    static func visitors(of casesPerYear: Int, onDayOf seconds: Int64) -> Int {
        casesPerYear * crowd(onDayOf: seconds) / usualDays
    }

    /// Every fifth day is the fair of a town, on a day of its own.
    static func isFair(of town: Int, onDayOf seconds: Int64) -> Bool {
        (Int(civil(seconds) / day) + town) % 5 == 0
    }
}
