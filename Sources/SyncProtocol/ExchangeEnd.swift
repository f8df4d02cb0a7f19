import ChangeSet
import ServiceModel

/// Either end of one exchange. No I/O: events come in by these methods, and what is to be done comes out.
package protocol ExchangeEnd: Sendable {
    /// Both ends have said everything.
    var isFinished: Bool { get }

    /// - Parameter now: seconds since 1970.
    mutating func receive(_ frame: Frame, now: Int64) throws(ExchangeProblem) -> [ExchangeEffect]

    /// The other end's greeting was looked up.
    /// - Parameter knows: whether the other end had this database's incarnation right.
    mutating func greeted(_ state: LinkState, knows: Bool) -> [ExchangeEffect]

    /// Where the feeds begin that are looked through for the next batch, in this order.
    var wanted: [FeedStart] { get }

    /// The first batch in what was wanted; nil when there is nothing to say.
    mutating func read(_ found: FoundBatch?) -> [ExchangeEffect]

    /// Whether the next of the batches that came is meant for this database; asked once for each, in order.
    mutating func mayApply() -> Bool

    /// The other end's batch is on disk.
    mutating func applied() -> [ExchangeEffect]

    /// The other end's batch did not start where this node stands with it, or was not meant for it.
    mutating func refused() -> [ExchangeEffect]

    /// The other end's refusal was kept: from where to send on.
    mutating func resumed(from positions: [Feed: WireCursor]) -> [ExchangeEffect]

    /// What the other end holds was held against what is held here.
    /// - Parameters:
    ///   - reply: nil when nothing is left to say.
    ///   - isOver: the difference is known, as far as it can be.
    ///   - restarts: the difference goes first, and then what has come since.
    mutating func compared(_ reply: WireComparison?, isOver: Bool, restarts: Bool) -> [ExchangeEffect]

    /// The charter says now that the other end does not stand where this exchange has it.
    mutating func displaced() -> [ExchangeEffect]

    /// Something was written here, or came from elsewhere.
    /// - Parameter now: seconds since 1970.
    mutating func news(now: Int64) -> [ExchangeEffect]
}
