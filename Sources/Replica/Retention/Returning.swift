import ChangeSet
import Foundation
import GRDB
import ServiceModel

/// How a retired case comes back: it is wished for, and the next comparison with the unit above brings what it had.
extension Transaction {
    /// Asks for a retired case's change sets. Until they have come its stub stays.
    /// - Parameter today: the civil day, where a person asks; 0 where this node itself needs them.
    package func wishBack(_ record: Int64, today: Int32 = 0) throws {
        try db.cachedStatement(
            // A day that a clock wrote which was ahead gives way to today's.
            sql: """
                UPDATE stub SET wished = ?1 WHERE record = ?2
                AND (wished IS NULL OR wished < ?1 OR ?1 > 0 AND wished > ?1)
                """
        ).execute(arguments: [today, record])
        if db.changesCount > 0 { _ = try wishComparison(repairs: true) }
    }

    /// What a cut takes something of away comes to something else than its stub says.
    func wishBackWhatIsCut() throws {
        let find = try db.cachedStatement(
            sql: "SELECT DISTINCT record FROM retired WHERE author = ? AND first + count - 1 > ? ORDER BY record")
        for id in try Int64.fetchAll(db, sql: "SELECT DISTINCT author FROM retired ORDER BY author") {
            guard let untouched = try author(id: id).author.flatMap(charter.current.untouched) else { continue }
            for record in try Int64.fetchAll(find, arguments: [id, Int64(clamping: untouched)])
            where try isAway(record) {
                try wishBack(record)
            }
        }
    }

    /// In a journal that has forked the order of its seals tells what a distance back names. Where a case lies between
    /// the two that has left, its seals have left with it: it is needed again.
    func wishBackWhatTells(_ history: RecordHistory) throws {
        let untold = history.untold
        guard try !untold.isEmpty && hasStubs else { return }
        let find = try db.cachedStatement(
            sql: """
                SELECT DISTINCT record FROM retired
                WHERE author = ?1 AND first BETWEEN ?2 - \(Limits.changeSetsPerRun) AND ?3 AND first + count > ?2
                ORDER BY record
                """)
        for (back, from) in untold where from.feed == .casework {
            guard let author = try knownAuthor(from.author)?.id else { continue }
            let bounds: StatementArguments = [author, Int64(back.sequence), Int64(from.sequence)]
            for record in try Int64.fetchAll(find, arguments: bounds) where try isAway(record) {
                try wishBack(record)
            }
        }
    }

    /// Asks for the case that a stub stands for.
    package func fetch(_ stub: Stub, today: Int32) throws { try wishBack(stub.record, today: max(today, 1)) }

    /// The cases that were wished for and are not back, by their creation; first those that people wait for.
    package func wishedCases() throws -> [Place] {
        let rows = try Int64.fetchAll(
            db,
            sql: """
                SELECT record FROM stub WHERE wished IS NOT NULL
                AND EXISTS (SELECT 1 FROM retired WHERE retired.record = stub.record)
                ORDER BY wished = 0, wished, record LIMIT \(Limits.wishesPerComparison)
                """)
        return try rows.map(creation)
    }

    /// What is to become of the retired cases of which a child lacks something. Who holds a part of one, or wishes for
    /// it, gets all of it: it is asked for above, and goes on from here when it has come. Who holds nothing of it is
    /// told the stub.
    /// - Parameters:
    ///   - lacking: of the holdings.
    ///   - wished: creations of cases.
    /// - Returns: the records of the stubs.
    package func settleRetired(
        _ common: CommonHoldings, lacking: [Holding], wished: Set<Place>
    ) throws -> [Int64] {
        guard !common.retired.isEmpty else { return [] }
        let find = try db.cachedStatement(
            sql: """
                SELECT record, offsets FROM retired JOIN stub USING (record)
                WHERE author = ? AND first = ? AND retired.digest = ? AND wished IS NULL
                """)
        var missing: [Int64: Int] = [:]
        for holding in lacking {
            guard let run = common.retired[holding.key], let author = try knownAuthor(holding.author)?.id else {
                continue
            }
            let arguments: StatementArguments = [author, Int64(holding.from), run.digest.data]
            for row in try Row.fetchAll(find, arguments: arguments) {
                let offsets = try Presence(retired: row, 1).offsets(below: run.count)
                missing[try row[0], default: 0] += offsets.count { holding.present.contains($0) }
            }
        }
        var told: [Int64] = []
        for (record, count) in missing.sorted(by: { $0.key < $1.key }) where count > 0 {
            let all = try retiredRuns(of: record).reduce(0) { $0 + $1.present.offsets(below: $1.count).count }
            if try count == all && !wished.contains(creation(of: record)) {
                told.append(record)
            } else {
                try wishBack(record)
            }
        }
        return told
    }
}
