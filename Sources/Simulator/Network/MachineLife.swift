/// A machine for as long as it knows which numbers it has given: until its anchor is lost, or set back with the rest.
package struct MachineLife: Hashable, Sendable {
    /// Its folder.
    let machine: String
    let number: Int
    /// How often the machine had been set back with its anchor by then.
    var setBacks = 0
}

extension SimulatedNetwork {
    /// The present machine of a unit, and which of its lives this is.
    package func life(of name: String) -> MachineLife {
        let machine = directory(name).url.lastPathComponent
        return MachineLife(
            machine: machine, number: lives[machine, default: 0], setBacks: setBacks[machine, default: 0])
    }

    /// From now on the machine may give what it has given before.
    func beginLife(of name: String) { lives[directory(name).url.lastPathComponent, default: 0] += 1 }

    /// The same, and not even its anchor tells.
    func noteSetBack(of name: String) {
        beginLife(of: name)
        setBacks[directory(name).url.lastPathComponent, default: 0] += 1
    }
}
