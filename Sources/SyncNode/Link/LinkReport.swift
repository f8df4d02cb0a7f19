import ServiceModel

/// What an exchange has moved.
package struct LinkReport: Hashable, Sendable {
    /// Body bytes on the wire, compressed.
    package var sentBytes = 0
    package var receivedBytes = 0
    package var sentBatches = 0
    /// Of those, how many had more rows behind them.
    package var fullBatches = 0
    package var receivedBatches = 0
    /// Answers of the parent that a batch of this end is on disk there, or refused.
    package var acknowledgements = 0
    /// Change sets that were new here.
    package var newChangeSets = 0
    /// Runs that contradicted what is held.
    package var forks = 0
    /// Batches that had to be sent or received again from another start.
    package var refusedBatches = 0
    /// Another exchange should follow at once.
    package var wantsAnother = false
    /// At the parent's end: the child's greeting has shown that it knew this database as it was later, so that it has
    /// begun another life.
    package var wasSetBack = false
    /// How often the child waited for the parent before it went on; 1 when it said everything at once.
    package var roundTrips = 0
    /// At the child's end: a comparison was due, and the parent's program is of before there were any.
    package var needsNewerParent = false
    /// What both ends compared, and how that came out; nil where they relied on their cursors.
    package var comparison: ComparisonReport?

    package init() {}
}

/// A comparison of what both ends hold, as this end sees it.
package struct ComparisonReport: Hashable, Sendable {
    /// Messages that this end has answered.
    package var rounds = 0
    package var isOver = false
    /// Runs of which the other end lacks something.
    package var lackingThere = 0
    /// Runs of which this end lacks something.
    package var lackingHere = 0
    /// Both ends have signed that they hold the same.
    package var isProven = false

    package var isEqual: Bool { isOver && lackingThere == 0 && lackingHere == 0 }
}

/// Why an exchange is made.
package enum LinkMode: Hashable, Sendable {
    /// To say what is new.
    case usual
    /// To learn whether both ends hold the same.
    case looks
    /// To make both ends hold the same.
    case repairs
}
