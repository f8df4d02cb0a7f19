import ServiceModel

/// What an exchange has moved.
package struct LinkReport: Hashable, Sendable {
    /// Body bytes on the wire, compressed.
    package var sentBytes = 0
    package var receivedBytes = 0
    package var sentBatches = 0
    package var receivedBatches = 0
    /// Change sets that were new here.
    package var newChangeSets = 0
    /// Runs that contradicted what is held.
    package var forks = 0
    /// Batches that had to be sent or received again from another start.
    package var refusedBatches = 0
    /// How often the child waited for the parent before it went on; 1 when it said everything at once.
    package var roundTrips = 0
}
