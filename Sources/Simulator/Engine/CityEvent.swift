/// What happens in a simulated city. `life` and `line` tell an event whose occasion is gone from one that still counts.
enum CityEvent: Sendable {
    // MARK: Lines
    /// A unit's uplink is due to dial.
    case dial(String, life: Int)
    /// Whom it dialled has answered, or has not.
    case reached(String, life: Int, index: Int)
    case unreached(String, life: Int)
    /// The better uplinks are looked after.
    case look(String, life: Int)
    /// A piece has left the child, or has come to the parent; and the other way.
    case sentUp(line: Int)
    case cameUp(line: Int, bytes: Int)
    case sentDown(line: Int)
    case cameDown(line: Int, bytes: Int)
    /// The parent comes to do what an exchange asks for.
    case serve(line: Int)
    case tick(line: Int)
    /// A node tells its lines that something is new.
    case news(String)

    // MARK: People
    case day
    /// Somebody comes to a unit's counter.
    case arrival(String)
    /// Somebody at a unit takes up a case, by its number in the run.
    case desk(String, Int)

    // MARK: Machines and weather
    case switched(String, on: Bool)
    case heartbeat(String, life: Int)
    /// `number` counts the faults of a plan, from 0; one that begins and ends has one.
    case fault(CityFault, number: Int)
    /// By its number in the plan.
    case rehearsed(Int)
    /// What those who run a network do over the years, by the number of the week.
    case upkeep(week: Int)
    /// The power of a machine that was doomed has gone by now.
    case powerOff(String)
    /// The figures of the run are taken.
    case sample

    /// Its kind, without what it is about.
    var name: String {
        switch self {
        case .fault(.deed(let deed), _): "deed \(deed.rawValue)"
        case .fault(let fault, _): Self.kind(of: fault)
        default: Self.kind(of: self)
        }
    }

    private static func kind(of value: some Sendable) -> String { String("\(value)".prefix { $0 != "(" }) }
}

/// What goes wrong, and right again.
enum CityFault: Sendable, Hashable {
    /// A unit's own line is cut, and may be dialled again at once.
    case cut(String)
    case outage(String, begins: Bool)
    case portal(String, begins: Bool)
    /// Nobody inside a unit's region reaches anybody outside.
    case partition(String, begins: Bool)
    /// No line of anybody in the region works.
    case blackout(String, begins: Bool)
    case deed(CityDeed)
    /// Most machines begin with an earlier version of the program.
    case older

    /// Whether something that was wrong is right again.
    var isEnd: Bool {
        switch self {
        case .outage(_, let begins), .portal(_, let begins), .partition(_, let begins), .blackout(_, let begins):
            !begins
        case .cut, .deed, .older: false
        }
    }
}

/// What is done to machines and to the network by those who run it, or by bad luck.
enum CityDeed: String, Sendable, Hashable, CaseIterable {
    case crash, restart, backup, restore, loseAnchor, clockJump, deadBattery, clockSet, move, grant, cutMachine, enroll
    case revise, duplicate, retire, fetch
    case merge, moveSubtree, bundle, volume, clone, sit, cutFork, upgrade
    // Those that came when seeds had been kept: planned behind everything else, each from a stream of its own.
    case snapshot, rollBack
    case strain, loseDisk, rot

    static let early = allCases.prefix { $0 != .snapshot }
    static let late = allCases.drop { $0 != .snapshot }
}
