import GRDB

/// How many dead letters there are, and their bytes.
struct DeadLetterCensus: Equatable {
    var letters = SpoolStatus.PerDirection()
    var bytes = 0

    /// A letter's size in SQL; 0 where it is none that fits into a row, so that damage neither stops the count nor pushes others
    /// out.
    static let size = "iif(size BETWEEN 0 AND 1000000000, size, 0)"

    init() {}

    /// Counts them, from an index alone.
    init(_ database: Database) throws {
        let rows = try Row.fetchCursor(
            database,
            sql: "SELECT direction, count(*), sum(\(Self.size)) FROM dead_letters GROUP BY direction"
        )
        while let row = try rows.next() {
            guard let direction = row.direction(at: 0) else { continue }
            letters[direction] = row[1]
            bytes += row[2] as Int
        }
    }

    mutating func add(_ direction: Direction, bytes: Int) {
        letters[direction] += 1
        self.bytes += bytes
    }

    mutating func remove(_ direction: Direction, bytes: Int) {
        letters[direction] -= 1
        self.bytes -= bytes
    }
}
