#if PLANTED
    /// Faults that are built in only where `PLANTED` is set, one at a time, to see that the simulator finds them. No
    /// program that is delivered knows of them.
    package enum Planted: String, CaseIterable, Sendable {
        /// The receiver's cursor is stored before what it covers, in a transaction of its own.
        case cursorOutsideTransaction
        /// What lies before the moment at which a case came to concern a further unit is not sent to it.
        case historyNotSentAlong
        case tieBrokenByArrival
        /// An act is judged under today's charter.
        case pinIgnored
        /// A request acts as soon as the holder's act follows it.
        case requestEffectiveByAncestry
        /// A database from a backup goes on as the author that it was.
        case sequenceReusedAfterRestore
        /// What was authored below a child is taken for something that the child has.
        case echoSuppressedBySubtree
        case visibilityByStringPrefix
        /// A case leaves as soon as it has been sent upward, whoever has a backup of it.
        case evictionBeforeBackup
        /// The frontier believes when an author says that it sealed.
        case frontierByAuthorsClock
        /// A case is counted for each unit that it concerns.
        case doubleCount

        /// The one that this process has; set before anything else runs.
        nonisolated(unsafe) package static var present: Planted?
    }
#endif
