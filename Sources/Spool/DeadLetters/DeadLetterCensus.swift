import GRDB

/// How many dead letters there are, and their bytes.
struct DeadLetterCensus {
    /// What letters are counted by.
    struct Kind: Hashable {
        let direction: Direction
        let reason: String

        init(_ letter: DeadLetter) {
            (direction, reason) = (letter.direction, letter.reason)
        }

        /// Of a row that begins with both; nil where its direction is damaged, and nothing counts it.
        init?(_ row: Row) {
            guard let direction = row.direction(at: 0) else { return nil }
            (self.direction, reason) = (direction, row.text(at: 1) ?? DeadLetter.damagedReason)
        }
    }

    /// The room that letters of a kind take.
    struct Room {
        var letters = 0
        var bytes = 0
        /// No letter that may fall out has this id or a lower one.
        var staysThrough: Int64 = 0
    }

    private(set) var letters = SpoolStatus.PerDirection()
    private(set) var bytes = 0
    private(set) var rooms: [Kind: Room] = [:]

    /// A letter's size in SQL; 0 where it is none that fits into a row, so that damage neither stops the count nor pushes others
    /// out.
    static let size = "iif(size BETWEEN 0 AND 1000000000, size, 0)"

    init() {}

    /// Counts them, from an index alone.
    init(_ database: Database) throws {
        let rows = try Row.fetchCursor(
            database,
            sql: "SELECT direction, reason, count(*), sum(\(Self.size)) FROM dead_letters GROUP BY direction, reason"
        )
        while let row = try rows.next() {
            guard let kind = Kind(row) else { continue }
            add(kind, letters: row[2], bytes: row[3])
        }
    }

    mutating func add(_ kind: Kind, letters count: Int = 1, bytes size: Int) {
        letters[kind.direction] += count
        bytes += size
        rooms[kind, default: Room()].letters += count
        rooms[kind, default: Room()].bytes += size
    }

    mutating func remove(_ kind: Kind, bytes size: Int) {
        add(kind, letters: -1, bytes: -size)
    }

    /// The letters of a kind through an id are gone, or wait to be tried again.
    mutating func note(_ kind: Kind, staysThrough id: Int64) {
        rooms[kind, default: Room()].staysThrough = id
    }

    /// A letter that was to be tried again may fall out from now on.
    mutating func note(_ kind: Kind, returned id: Int64) {
        let through = rooms[kind, default: Room()].staysThrough
        rooms[kind, default: Room()].staysThrough = min(through, id - 1)
    }
}
