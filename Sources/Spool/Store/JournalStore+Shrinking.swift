import GRDB

extension JournalStore {
    /// Gives back to the file system what a backlog took, where little of it is in use. Called when the journal is empty.
    ///
    /// It is no loss where it fails: the pages are used again.
    func shrink(now: Int64) {
        guard sizes.database > budget.keptBytes, abs(now - shrunkAt) > 60_000_000 else { return }
        shrunkAt = now
        try? database.writeWithoutTransaction { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            let unused = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
            guard (pages - unused) * SpoolBudget.pageSize < budget.keptBytes / 2 else { return }
            try database.execute(sql: "VACUUM")
            try database.checkpoint(.truncate)
        }
        measure()
    }
}
