import Replica
import SyncNode

/// Clocks that run fast or slow and are set, wrong or right; and what a machine that serves notices of it.
extension City {
    /// The most seconds that a clock gains or loses in a million, as those of cheap machines do.
    private static let mostDrift = 50

    func letClocksDrift() {
        for name in network.names {
            var chance = SeededGenerator(state: SeededGenerator.seed(plan.seed, for: "clock of \(name)"))
            network.drift(name, by: Int64(chance.below(2 * Self.mostDrift + 1) - Self.mostDrift))
        }
    }

    func setClock(of name: String, _ deed: CityDeed, _ number: Int) throws {
        let skew: Int64? =
            switch deed {
            // The wrong day, or the wrong hour: what is a little ahead is believed sooner.
            case .clockJump: faultChance.within(faultChance.one(in: 2) ? 2 * 86_400 : 3 * 3600)
            // 2000-01-01, where many clocks begin.
            case .deadBattery: 946_684_800 - seconds
            default: nil
            }
        let wrong = skew == nil ? network.skew.keys.sorted().first { abs(network.skew[$0] ?? 0) > 3600 } : name
        guard let wrong else { return }
        let before = network.time(at: wrong).seconds
        network.skew[wrong] = skew
        tell(deed.rawValue, [wrong], skew.map { "\($0) s" } ?? "")
        if deed == .clockJump, faultChance.one(in: 2) {
            // Whoever has been at the machine takes its line away too, when it has said a little more.
            let from = Int64(1 + faultChance.below(20)) * 60_000, length = Int64(10 + faultChance.below(60)) * 60_000
            after(from, .fault(.outage(wrong, begins: true), number: number))
            after(from + length, .fault(.outage(wrong, begins: false), number: number))
        }
        // Last, since the power of a doomed machine may go with it.
        try noteJump(at: wrong, from: before)
    }

    /// Everybody's clock is right again.
    func setClocks() throws {
        let before = network.names.map { ($0, network.time(at: $0).seconds) }
        network.setClocks()
        for (name, shown) in before { try noteJump(at: name, from: shown) }
    }

    /// As a server does at its start: while nobody served the clock may have been set back.
    func doubtQuotes(at name: String) throws {
        guard isOn.contains(name), network.hasNode(name) else { return }
        try network.node(name).doubtQuotes(now: network.time(at: name))
    }

    /// As `ClockWatch` does when it looks next, on a machine that serves.
    private func noteJump(at name: String, from before: Int64) throws {
        guard isOn.contains(name), network.hasNode(name) else { return }
        let now = network.time(at: name).seconds
        var pace = ClockPace(shows: before, elapsed: 0)
        guard let jump = pace.look(shows: now, elapsed: 0) else { return }
        // Another process than the one that kept the last may have begun since.
        _ = try network.node(name).note(jump, after: nil)
    }
}
