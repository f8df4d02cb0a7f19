/// What a loss of power leaves of that which no sync had confirmed.
package enum Survivors: Sendable {
    /// Nothing: the disk had not begun to write it.
    case nothing
    /// All of it: the disk was ahead of the sync.
    case everything
    /// Some of it, in whole writes and in torn ones.
    case some(SeededGenerator, fate: Fate = .torn)

    /// Of one write.
    package enum Fate: Sendable {
        case kept, lost, torn
    }

    /// Decides about a whole write: a disk that is asked to do much does much of it whole.
    mutating func nextChange() {
        guard case .some(var generator, _) = self else { return }
        let fate: Fate = [.kept, .lost, .torn][generator.below(3)]
        self = .some(generator, fate: fate)
    }

    mutating func keepsSector() -> Bool {
        switch self {
        case .nothing, .some(_, .lost): return false
        case .everything, .some(_, .kept): return true
        case .some(_, .torn): return keepsName()
        }
    }

    /// Whether a change survives that happens at once or not at all: of a name, of a size.
    mutating func keepsName() -> Bool {
        switch self {
        case .nothing: return false
        case .everything: return true
        case .some(var generator, let fate):
            let keeps = generator.one(in: 2)
            self = .some(generator, fate: fate)
            return keeps
        }
    }
}
