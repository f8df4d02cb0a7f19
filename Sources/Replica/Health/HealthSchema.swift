extension Schema {
    /// What keeps a node going on a disk that changes bytes, and with a program that cannot derive everything. Cells of
    /// what was found damaged may be anything.
    static let health = """
        CREATE TABLE vacated (
            position INTEGER PRIMARY KEY,
            rolling INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE damaged_run (
            id INTEGER PRIMARY KEY,
            since INTEGER NOT NULL,
            author BLOB,
            unit TEXT,
            feed INTEGER,
            sequences TEXT NOT NULL,
            signature BLOB,
            is_lost INTEGER NOT NULL CHECK (is_lost IN (0, 1)),
            said TEXT NOT NULL,
            content TEXT NOT NULL,
            seen INTEGER
        ) STRICT;
        CREATE TABLE set_aside (
            record INTEGER PRIMARY KEY REFERENCES record (id),
            code TEXT NOT NULL,
            english TEXT NOT NULL,
            chinese TEXT NOT NULL,
            program TEXT NOT NULL,
            position INTEGER NOT NULL,
            told INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1))
        ) STRICT;
        CREATE TABLE program (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            version TEXT NOT NULL
        ) STRICT;
        CREATE TABLE scrub (
            id INTEGER PRIMARY KEY,
            began INTEGER NOT NULL,
            phase INTEGER NOT NULL,
            after INTEGER NOT NULL,
            checked INTEGER NOT NULL,
            damaged INTEGER NOT NULL,
            structure TEXT,
            finished INTEGER
        ) STRICT;
        """
}
