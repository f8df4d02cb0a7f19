import SyncNode

/// What the pages work on. Clock and process are handed in by who serves.
package struct PageDesk: Sendable {
    let node: Node
    /// The process that serves, and how its line stands.
    let service: @Sendable () -> ServiceFacts
    /// Tells the links that something was written.
    let announce: @Sendable () -> Void
    let now: @Sendable () -> Moment

    package init(
        node: Node, service: @escaping @Sendable () -> ServiceFacts, announce: @escaping @Sendable () -> Void,
        now: @escaping @Sendable () -> Moment
    ) {
        self.node = node
        self.service = service
        self.announce = announce
        self.now = now
    }

    /// What a doctor finds here and now, also where the replica cannot be read.
    var examination: Examination { Examination(node.facts(service: service(), now: now())) }
}
