/// How the bytes that the spool's files may have are shared between the database and its write-ahead log.
struct SpoolBudget {
    /// Large enough that a row of ten messages has no overflow pages.
    static let pageSize = 16_384

    /// Pages that the database may have.
    let databasePages: Int
    /// Bytes that the write-ahead log may have before a transaction has to wait for a checkpoint.
    let logBytes: Int
    /// Bytes of one transaction, if more than one batch.
    let transactionBytes: Int
    /// Pages of the log at which it is copied into the database: SQLite's own 1000 would be 16 MB here, and with 64 the
    /// copying costs a lone message as much as all the rest.
    let checkpointPages: Int
    /// Bytes that the database keeps when it is empty again; the file system gets the rest back.
    let keptBytes: Int
    /// Bytes that dead letters may have.
    let deadLetterBytes: Int

    init(maxBytes: Int) {
        logBytes = min(max(maxBytes / 8, 262_144), 67_108_864)
        transactionBytes = min(logBytes / 4, 8_388_608)
        checkpointPages = min(max(logBytes / 4 / Self.pageSize, 4), 256)
        databasePages = max((maxBytes - logBytes) / Self.pageSize, 16)
        keptBytes = min(67_108_864, maxBytes / 4)
        deadLetterBytes = maxBytes / 10
    }
}
