/// Finds a small part of a schedule with which a run still fails (delta debugging): it proposes what to leave in, is
/// told whether that failed in the same way, and goes on.
package struct Shrinking: Sendable {
    /// What the run is known to fail with.
    package private(set) var kept: [Int]
    private var size: Int
    private var at = 0

    /// - Parameter faults: how many there are; the run fails with all of them.
    package init(faults: Int) {
        kept = Array(0..<faults)
        size = max(1, faults / 2)
    }

    /// What to try next; nil when nothing can be left out any more, one by one.
    package func proposal() -> [Int]? {
        guard !kept.isEmpty, at < kept.count else { return nil }
        return Array(kept[..<at] + kept[min(kept.count, at + size)...])
    }

    /// - Parameter failed: whether the run failed with the last proposal as it did with all.
    package mutating func tried(failed: Bool) {
        guard let proposal = proposal() else { return }
        if failed { kept = proposal } else { at += size }
        guard at >= kept.count, size > 1 else { return }
        size /= 2
        at = 0
    }
}
