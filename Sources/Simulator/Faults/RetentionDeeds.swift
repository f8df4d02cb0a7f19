import Foundation
import ServiceModel
import SyncNode

/// Closed cases leave machines when a unit above has them on another disk, and are asked for again.
extension Simulation {
    /// Closed cases may leave every rank below the root, on the day on which they were closed or after some months.
    func letCasesLeave(months: Int = 0) throws {
        guard try publishCalendars() else { return }
        let root = try network.node(network.root), now = network.time(at: network.root)
        let lowest = network.units.map(\.tier).max() ?? 0
        for tier in 1...max(1, lowest) { try root.setRetention(months: months, ofTier: tier, now: now) }
        casesLeave = true
    }

    /// The calendars of this year and the next one: figures that were counted without one may still change, and keep a
    /// case.
    /// - Returns: false where there is no such year.
    @discardableResult
    func publishCalendars() throws -> Bool {
        let root = try network.node(network.root), now = network.time(at: network.root)
        guard let year = CivilDate(dayNumber: now.day)?.year else { return false }
        let years = try [year, year + 1].map { try CalendarYear(year: $0, holidays: [], worked: [], source: "city") }
        try root.importCalendar(years, now: now)
        return true
    }

    /// A backup of a unit on another disk, in place of the one before.
    func replaceBackup(of name: String) throws {
        let before = elsewhere[name]
        try backUpElsewhere(name)
        if let before { try FileManager.default.removeItem(at: before.folder) }
    }

    /// The pass of a night over the closed cases of a unit.
    /// - Returns: how many have left.
    func letLeave(at name: String) throws -> Int {
        let pass = try network.node(name).retire(now: network.time(at: name))
        tally.add(.retired, pass.retired)
        return pass.retired
    }

    /// Half the time somebody has made backups of all units above it just before.
    func retireSomewhere() throws {
        let names = network.names.filter { $0 != network.root }
        guard !names.isEmpty else { return }
        let name = random.pick(names)
        if random.one(in: 2) {
            for above in network.path(above: name) where network.hasNode(above) { try backUpElsewhere(above) }
        }
        _ = try letLeave(at: name)
    }

    @discardableResult
    func backUpElsewhere(_ name: String) throws -> KeptBackup {
        let backup = try network.backUpElsewhere(name)
        elsewhere[name] = backup
        // Those below rely on it from now on: who makes such backups goes back to none of an earlier day.
        snapshots.removeAll { $0.unit == name }
        try noteBackedUp(backup, of: name)
        return .made(backup)
    }

    /// In a larger network a journal is not read whole beside that of its backup.
    private static let mostRead = 100

    /// What counts as backed up is what lies in the backup's own file, and that must be all that the machine holds.
    func noteBackedUp(_ backup: Backup, of name: String) throws {
        let held = try network.journal(in: backup).leaves
        ledger.noteBackedUp(held, of: name)
        let missing =
            network.names.count > Self.mostRead
            ? try network.countOfRows(missingIn: backup, of: name)
            : try network.journal(of: name).leaves.subtracting(held).count
        if missing > 0 { fail("9: the backup of \(name) lacks \(missing) of its change sets") }
    }

    /// What others rely on in a backup is there again when it has been restored. Of a machine without an anchor some of
    /// it may count no more, and lies there all the same.
    func demandBackedUp(_ backup: Backup, at name: String) throws {
        guard elsewhere[name]?.folder == backup.folder else { return }
        let missing = ledger.backedUp(at: name).subtracting(try network.journal(of: name).rows.map(\.leaf))
        if !missing.isEmpty { fail("9: \(name) lacks \(missing.count) change sets of the backup that was restored") }
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
