import GRDB

extension JournalStore {
    /// Gives back to the file system what a backlog took, where that is more than what is in use, as of dead letters. Called
    /// when the journal is empty.
    ///
    /// It is no loss where it fails: the pages are used again.
    func shrink(now: Int64) {
        guard sizes.database > budget.keptBytes, abs(now - shrunkAt) > 60_000_000 else { return }
        shrunkAt = now
        try? database.writeWithoutTransaction { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            let unused = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
            let (used, free) = ((pages - unused) * SpoolBudget.pageSize, unused * SpoolBudget.pageSize)
            // All that is in use goes through memory and the log.
            guard free > max(used, budget.keptBytes / 2), used <= budget.logBytes else { return }
            try database.execute(sql: "VACUUM")
            try database.checkpoint(.truncate)
        }
        measure()
    }
}
