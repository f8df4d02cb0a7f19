import GRDB
import ServiceModel

/// How a replica stands by what was found of its disk, and what its program could not derive.
package struct HealthReport: Hashable, Sendable {
    /// Change sets that were taken out as damaged, that others have, and that have not come again.
    package let absent: Int
    /// Change sets that were taken out as damaged and that nobody else has, until a person has looked after that.
    package let lost: Int
    /// Records that are set aside.
    package let setAside: Int
    /// The first of them.
    package let namedAside: [SetAsideRecord]
    /// Cases with a change set of a kind that this program does not know.
    package let unknownKinds: Int
    /// nil when none was ever finished.
    package let scrub: ScrubReport?

    fileprivate static let mostNamed = 3

    package init(
        absent: Int = 0, lost: Int = 0, setAside: Int = 0, namedAside: [SetAsideRecord] = [], unknownKinds: Int = 0,
        scrub: ScrubReport? = nil
    ) {
        self.absent = absent
        self.lost = lost
        self.setAside = setAside
        self.namedAside = namedAside
        self.unknownKinds = unknownKinds
        self.scrub = scrub
    }
}

extension Transaction {
    /// - Throws: `ReplicaError.damaged`.
    package func health() throws -> HealthReport {
        let taken = try countOfTakenOut()
        return HealthReport(
            absent: taken.all - taken.lost, lost: taken.lostUnseen, setAside: try countOfSetAsideRecords(),
            namedAside: try setAsideRecords(limit: HealthReport.mostNamed),
            unknownKinds: try countOfUnknownKinds(), scrub: try lastScrub())
    }

    private func countOfUnknownKinds() throws -> Int {
        try Int.fetchOne(
            db, sql: "SELECT count(DISTINCT record) FROM case_status WHERE status IN (?, ?)",
            arguments: [PendingReason.notUnderstood.rawValue, VoidReason.unknownKind.rawValue]) ?? 0
    }
}
