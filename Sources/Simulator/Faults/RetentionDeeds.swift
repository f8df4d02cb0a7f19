import Foundation
import ServiceModel
import SyncNode

/// Closed cases leave machines when a unit above has them on another disk, and are asked for again.
extension Simulation {
    /// Closed cases may leave every rank below the root on the day on which they were closed.
    func letCasesLeave() throws {
        let root = try network.node(network.root), now = network.time(at: network.root)
        // Figures that were counted without a calendar may still change, and keep a case.
        guard let year = CivilDate(dayNumber: now.day)?.year else { return }
        let years = try [year, year + 1].map { try CalendarYear(year: $0, holidays: [], worked: [], source: "city") }
        try root.importCalendar(years, now: now)
        let lowest = network.units.map(\.tier).max() ?? 0
        for tier in 1...max(1, lowest) { try root.setRetention(months: 0, ofTier: tier, now: now) }
        casesLeave = true
    }

    /// Half the time somebody has made backups of all units above it just before.
    func retireSomewhere() throws {
        let names = network.names.filter { $0 != network.root }
        guard !names.isEmpty else { return }
        let name = random.pick(names)
        if random.one(in: 2) {
            for above in network.path(above: name) where network.hasNode(above) { try backUpElsewhere(above) }
        }
        let pass = try network.node(name).retire(now: network.time(at: name))
        tally.add(.retired, pass.retired)
    }

    @discardableResult
    func backUpElsewhere(_ name: String) throws -> KeptBackup {
        let backup = try network.backUpElsewhere(name)
        elsewhere[name] = backup
        // Those below rely on it from now on: who makes such backups goes back to none of an earlier day.
        snapshots.removeAll { $0.unit == name }
        ledger.noteBackedUp(try network.journal(of: name).leaves, of: name)
        return .made(backup)
    }

    /// A clerk asks for a case that has left the machine.
    /// - Returns: where.
    func fetchSomewhere() throws -> String? {
        let receipts = ledger.confirmed.compactMap(\.receipt)
        guard !receipts.isEmpty else { return nil }
        let name = random.pick(network.names), receipt = random.pick(receipts)
        do {
            try network.node(name).fetchCase(typed: receipt, now: network.time(at: name))
            tally.add(.fetched)
            return name
        } catch NodeError.isHere, NodeError.unknownCase {
            return nil
        }
    }
}
