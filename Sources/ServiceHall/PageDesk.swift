import ServiceModel
import SyncNode

/// How the line to the parent stands in the process that serves.
package enum PageLine: Sendable {
    case up
    /// It goes through this unit in place of the parent.
    case standIn(UnitCode)
    /// The first attempt since the start has not ended.
    case trying
    /// It is not used although nothing is wrong with it, for this reason.
    case rests(Words)
    case cut
}

/// What the pages work on. Clock and line are handed in by who serves.
package struct PageDesk: Sendable {
    let node: Node
    let line: @Sendable () -> PageLine
    /// Tells the links that something was written.
    let announce: @Sendable () -> Void
    let now: @Sendable () -> Moment

    package init(
        node: Node, line: @escaping @Sendable () -> PageLine, announce: @escaping @Sendable () -> Void,
        now: @escaping @Sendable () -> Moment
    ) {
        self.node = node
        self.line = line
        self.announce = announce
        self.now = now
    }
}
