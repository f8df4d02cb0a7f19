import ServiceModel

/// Units and machines that change what they are: merged ones, two machines of one disk, sticks, other versions.
extension City {
    /// The cases of a unit that ends are taken over by the one above it, and handed to the one that goes on for it.
    func merge() throws {
        guard let (ended, successor) = try world.mergeSomeUnits() else { return }
        try merged(ended, into: successor)
    }

    func merged(_ ended: String, into successor: String) throws {
        tell("merge", [ended, successor])
        try grew(network.root, from: nil)
        for number in stories.indices where stories[number].counter == ended {
            stories[number].counter = successor
            if let above = network.parent(of: ended) { try put(number, onDeskOf: above, within: 2 * 86_400) }
        }
    }

    /// Whether a unit stands right above one that has ended.
    func isAboveEnded(_ name: String) -> Bool {
        world.successors.keys.contains { network.hasEnded($0) && network.parent(of: $0) == name }
    }

    /// Whether a unit takes over what another one holds.
    func takesOver(_ name: String, from holder: String) -> Bool {
        network.hasEnded(holder) && network.parent(of: holder) == name
    }

    /// The unit at whose counter somebody finds an open door; a unit that has not heard of its end is open.
    func openCounter(_ name: String) throws -> String {
        guard network.hasEnded(name), let unit = UnitCode(name) else { return name }
        let knows = try network.node(name).replica.read { $0.charter.current.topology[unit]?.until != nil }
        return knows ? world.successor(of: name) : name
    }

    func bringStick() throws {
        guard let (sender, recipient) = try world.bringStick() else { return }
        tell("volume", [recipient, sender])
        try grew(recipient, from: sender)
    }

    func clone() throws {
        guard let name = world.machineToClone() else { return }
        tell("clone", [name])
        try begunAgain(name)
        try world.clone(name)
    }

    /// The clerk turns to the other machine of the same disk.
    func sit() throws {
        guard let name = world.unitWithCopy() else { return }
        tell("sit", [name])
        try begunAgain(name)
        try world.sitAtOther(of: name)
        try doubtQuotes(at: name)
        seen[name] = 0
        try enrollRenamed()
        try grew(name, from: name)
    }

    /// Somebody goes back to a snapshot of a machine.
    func rollBack(_ number: Int) throws {
        guard let snapshot = world.snapshotToRollBackTo() else { return }
        let name = snapshot.unit
        try setBack(name, "roll back", number) { try world.rollBack(to: snapshot) }
        try enrollRenamed()
        try grew(name, from: name)
    }

    /// Half the time the line of a machine is cut that is set back, and its clerk works before anybody can tell it what
    /// it has forgotten.
    func setBack(_ name: String, _ what: String, _ number: Int, _ body: () throws -> Void) throws {
        let isCutOff = name != network.root && faultChance.one(in: 2)
        tell(what, [name], isCutOff ? "without a line" : "")
        let length = Int64(10 + faultChance.below(300)) * 60_000
        if isCutOff {
            outage(of: name, begins: true)
            after(length, .fault(.outage(name, begins: false), number: number))
        }
        try begunAgain(name)
        try body()
        try doubtQuotes(at: name)
        seen[name] = 0
        if isCutOff { try world.workAlone(at: name, times: 1 + faultChance.below(3)) }
    }

    func cutFork() throws {
        guard let fork = try world.forkToCut() else { return }
        let name = fork.author.unit.text
        tell("cut off a fork", [name])
        try world.cut(fork)
        try grew(network.root, from: nil)
        try enrollRenamed()
    }

    /// Machines whose name was cut get another one, where the unit above has heard of it.
    func enrollRenamed() throws {
        for name in world.renaming.sorted() where network.hasNode(name) { try begunAgain(name) }
        let before = world.renaming
        try world.enrollRenamed()
        for name in before.subtracting(world.renaming).sorted() {
            tell("renamed", [name])
            try grew(name, from: name)
        }
    }

    func upgrade() throws {
        guard let name = world.unitToUpgrade() else { return }
        try upgrade(name)
    }

    func upgrade(_ name: String) throws {
        tell("upgrade", [name])
        try begunAgain(name)
        try world.upgrade(name)
        try grew(name, from: name)
    }
}
