import ChangeSet
import ServiceModel

/// The nodes of one unit, each with its incarnations, and how far together they are applied here.
struct UnitReach {
    /// What a node contributes.
    enum NodeTime: Equatable {
        /// Complete up to there; nil when nothing can be told.
        case open(Int64?)
        /// A cut has ended it and all that stands of it is here: it is no longer waited for. With its last time.
        case ended(Int64?)
    }

    private let nodes: [UInt32: [AuthorReach]]
    private let authors: [Int64: AuthorReach]
    private let view: CharterView

    init(_ reaches: [AuthorReach], _ view: CharterView) {
        nodes = Dictionary(grouping: reaches) { $0.author.enrollment }
        authors = Dictionary(reaches.map { ($0.row, $0) }, uniquingKeysWith: { $1 })
        self.view = view
    }

    /// By the ordinal of the node.
    func times(_ transaction: Transaction) throws -> [UInt32: NodeTime] {
        try nodes.mapValues { try time(of: $0, transaction) }
    }

    /// The least of the nodes that are still waited for; where all were ended, the last time of any. nil when there is
    /// no node, or nothing can be told of one.
    static func least(_ times: [UInt32: NodeTime]) -> Int64? {
        var least: Int64?
        var last: Int64?
        var hasOpen = false
        for time in times.values {
            switch time {
            case .open(nil): return nil
            case .open(let time?):
                hasOpen = true
                least = min(least ?? time, time)
            case .ended(let time): last = [last, time].compactMap { $0 }.max()
            }
        }
        return hasOpen ? least : last
    }

    private func time(of incarnations: [AuthorReach], _ transaction: Transaction) throws -> NodeTime {
        var bounds: [Int64?] = []
        var endedAt: Int64??
        let depth = incarnations.map(\.author.depth).max()
        for reach in incarnations {
            if reach.author.depth == depth {
                if let cut = view.standing(of: reach.author),
                    try transaction.holds(reach, through: cut.through, lost: cut.lost)
                {
                    endedAt = .some(reach.time)
                } else {
                    bounds.append(reach.time)
                }
            }
            if let earlier = reach.earlier {
                let closed = authors[earlier]
                if try !isApplied(closed, to: reach.author, transaction) { bounds.append(closed?.time) }
            }
        }
        if bounds.isEmpty { return .ended(endedAt ?? nil) }
        let known = bounds.compactMap { $0 }
        return .open(known.count == bounds.count ? known.min() : nil)
    }

    /// Whether a closed incarnation is applied to the heads that its successor names, or a cut instead.
    private func isApplied(
        _ closed: AuthorReach?, to successor: Author, _ transaction: Transaction
    ) throws -> Bool {
        let named = try transaction.opening(of: successor.id)?.opening.earlierHeads ?? []
        guard let closed else { return named.isEmpty }
        let cut = view.standing(of: closed.author)
        return try named.allSatisfy { head in
            guard head.feed == .casework, let cut else {
                return UInt64(clamping: closed.heads[Int(head.feed.rawValue) - 1]) >= head.sequence
            }
            return try transaction.holds(closed, through: cut.through, lost: cut.lost)
        }
    }
}
