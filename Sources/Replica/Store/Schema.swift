import GRDB

/// The tables of the replica. What is below "derived" can be thrown away and rebuilt from what is above it.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(sql: identity)
            try db.execute(sql: journal)
            try db.execute(sql: links)
            try db.execute(sql: derived)
            try db.execute(sql: catalog)
            try db.execute(sql: search)
        }
        migrator.registerMigration("2") { db in
            try db.execute(sql: comparison)
            try db.execute(sql: clock)
            try db.execute(sql: doubtedQuotes)
            try db.execute(sql: backup)
            try db.execute(sql: courier)
            try db.execute(sql: health)
            try db.execute(sql: traps)
            try db.execute(sql: ownOpening)
            try db.execute(sql: retention)
            try db.execute(sql: retentionPass)
            try db.execute(sql: unitsBelow)
            try db.execute(sql: forksInOrder)
            try db.execute(sql: twins)
            try db.execute(sql: movesByUnit)
            try db.execute(sql: casesToldAgain)
            try db.execute(sql: authorsByUnit)
            try db.execute(sql: resting)
        }
        return migrator
    }

    /// Whether what SQLite keeps of its own tables can be read at all. GRDB takes it for granted, and ends the process.
    static func isReadable(_ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT NOT EXISTS (SELECT 1 FROM sqlite_master WHERE typeof(type) <> 'text' OR typeof(name) <> 'text'
                    OR typeof(tbl_name) <> 'text' OR type NOT IN ('table', 'index', 'view', 'trigger'))
                """) ?? false
    }

    /// Reads the beginning of every table: where its first page is none, that is an error here and not later on.
    static func touch(_ db: Database) throws {
        let find = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        for table in try String.fetchAll(db, sql: find) {
            _ = try Row.fetchOne(db, sql: "SELECT * FROM \"\(table)\" LIMIT 1")
        }
    }

    /// Of a table, in order; none where there is no such table.
    static func columns(of table: String, _ db: Database) throws -> [String] {
        try String.fetchAll(db, sql: "SELECT name FROM pragma_table_info(?) ORDER BY cid", arguments: [table])
    }

    /// The columns of a table's primary key, in order.
    static func key(of table: String, _ db: Database) throws -> [String] {
        let find = "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk"
        return try String.fetchAll(db, sql: find, arguments: [table])
    }

    /// What of a database is not defined as this program defines it; nil where nothing is.
    static func changed(_ db: Database) throws -> String? {
        func definitions(_ db: Database) throws -> [String: String] {
            let rows = try Row.fetchAll(db, sql: "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
            return Dictionary(try rows.map { (try $0[0], try $0[1]) }, uniquingKeysWith: { one, _ in one })
        }
        let fresh = try DatabaseQueue()
        try migrator.migrate(fresh)
        let proper = try fresh.read(definitions)
        guard let held = try? definitions(db) else { return "sqlite_master" }
        return Set(proper.keys).union(held.keys).sorted().first { proper[$0] != held[$0] }
    }

    /// Tables that `Rebuild` empties and fills again, in the order in which they may be emptied.
    static let derivedTables = [
        "catalog_override", "catalog_item",
        "case_conflict", "case_status", "service_case", "audience", "unit_above", "unit",
        "gapless_head",
    ]

    /// Those of them whose rows belong to one record each.
    static let tablesOfRecords: Set<String> = [
        "catalog_override", "catalog_item", "case_conflict", "case_status", "service_case", "audience",
    ]

    /// Those that the charter gives, so that they can be emptied whatever the disk has done to them.
    static let tablesOfUnits = ["unit_above", "unit"]

    /// Those whose rows, or columns that repeat something, decide to whom something is sent.
    static let tablesOfAudiences: Set<String> = ["author", "unit_above", "audience"]

    private static let identity = """
        CREATE TABLE node (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            genesis BLOB NOT NULL,
            unit TEXT NOT NULL,
            ordinal INTEGER NOT NULL CHECK (ordinal >= 1),
            incarnation INTEGER NOT NULL,
            author INTEGER REFERENCES author (id),
            topology_since INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE TABLE author (
            id INTEGER PRIMARY KEY,
            name BLOB NOT NULL UNIQUE CHECK (length(name) = 16),
            unit TEXT,
            enrollment INTEGER,
            depth INTEGER,
            earlier INTEGER REFERENCES author (id),
            opening BLOB,
            CHECK ((opening IS NULL) = (unit IS NULL))
        ) STRICT;
        CREATE TABLE enrollment (
            identifier BLOB PRIMARY KEY,
            verifier BLOB NOT NULL,
            unit TEXT NOT NULL,
            expires INTEGER NOT NULL,
            ordinal INTEGER,
            answer BLOB,
            CHECK ((ordinal IS NULL) = (answer IS NULL))
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE imported (
            key TEXT PRIMARY KEY,
            record INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE draft (
            id TEXT PRIMARY KEY,
            item TEXT NOT NULL,
            content TEXT NOT NULL,
            edit INTEGER NOT NULL,
            saved INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    private static let journal = """
        CREATE TABLE run (
            id INTEGER PRIMARY KEY,
            author INTEGER NOT NULL REFERENCES author (id),
            feed INTEGER NOT NULL CHECK (feed BETWEEN 1 AND 3),
            first INTEGER NOT NULL CHECK (first >= 1),
            count INTEGER NOT NULL CHECK (count BETWEEN 0 AND 256),
            size INTEGER NOT NULL CHECK (size >= 0),
            pin INTEGER NOT NULL,
            pin_digest BLOB NOT NULL CHECK (length(pin_digest) = 16),
            seed BLOB CHECK (length(seed) = 16),
            seal BLOB,
            signature BLOB CHECK (length(signature) = 64),
            previous BLOB CHECK (length(previous) = 32),
            digest BLOB CHECK (length(digest) = 32),
            packed BLOB,
            CHECK ((signature IS NULL) = (seal IS NULL)),
            CHECK ((signature IS NULL) = (previous IS NULL)),
            CHECK ((signature IS NULL) = (digest IS NULL)),
            CHECK (signature IS NULL OR packed IS NOT NULL),
            CHECK (signature IS NOT NULL OR seed IS NOT NULL)
        ) STRICT;
        CREATE INDEX run_place ON run (author, feed, first);
        CREATE INDEX run_open ON run (author) WHERE signature IS NULL;
        CREATE TABLE run_hash (
            run INTEGER NOT NULL REFERENCES run (id),
            start INTEGER NOT NULL,
            count INTEGER NOT NULL,
            hash BLOB NOT NULL CHECK (length(hash) = 32),
            PRIMARY KEY (run, start, count)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE record (
            id INTEGER PRIMARY KEY,
            author INTEGER NOT NULL REFERENCES author (id),
            feed INTEGER NOT NULL CHECK (feed BETWEEN 2 AND 3),
            sequence INTEGER NOT NULL CHECK (sequence >= 1),
            twin INTEGER NOT NULL DEFAULT 0,
            UNIQUE (author, feed, sequence, twin)
        ) STRICT;
        CREATE TABLE journal (
            position INTEGER PRIMARY KEY,
            run INTEGER NOT NULL REFERENCES run (id),
            offset INTEGER NOT NULL CHECK (offset BETWEEN 0 AND 255),
            feed INTEGER NOT NULL,
            record INTEGER REFERENCES record (id),
            source INTEGER REFERENCES peer (id),
            rolling INTEGER NOT NULL,
            size INTEGER NOT NULL,
            salt BLOB CHECK (length(salt) = 16),
            action TEXT,
            actor TEXT,
            day INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX journal_place ON journal (run, offset);
        CREATE INDEX journal_record ON journal (record) WHERE record IS NOT NULL;
        CREATE INDEX journal_charter ON journal (position) WHERE feed = 1;
        CREATE INDEX journal_published ON journal (position) WHERE feed = 3;
        CREATE TABLE unpacked (
            run INTEGER NOT NULL REFERENCES run (id),
            offset INTEGER NOT NULL,
            bytes BLOB NOT NULL,
            PRIMARY KEY (run, offset)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE widening (
            position INTEGER PRIMARY KEY,
            feed INTEGER NOT NULL,
            record INTEGER REFERENCES record (id),
            moved TEXT,
            unit TEXT NOT NULL,
            rolling INTEGER NOT NULL,
            CHECK ((record IS NULL) = (moved IS NOT NULL))
        ) STRICT;
        CREATE INDEX widening_record ON widening (record) WHERE record IS NOT NULL;
        CREATE TABLE charter_join (
            digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
            signed BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE fork (
            author INTEGER NOT NULL REFERENCES author (id),
            feed INTEGER NOT NULL,
            one INTEGER NOT NULL REFERENCES run (id),
            two INTEGER NOT NULL REFERENCES run (id),
            PRIMARY KEY (one, two)
        ) STRICT, WITHOUT ROWID;
        """

    private static let links = """
        CREATE TABLE peer (
            id INTEGER PRIMARY KEY,
            unit TEXT NOT NULL,
            node INTEGER NOT NULL,
            incarnation INTEGER NOT NULL,
            met INTEGER NOT NULL,
            contacted INTEGER NOT NULL DEFAULT 0,
            heartbeats INTEGER NOT NULL DEFAULT 0,
            UNIQUE (unit, node, incarnation)
        ) STRICT;
        CREATE TABLE peer_cursor (
            peer INTEGER NOT NULL REFERENCES peer (id),
            feed INTEGER NOT NULL,
            received_position INTEGER NOT NULL DEFAULT 0,
            received_offset INTEGER NOT NULL DEFAULT 0,
            received_rolling INTEGER NOT NULL DEFAULT 0,
            sent_position INTEGER NOT NULL DEFAULT 0,
            sent_offset INTEGER NOT NULL DEFAULT 0,
            sent_rolling INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (peer, feed)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE peer_author (
            peer INTEGER NOT NULL REFERENCES peer (id),
            author INTEGER NOT NULL REFERENCES author (id),
            feed INTEGER NOT NULL,
            position INTEGER NOT NULL,
            PRIMARY KEY (peer, author)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE acknowledgement (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            author BLOB NOT NULL CHECK (length(author) = 16),
            heads TEXT NOT NULL,
            time INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE heartbeat (
            author INTEGER PRIMARY KEY REFERENCES author (id),
            serial INTEGER NOT NULL UNIQUE,
            message BLOB NOT NULL,
            time INTEGER NOT NULL,
            source INTEGER REFERENCES peer (id)
        ) STRICT;
        """

    private static let merging = Transaction.merging.map { "'\($0.name)'" }.joined(separator: ", ")

    private static let derived = """
        CREATE TABLE unit (
            code TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            tier INTEGER NOT NULL,
            parent TEXT,
            kind TEXT NOT NULL,
            division TEXT,
            valid_from INTEGER,
            valid_until INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE unit_above (
            unit TEXT NOT NULL,
            ancestor TEXT NOT NULL,
            PRIMARY KEY (unit, ancestor)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX unit_below ON unit_above (ancestor, unit);
        CREATE TABLE gapless_head (
            author INTEGER NOT NULL REFERENCES author (id),
            feed INTEGER NOT NULL,
            through INTEGER NOT NULL,
            quoted INTEGER NOT NULL,
            PRIMARY KEY (author, feed)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE audience (
            record INTEGER NOT NULL REFERENCES record (id),
            unit TEXT NOT NULL,
            since INTEGER NOT NULL,
            PRIMARY KEY (record, unit)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE service_case (
            record INTEGER PRIMARY KEY REFERENCES record (id),
            receipt TEXT NOT NULL,
            item TEXT NOT NULL,
            item_name TEXT NOT NULL,
            item_version INTEGER NOT NULL,
            department TEXT NOT NULL,
            item_kind TEXT NOT NULL,
            instant INTEGER NOT NULL CHECK (instant IN (0, 1)),
            promised TEXT,
            statutory TEXT,
            applicant TEXT NOT NULL,
            channel TEXT NOT NULL,
            accepted_by TEXT NOT NULL,
            accepted_day INTEGER NOT NULL,
            holder TEXT,
            phase TEXT,
            decided_by TEXT,
            decided_day INTEGER,
            outcome TEXT,
            closed_day INTEGER,
            delivered_day INTEGER,
            evaluation TEXT,
            evaluated_day INTEGER,
            promised_due INTEGER,
            promised_days INTEGER,
            statutory_due INTEGER,
            statutory_days INTEGER,
            used_days INTEGER,
            lacks_calendar INTEGER NOT NULL CHECK (lacks_calendar IN (0, 1)),
            fields TEXT NOT NULL,
            conflicts INTEGER NOT NULL,
            requests INTEGER NOT NULL,
            pending INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX service_case_receipt ON service_case (receipt);
        CREATE INDEX service_case_unsettled ON service_case (record) WHERE conflicts + requests + pending > 0;
        CREATE TABLE case_status (
            record INTEGER NOT NULL REFERENCES record (id),
            position INTEGER NOT NULL REFERENCES journal (position),
            status TEXT NOT NULL,
            PRIMARY KEY (record, position)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX case_status_position ON case_status (position);
        CREATE VIEW case_action AS
            SELECT position, record, action, author.unit, actor, day,
                coalesce(status, iif(action IN (\(merging)), 'merged', 'effective')) AS status
            FROM journal JOIN run ON run.id = journal.run JOIN author ON author.id = run.author
                LEFT JOIN case_status USING (record, position)
            WHERE action IS NOT NULL AND \(Transaction.counts);
        CREATE TABLE case_conflict (
            record INTEGER NOT NULL REFERENCES record (id),
            field TEXT NOT NULL,
            id BLOB NOT NULL CHECK (length(id) = 32),
            chosen TEXT NOT NULL,
            others TEXT NOT NULL,
            PRIMARY KEY (record, field)
        ) STRICT, WITHOUT ROWID;
        """
}
