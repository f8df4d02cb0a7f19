extension Schema {
    /// Days are numbers of civil days since 1970. Lists are JSON arrays. A code is not unique: two units may
    /// publish one under the same code, and each is another item.
    static let catalog = """
        CREATE TABLE catalog_item (
            record INTEGER PRIMARY KEY REFERENCES record (id),
            code TEXT NOT NULL,
            version INTEGER NOT NULL CHECK (version >= 0),
            owner TEXT NOT NULL,
            name TEXT NOT NULL,
            aliases TEXT NOT NULL CHECK (json_valid(aliases)),
            tags TEXT NOT NULL CHECK (json_valid(tags)),
            life_events TEXT NOT NULL CHECK (json_valid(life_events)),
            kind TEXT NOT NULL CHECK (length(kind) = 2),
            kind_name TEXT NOT NULL,
            list TEXT NOT NULL,
            department TEXT NOT NULL,
            accepted_by_tiers TEXT NOT NULL CHECK (json_valid(accepted_by_tiers)),
            accepted_by_units TEXT NOT NULL CHECK (json_valid(accepted_by_units)),
            decided_by_tier TEXT,
            decided_by_unit TEXT,
            decided_beyond INTEGER NOT NULL CHECK (decided_beyond IN (0, 1)),
            promised TEXT,
            statutory TEXT,
            instant INTEGER NOT NULL CHECK (instant IN (0, 1)),
            offered_from INTEGER,
            offered_until INTEGER,
            retired_from INTEGER,
            retired_reason TEXT,
            without_effect INTEGER NOT NULL CHECK (without_effect >= 0),
            content TEXT NOT NULL CHECK (json_valid(content)),
            CHECK ((decided_by_tier IS NOT NULL) + (decided_by_unit IS NOT NULL) + decided_beyond = 1),
            CHECK ((retired_from IS NULL) = (retired_reason IS NULL))
        ) STRICT;
        CREATE INDEX catalog_item_code ON catalog_item (code);
        CREATE INDEX catalog_item_owner ON catalog_item (owner);
        CREATE TABLE catalog_override (
            record INTEGER PRIMARY KEY REFERENCES record (id),
            item INTEGER NOT NULL REFERENCES record (id),
            unit TEXT NOT NULL,
            window TEXT,
            phone TEXT,
            hours TEXT,
            promised TEXT,
            retired_from INTEGER,
            retired_reason TEXT,
            without_effect INTEGER NOT NULL CHECK (without_effect >= 0),
            CHECK ((retired_from IS NULL) = (retired_reason IS NULL))
        ) STRICT;
        CREATE INDEX catalog_override_item ON catalog_override (item, unit);
        CREATE VIEW catalog_override_that_counts AS
            SELECT catalog_override.* FROM catalog_override
            JOIN catalog_item ON catalog_item.record = catalog_override.item
            JOIN unit_above ON unit_above.unit = catalog_override.unit AND unit_above.ancestor = catalog_item.owner;
        """

    /// Terms come from `SearchText`, which has folded them: the tokenizer only parts them at blanks. Its tables of
    /// characters are none, so that a row is taken out by the very terms that it was put in by, whatever SQLite it is.
    /// `…_term` lists which record has which term.
    static let search = searchTables.map { table in
        """
        CREATE VIRTUAL TABLE \(table) USING fts5
            (terms, content = '', columnsize = 0, detail = none, tokenize = 'ascii');
        CREATE VIRTUAL TABLE \(table)_term USING fts5vocab (\(table), instance);
        """
    }.joined(separator: "\n")

    /// Full-text indexes: derived as the tables are, and emptied in their own way.
    static let searchTables = SearchIndex.allCases.map(\.rawValue)
}
