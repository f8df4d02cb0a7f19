import ServiceModel

/// Machines that still run an earlier version, which has no rule for what its people do not do yet. They are brought up
/// to the present one by one.
extension Simulation {
    /// What an earlier version may lack: nothing that comes after it becomes void when the version learns it.
    private static let young: [CaseAction] = [.amend, .note, .evaluate]

    /// Most machines begin with an earlier version.
    func beginOlder() throws {
        var lacking = Set(Self.young.filter { _ in random.one(in: 2) })
        if lacking.isEmpty { lacking = [random.pick(Self.young)] }
        for name in network.names where !random.one(in: 4) {
            tally.add(.older)
            try network.begin(name, lacking: lacking)
        }
    }

    /// Whose machine may be brought up to the present version; nil where all are.
    func unitToUpgrade() -> String? {
        let names = network.older.keys.sorted().filter(network.hasNode)
        return names.isEmpty ? nil : random.pick(names)
    }

    func upgrade(_ name: String) throws {
        dropLines(of: name)
        tally.add(.upgrades)
        try network.upgrade(name)
    }

    func upgradeAll() throws {
        for name in network.older.keys.sorted() where network.hasNode(name) { try upgrade(name) }
    }
}
