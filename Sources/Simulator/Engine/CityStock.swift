import Foundation
import ServiceModel

/// The figures of a run, taken each hour and at its end.
extension City {
    /// Hours of the day at which judges look, where they do: amid the work, and when it is done.
    private static let looks: Set<Int64> = [10, 14, 18]

    /// Whether this hour's figures are taken.
    var isSampled: Bool { plan.days <= CityPlan.mostDaysByHour || ticks % (OfficeHours.day * 1000) == 0 }
    var isWeekOver: Bool { ticks % (7 * OfficeHours.day * 1000) == 0 }

    func sample() throws {
        figures.hours.append(
            CityFigures.Hour(
                seconds: ticks / 1000, confirmed: figures.confirmed, atRoot: figures.atRoot, openLines: lines.count,
                unitsOut: network.names.count { !isOn.contains($0) || weather.isOut($0) },
                unsettled: try unsettled()))
    }

    func lookAround() throws {
        guard Self.looks.contains((seconds - OfficeHours.midnight(seconds)) / 3600) else { return }
        try look()
    }

    func look() throws {
        guard plan.looksAmid else { return }
        // A disk without power cannot be read.
        try loseDoomed { _ in true }
        try world.look()
    }

    /// What the disks hold at the end; the digest of the run covers every journal.
    func takeStock() throws {
        try sample()
        var sizes: [Int: [Int64]] = [:]
        for name in network.names {
            let head = try network.node(name).replica.read { try $0.journalHead() }
            chronicle.add("\(name) \(head.position) \(head.rolling)")
            sizes[network.tier(of: name), default: []].append(size(of: name))
        }
        figures.stores = sizes.sorted { $0.key < $1.key }.map { tier, sizes in
            CityFigures.Store(
                tier: plan.tiers[tier], nodes: sizes.count, bytes: sizes.reduce(0, +), largest: sizes.max() ?? 0)
        }
        figures.conflicts = try unsettled()
        if failures.isEmpty { for name in network.names { try network.rest(name) } }
        weighDisks()
    }

    /// What the disks have in use by now, by tier. In other profiles than `years` machines that are on may have more of
    /// it in their logs.
    func weighDisks() {
        let names = Dictionary(grouping: network.names, by: network.tier(of:))
        for (tier, names) in names.sorted(by: { $0.key < $1.key }) {
            let sizes = names.map(bytesInUse)
            figures.weights.append(
                CityFigures.Weight(
                    seconds: ticks / 1000, tier: plan.tiers[tier], nodes: sizes.count, bytes: sizes.reduce(0, +),
                    largest: sizes.max() ?? 0))
        }
    }

    /// Read from the head of the file, so that nothing is opened for it: where SQLite keeps the size of a page and how
    /// many of them are free.
    private func bytesInUse(by name: String) -> Int64 {
        let url = network.directory(name).replica
        guard let file = try? FileHandle(forReadingFrom: url) else { return 0 }
        defer { try? file.close() }
        guard let head = try? file.read(upToCount: 40), head.count == 40, let size = try? file.seekToEnd() else {
            return 0
        }
        func number(_ range: Range<Int>) -> Int64 { head[range].reduce(0) { $0 << 8 | Int64($1) } }
        // 1 stands for 65,536, which has no room there.
        let page = number(16..<18) == 1 ? 65_536 : number(16..<18)
        return Int64(size) - number(36..<40) * page
    }

    /// Empties the logs before the disks are weighed. Where power fails it would save what a machine has not synced,
    /// and so change the run.
    func emptyLogs() throws {
        guard plan.profile.monthsKept != nil else { return }
        for name in network.names { try network.rest(name) }
    }

    private func unsettled() throws -> Int {
        try network.node(network.root).replica.read { try $0.caseCounts().unsettled }
    }

    private func size(of name: String) -> Int64 {
        let path = network.directory(name).replica.path
        return ["", "-wal"].reduce(0) { sum, suffix in
            let attributes = try? FileManager.default.attributesOfItem(atPath: path + suffix)
            return sum + ((attributes?[.size] as? Int64) ?? Int64(attributes?[.size] as? Int ?? 0))
        }
    }

    /// Holds the healed city against the rules.
    package func check() throws { try world.check() }

    /// Of two runs of one plan it is the same.
    package var digest: RunDigest { chronicle.digest }

    /// The last lines of the story.
    package var lastLines: [String] { chronicle.last }
}
