/// The batches of one exchange that are on their way up, and what their answers say of the line.
///
/// When an exchange was lost, its last batches may have arrived and their answers not: then the first batch of the next
/// goes alone, since its answer says where the parent stands.
package struct UploadWindow: Sendable {
    /// Batches that may be on their way at once.
    private static let usual = 4

    package private(set) var budget: BatchBudget
    private var bound: Int
    /// When each was handed to the line, and whether more lay behind it, the oldest first.
    private var open: [(time: Int64, isFull: Bool)] = []
    private var known = LinkReport()

    /// - Parameter isUncertain: the exchange before was lost with batches on their way.
    package init(budget: BatchBudget, isUncertain: Bool) {
        self.budget = budget
        bound = isUncertain ? 1 : Self.usual
    }

    /// No further batch should be begun before an answer comes.
    package var isFull: Bool { open.count >= bound }
    /// Some have not been answered.
    package var isUncertain: Bool { !open.isEmpty }

    /// Takes note of what the exchange has done since.
    /// - Parameter now: in milliseconds of a clock that goes forward.
    package mutating func note(_ report: LinkReport, at now: Int64) {
        let fulls = report.fullBatches - known.fullBatches
        let batches = report.sentBatches - known.sentBatches
        for number in 0..<max(0, batches) { open.append((now, number < fulls)) }
        for _ in 0..<max(0, report.acknowledgements - known.acknowledgements) {
            bound = Self.usual
            guard !open.isEmpty else { continue }
            let batch = open.removeFirst()
            budget.took(now - batch.time, isFull: batch.isFull)
        }
        known = report
    }

    /// The exchange was lost.
    package mutating func lost() { if isUncertain { budget.lost() } }
}

/// What a node remembers of a line from one exchange to the next.
package struct LineMemory: Sendable {
    package var budget = BatchBudget()
    /// The last exchange was lost with batches on their way.
    package var isUncertain = false

    package init(budget: BatchBudget = BatchBudget(), isUncertain: Bool = false) {
        self.budget = budget
        self.isUncertain = isUncertain
    }
}
