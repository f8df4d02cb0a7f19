import SyncNode
import Trust

/// What a unit's machine does about its line upward, as the server's uplink does it; the values that decide are the
/// same ones.
struct UplinkAgent: Sendable {
    var choice: UplinkChoice
    var backoff = Backoff()
    /// What is remembered of each uplink's line, in the order of the uplinks.
    var memories: [LineMemory]
    /// The exchange that runs.
    var line: Int?
    /// The uplinks of this round that are still to be tried.
    var round: [Int] = []
    /// Which of them is being dialled.
    var dialling: Int?
    /// The uplink to which a connection stands open between two exchanges.
    var kept: Int?
    /// What the unit above has verified of this machine when that connection was made.
    var verified: VerifiedChain?
    /// The last exchange ended because nothing was to be said, and news from either end begins the next.
    var isParked = false
    /// Goes up whenever what was planned is void.
    var life = 0
    /// Whether this end had said and heard everything, and when.
    var settled: Int64?
    /// Exchanges that ended at once, one after the other.
    var hurry = 0

    init(uplinks: Int) {
        choice = UplinkChoice(count: max(1, uplinks))
        memories = Array(repeating: LineMemory(), count: max(1, uplinks))
    }
}

/// An exchange on its way in virtual time.
final class TimedLine {
    let id: Int
    let line: SimulatedLine
    /// Which of the child's uplinks it goes over.
    let index: Int
    let quality: LineQuality
    let began: Int64
    /// Seconds for which the child keeps it open for news.
    let wait: Int64
    /// The serial of the comparison that somebody has asked for and this carries out.
    let wish: Int64?
    /// The parent's place for it among the exchanges that work.
    let place: Int
    var window: UploadWindow
    var budget = BatchBudget()
    var isSendingUp = false
    var isSendingDown = false
    /// When the last byte of a direction comes in, so that pieces keep their order.
    var lastUp: Int64 = 0
    var lastDown: Int64 = 0
    /// Pieces on the wire upward, as far as they have not come in: when each left and how long it is.
    var wireUp: [(start: Int64, bytes: Int)] = []
    /// The same downward.
    var wireDown: [(start: Int64, bytes: Int)] = []
    var isServed = false
    var known = (child: 0, parent: 0)
    /// There was news at an end that had said its last word.
    var hasMissedNews = false
    var moved: Int64

    init(
        id: Int, line: SimulatedLine, index: Int, quality: LineQuality, began: Int64, wait: Int64, wish: Int64?,
        place: Int, memory: LineMemory
    ) {
        self.id = id
        self.line = line
        self.index = index
        self.quality = quality
        self.began = began
        self.wait = wait
        self.wish = wish
        self.place = place
        moved = began
        window = UploadWindow(budget: memory.budget, isUncertain: memory.isUncertain)
    }

    /// Nothing is on its way, and nobody has anything to do.
    var isIdle: Bool {
        !isSendingUp && !isSendingDown && !isServed && wireUp.isEmpty && line.waiting == (0, 0) && !window.isUncertain
    }
}
