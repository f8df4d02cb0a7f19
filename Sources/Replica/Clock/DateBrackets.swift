import ChangeSet
import Foundation
import GRDB
import ServiceModel

extension Transaction {
    /// The bracket of each change set of a case. Who holds only a part of an author's journal may find a wider one, and
    /// where a journal has forked nothing is told. A heartbeat closes a bracket until the next seal does, which the
    /// parent may have acknowledged later.
    package func dateBrackets(of record: CaseRecord) throws -> [Leaf: DateBracket] {
        var brackets: [Leaf: DateBracket] = [:]
        for entry in record.history.entries {
            brackets[entry.placed.leaf.leaf] = try dateBracket(of: entry.placed.place)
        }
        return brackets
    }

    private func dateBracket(of place: Place) throws -> DateBracket {
        guard let author = try knownAuthor(place.author)?.id, try !hasFork(author, in: place.feed) else { return .open }
        let belief = quoteBelief
        let earlier = try evidence(author, place, "first + count - 1 < :sequence", order: "DESC")
            .first { belief.isPlausible($0.time) }
        let later = try evidence(author, place, "first > :sequence", order: "ASC")
            .first { belief.isPlausible($0.time) && $0.proves(place.sequence) }
        return DateBracket(
            notBefore: earlier?.time,
            notAfter: try later?.time ?? heartbeatTime(proving: place, belief))
    }

    /// What the sealed runs of a journal on one side of a sequence quote, the nearest first.
    private func evidence(
        _ author: Int64, _ place: Place, _ side: String, order: String
    ) throws -> MapCursor<RowCursor, QuotedEvidence> {
        try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT first, seal FROM run
                    WHERE author = :author AND feed = :feed AND signature IS NOT NULL AND \(side)
                    ORDER BY first \(order)
                    """),
            arguments: ["author": author, "feed": place.feed.rawValue, "sequence": Int64(place.sequence)]
        ).map { row in
            let body = try row.sealBody(1)
            return QuotedEvidence(
                sealed: try row.count(0) &- 1, acknowledged: body.ackHeads.head(of: place.feed),
                time: body.ackTime)
        }
    }

    private func heartbeatTime(proving place: Place, _ belief: QuoteBelief) throws -> Int64? {
        guard let heartbeat = try heartbeat(of: place.author) else { return nil }
        let evidence = QuotedEvidence(
            sealed: heartbeat.heads.head(of: place.feed), acknowledged: heartbeat.quoted.heads.head(of: place.feed),
            time: heartbeat.quoted.time)
        return belief.isPlausible(evidence.time) && evidence.proves(place.sequence) ? evidence.time : nil
    }
}
