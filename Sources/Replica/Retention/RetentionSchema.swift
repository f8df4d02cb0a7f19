extension Schema {
    /// What stays of cases that have left this node (RULES, "Visibility": a stub). `stub` has what figures and searches
    /// need of each, with the digest of what it came to; `retired` which change sets it had, by run. A case that was
    /// asked for back keeps both until its change sets have come: `wished` is the civil day, 0 where the node itself
    /// needs it. The columns of `peer_cursor` say how far a verified backup on another disk has what the peer sends,
    /// and how far a backup of the peer's has what goes there.
    static let retention = """
        ALTER TABLE peer_cursor ADD COLUMN backed_up_here INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE peer_cursor ADD COLUMN backed_up_rolling INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE peer_cursor ADD COLUMN backed_up_there INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE stub_item (
            id INTEGER PRIMARY KEY,
            item TEXT NOT NULL,
            item_name TEXT NOT NULL,
            department TEXT NOT NULL,
            item_kind TEXT NOT NULL,
            instant INTEGER NOT NULL CHECK (instant IN (0, 1)),
            UNIQUE (item, item_name, department, item_kind, instant)
        ) STRICT;
        CREATE TABLE stub (
            record INTEGER PRIMARY KEY REFERENCES record (id),
            receipt TEXT NOT NULL,
            wished INTEGER,
            units TEXT NOT NULL,
            digest BLOB NOT NULL CHECK (length(digest) = 32),
            change_sets INTEGER NOT NULL,
            void INTEGER NOT NULL,
            item INTEGER NOT NULL REFERENCES stub_item (id),
            channel TEXT NOT NULL,
            accepted_by TEXT NOT NULL,
            accepted_day INTEGER NOT NULL,
            phase TEXT NOT NULL,
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
            used_days INTEGER
        ) STRICT;
        CREATE INDEX stub_receipt ON stub (receipt);
        CREATE INDEX stub_wished ON stub (wished) WHERE wished IS NOT NULL;
        CREATE TABLE retired (
            id INTEGER PRIMARY KEY,
            author INTEGER NOT NULL REFERENCES author (id),
            first INTEGER NOT NULL,
            count INTEGER NOT NULL CHECK (count BETWEEN 1 AND 256),
            digest BLOB NOT NULL CHECK (length(digest) = 32),
            record INTEGER NOT NULL REFERENCES stub (record),
            offsets BLOB NOT NULL,
            change_sets INTEGER NOT NULL CHECK (change_sets >= 1),
            pin INTEGER NOT NULL,
            quoted INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX retired_place ON retired (author, first);
        CREATE INDEX retired_record ON retired (record);
        CREATE VIEW counted_case AS
            SELECT record, item, item_name, department, item_kind, instant, \(figures) FROM service_case
            WHERE NOT EXISTS (SELECT 1 FROM retired WHERE retired.record = service_case.record)
            UNION ALL
            SELECT record, stub_item.item, item_name, department, item_kind, instant, \(figures)
            FROM stub JOIN stub_item ON stub_item.id = stub.item
            WHERE EXISTS (SELECT 1 FROM retired WHERE retired.record = stub.record);
        """

    /// Columns that `service_case` and `stub` share.
    static let figures = """
        channel, accepted_by, accepted_day, phase, decided_day, outcome, closed_day, delivered_day, evaluation, \
        evaluated_day, promised_due, promised_days, statutory_due, statutory_days, used_days
        """
}
