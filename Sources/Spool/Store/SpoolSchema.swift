import GRDB

/// The database's tables and settings.
enum SpoolSchema {
    /// The format that this version reads and writes (`user_version`).
    static let format = 1
    /// Marks a database as a spool (`application_id`): "fmbr".
    static let applicationID = 0x666D_6272

    /// Settings of every connection, the daemon's and the commands'.
    static func configuration(busyTimeout: Double) -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(busyTimeout)
        configuration.publicStatementArguments = false
        configuration.prepareDatabase { database in
            // Before anything is written: a new database gets it, an old one keeps its own.
            try database.execute(sql: "PRAGMA page_size = \(SpoolBudget.pageSize)")
            // Debian's SQLite overwrites what it deletes, which costs more than all the rest.
            try database.execute(sql: "PRAGMA secure_delete = OFF")
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
        }
        return configuration
    }

    /// Whether there is nothing yet, a spool of this format, or what can't be used.
    static func check(_ database: Database, path: String) throws -> Bool {
        let format = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        let identity = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        if tables == 0, format == 0, identity == 0 { return false }
        guard identity == applicationID else {
            throw SpoolError(.notASpool, "is a database of another program; set spool.path to another file", path: path)
        }
        guard format <= Self.format else {
            throw SpoolError(
                .newerFormat,
                "was written by a newer version (format \(format), this one knows \(Self.format)): "
                    + "run that version, empty the spool with its `spool drain`, or move the file away",
                path: path
            )
        }
        return true
    }

    /// Makes the tables.
    static func create(in database: Database) throws {
        try database.inTransaction(.immediate) {
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            try database.execute(sql: "PRAGMA user_version = \(format)")
            try database.execute(sql: tables)
            return .commit
        }
    }

    /// Texts that come from messages may have zero bytes, which SQLite's texts can't: they are blobs.
    /// Large values are last, so that nobody who wants the others reads their pages. `journal.messages` and
    /// `journal.bytes` are running sums, so that a start need not read every row to know how much waits.
    private static let tables = """
        CREATE TABLE journal (
            row INTEGER PRIMARY KEY,
            received_at INTEGER NOT NULL,
            origin INTEGER NOT NULL,
            count INTEGER NOT NULL,
            messages INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            checksum INTEGER NOT NULL,
            batch BLOB NOT NULL
        ) STRICT;
        CREATE TABLE mark (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            row INTEGER NOT NULL,
            message INTEGER NOT NULL,
            newest_at INTEGER,
            probes INTEGER NOT NULL
        ) STRICT;
        INSERT INTO mark VALUES (1, 0, 0, NULL, 0);
        CREATE TABLE duplicates (
            id INTEGER PRIMARY KEY,
            newest_at INTEGER NOT NULL,
            entries BLOB NOT NULL
        ) STRICT;
        CREATE TABLE dead_letters (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            direction TEXT NOT NULL,
            reason TEXT NOT NULL,
            detail TEXT NOT NULL,
            topic BLOB NOT NULL,
            message_id BLOB,
            received_at INTEGER NOT NULL,
            rejected_at INTEGER NOT NULL,
            retry_at INTEGER,
            size INTEGER NOT NULL,
            properties BLOB NOT NULL,
            frames BLOB NOT NULL
        ) STRICT;
        CREATE INDEX dead_letters_by_reason ON dead_letters (direction, reason, size);
        CREATE INDEX dead_letters_to_retry ON dead_letters (direction, id) WHERE retry_at IS NOT NULL;
        """
}
