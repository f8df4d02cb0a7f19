/// The locks on a database file that SQLite asks for, by handle (https://sqlite.org/lockingv3.html).
struct FileLocks {
    enum Level: Int32, Comparable {
        case none, shared, reserved, pending, exclusive

        static func < (one: Level, other: Level) -> Bool { one.rawValue < other.rawValue }
    }

    private var levels: [Int: Level] = [:]

    /// False when another handle is in the way.
    mutating func lock(_ handle: Int, to level: Level) -> Bool {
        guard levels[handle, default: .none] < level else { return true }
        let others = levels.filter { $0.key != handle }.values.max() ?? .none
        switch level {
        case .none: return true
        case .shared: guard others < .pending else { return false }
        case .reserved: guard others < .reserved else { return false }
        case .pending, .exclusive:
            guard others < .reserved else { return false }
            // Nobody else begins to read, and who reads ends some time.
            guard others == .none else {
                levels[handle] = .pending
                return false
            }
        }
        levels[handle] = level
        return true
    }

    mutating func unlock(_ handle: Int, to level: Level) {
        guard levels[handle, default: .none] > level else { return }
        levels[handle] = level == .none ? nil : level
    }

    var isReserved: Bool { levels.values.contains { $0 >= .reserved } }
}
