import GRDB

/// What the last pass over the closed cases came to.
package struct RetentionPass: Hashable, Sendable {
    /// Closed cases that stay for one reason.
    package struct Kept: Hashable, Sendable {
        package var cases: Int
        /// Row of the first of them.
        package let first: Int64
        /// Seconds since 1970: every pass since has found that very case kept so, or where it was freed otherwise than
        /// by leaving no more cases behind it.
        package var since: Int64

        package init(cases: Int, first: Int64, since: Int64) {
            self.cases = cases
            self.first = first
            self.since = since
        }
    }

    /// Seconds since 1970, when it began.
    package let time: Int64
    package let retired: Int
    package let kept: [RetentionObstacle: Kept]

    package init(time: Int64, retired: Int, kept: [RetentionObstacle: Kept]) {
        self.time = time
        self.retired = retired
        self.kept = kept
    }
}

extension Schema {
    /// What the last pass came to, of which the doctor tells what lasts.
    static let retentionPass = """
        CREATE TABLE retention_pass (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            time INTEGER NOT NULL,
            retired INTEGER NOT NULL CHECK (retired >= 0)
        ) STRICT;
        CREATE TABLE retention_kept (
            reason TEXT PRIMARY KEY,
            cases INTEGER NOT NULL CHECK (cases >= 1),
            first INTEGER NOT NULL,
            since INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}

extension Transaction {
    /// Keeps a pass that has come to its end, in place of the one before.
    package func keep(_ pass: RetentionPass) throws {
        let before = try lastRetentionPass()?.kept ?? [:]
        try db.execute(
            sql: """
                INSERT INTO retention_pass (id, time, retired) VALUES (1, ?, ?)
                ON CONFLICT DO UPDATE SET time = excluded.time, retired = excluded.retired
                """, arguments: [pass.time, pass.retired])
        try db.execute(sql: "DELETE FROM retention_kept")
        for (reason, kept) in pass.kept.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let known = before[reason].flatMap { isSameTrouble($0, kept, in: pass) ? $0.since : nil }
            try db.execute(
                sql: "INSERT INTO retention_kept (reason, cases, first, since) VALUES (?, ?, ?, ?)",
                // A clock that was ahead must not keep it from ever being old.
                arguments: [reason.rawValue, kept.cases, kept.first, min(known ?? pass.time, pass.time)])
        }
    }

    /// Where cases leave, those that wait now may be others than those of the pass before.
    private func isSameTrouble(
        _ before: RetentionPass.Kept, _ now: RetentionPass.Kept, in pass: RetentionPass
    ) -> Bool {
        let isRest = pass.retired == 0 && now.first > before.first && now.cases <= before.cases
        return now.first == before.first || isRest
    }

    /// nil when none has come to its end.
    package func lastRetentionPass() throws -> RetentionPass? {
        guard let pass = try Row.fetchOne(db, sql: "SELECT time, retired FROM retention_pass") else { return nil }
        var kept: [RetentionObstacle: RetentionPass.Kept] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT reason, cases, first, since FROM retention_kept") {
            guard let reason = RetentionObstacle(rawValue: try row[0]) else { continue }
            kept[reason] = RetentionPass.Kept(cases: try row[1], first: try row[2], since: try row.time(3))
        }
        return RetentionPass(time: try pass.time(0), retired: try pass[1], kept: kept)
    }

    /// How many cases people have asked back before a day, and that have not come. A day that lies ahead was written by
    /// a wrong clock, and is as good as an early one.
    /// - Parameter day: civil day, the one before today.
    package func casesWished(before day: Int32) throws -> Int {
        try Int.fetchOne(
            db,
            sql: """
                SELECT count(*) FROM stub WHERE wished > 0 AND wished NOT BETWEEN ?1 AND ?1 + 2
                AND EXISTS (SELECT 1 FROM retired WHERE retired.record = stub.record)
                """, arguments: [day]) ?? 0
    }
}
