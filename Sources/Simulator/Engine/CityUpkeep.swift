import ServiceModel

/// What those who run a network do over the years, so that it neither stops nor fills its disks. Each Monday at noon,
/// when every machine is switched on.
extension City {
    private static let week: Int64 = 7 * OfficeHours.day * 1000
    /// In weeks: between two backups of each unit that has others below it, and between two machines that are replaced,
    /// the first of them after half that time.
    private static let (backupPause, machinePause) = (4, 26)

    func planUpkeep() {
        if plan.profile.monthsKept != nil { after(OfficeHours.day * 500, .upkeep(week: 0)) }
    }

    /// What is drawn in it hangs on the week alone, as with faults.
    func keepUp(_ week: Int) throws {
        faultChance = SeededGenerator(state: SeededGenerator.seed(plan.seed, for: "upkeep \(week)"))
        world.drawAnew(for: "upkeep \(week)")
        after(Self.week, .upkeep(week: week + 1))
        try world.publishCalendars()
        try grew(network.root, from: nil)
        try carryOut(CityDeed.enroll, week)
        if week % Self.backupPause == 0 { try leaveAndBackUp() }
        if week % Self.machinePause == Self.machinePause / 2 { try carryOut(CityDeed.cutMachine, week) }
    }

    /// What was backed up the last time leaves; what is backed up now is told by the exchanges to come.
    private func leaveAndBackUp() throws {
        let names = network.names.filter(isOn.contains)
        var left = 0
        for name in names where name != network.root { left += try world.letLeave(at: name) }
        for name in names where !network.children(of: name).isEmpty { try world.replaceBackup(of: name) }
        tell("upkeep", [], "\(left) have left")
    }
}
