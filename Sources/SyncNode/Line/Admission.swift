import Trust

/// Which of the children that come are served now, and when the others are to come again.
///
/// Only exchanges that work count: those that have something to do, or did something within the last half second. One
/// that waits for news, or for a slow line, takes no place, so that a hundred of them keep nobody out. Who is refused
/// has a place in the line of those who wait, and nobody behind it goes before it. The only clock is the caller's:
/// milliseconds of one that goes forward.
package struct Admission: Sendable {
    package struct Bounds: Sendable {
        /// Exchanges that work at once; one more child is told to come again.
        package var working = 16
        /// Milliseconds after which one that does nothing no longer works.
        package var quiet: Int64 = 500
        /// Seconds after which a refused child is to come again.
        package var pause: ClosedRange<Int64> = 1...60
        /// Milliseconds for which the place of one that does not come is kept: dialling takes its time on a bad line.
        package var grace: Int64 = 20_000

        package init(working: Int = 16, quiet: Int64 = 500, pause: ClosedRange<Int64> = 1...60, grace: Int64 = 20_000) {
            self.working = working
            self.quiet = quiet
            self.pause = pause
            self.grace = grace
        }
    }

    package enum Verdict: Equatable, Sendable {
        case admitted(Int)
        /// Seconds after which to come again.
        case busy(Int64)
    }

    private struct Place {
        let child: NodeName
        var since: Int64
        var moved: Int64
        /// It has something to do, and may be waiting for its turn.
        var isBusy = false
        /// It waits for the line to take what it says.
        var isSending = false
        var isCounted = false
    }

    private struct Ticket {
        let number: Int
        var due: Int64
    }

    private let bounds: Bounds
    private var inside: [Int: Place] = [:]
    private var waiting: [NodeName: Ticket] = [:]
    private var next = 0
    /// Milliseconds for which an exchange works, as far as was seen.
    private var spell: Int64 = 2000
    /// Refused since the start.
    package private(set) var refused = 0

    package init(_ bounds: Bounds = Bounds()) { self.bounds = bounds }

    /// A child has one exchange at a time: one that comes again has lost the one before, or should have.
    /// - Returns: the place that it had, whose exchange is to be ended.
    package mutating func comesAgain(_ child: NodeName, at now: Int64) -> Int? {
        guard let place = inside.first(where: { $0.value.child == child })?.key else { return nil }
        left(place, at: now)
        return place
    }

    /// - Parameter random: 0..<1000, so that those who were refused together do not come together.
    package mutating func arrive(_ child: NodeName, at now: Int64, random: Int64) -> Verdict {
        waiting = waiting.filter { $0.value.due + bounds.grace >= now }
        measure(at: now)
        next += 1
        let number = waiting[child]?.number ?? next
        let ahead = waiting.values.count { $0.number < number }
        let free = bounds.working - inside.values.count { isWorking($0, at: now) }
        guard free <= ahead else {
            waiting[child] = nil
            inside[next] = Place(child: child, since: now, moved: now)
            return .admitted(next)
        }
        let turns = Int64(ahead + 1 - free)
        let time = turns * spell / Int64(max(1, bounds.working)) + spell * random / 1000
        let pause = min(max((time + 999) / 1000, bounds.pause.lowerBound), bounds.pause.upperBound)
        waiting[child] = Ticket(number: number, due: now + pause * 1000)
        refused += 1
        return .busy(pause)
    }

    /// An exchange has something to do.
    package mutating func began(_ place: Int, at now: Int64) {
        moved(place, at: now)
        inside[place]?.isBusy = true
    }

    /// Bytes have come for an exchange: something to do, unless it waits for the line itself.
    package mutating func heard(_ place: Int, at now: Int64) {
        if inside[place]?.isSending == false { began(place, at: now) }
    }

    /// An exchange waits for the line to take what it says.
    package mutating func sends(_ place: Int, at now: Int64) {
        moved(place, at: now)
        inside[place]?.isSending = true
    }

    /// An exchange has done something, and now waits for others.
    package mutating func moved(_ place: Int, at now: Int64) {
        guard let before = inside[place] else { return }
        inside[place] = Place(
            child: before.child, since: isWorking(before, at: now) ? before.since : now, moved: now)
    }

    /// An exchange has ended.
    package mutating func left(_ place: Int, at now: Int64) {
        if let last = inside.removeValue(forKey: place), !last.isCounted { count(last) }
    }

    private func isWorking(_ place: Place, at now: Int64) -> Bool {
        place.isBusy || now - place.moved < bounds.quiet
    }

    private mutating func measure(at now: Int64) {
        for (id, place) in inside where !place.isCounted && !isWorking(place, at: now) {
            inside[id]?.isCounted = true
            count(place)
        }
    }

    private mutating func count(_ place: Place) {
        let took = min(30_000, place.moved - place.since + bounds.quiet)
        spell = (spell * 7 + took) / 8
    }
}
