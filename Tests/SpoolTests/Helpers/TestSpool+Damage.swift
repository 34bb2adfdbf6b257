import Foundation
import GRDB

extension TestSpool {
    /// Overwrites bytes of the database's file.
    func damage(at offset: Int, count: Int) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.seek(toOffset: UInt64(offset))
        try file.write(contentsOf: Data(repeating: 0xA5, count: count))
        try file.close()
    }

    /// Runs a statement on tables that have no constraints meanwhile: leaves what a changed byte of the file can, which SQLite
    /// does not see.
    func damage(_ sql: String) throws {
        let tables = "SELECT name, sql FROM sqlite_schema WHERE type = 'table'"
        let schemas = try schema { try Row.fetchAll($0, sql: tables) }
        let bare = "replace(replace(sql, ' NOT NULL', ''), ' STRICT', '')"
        try schema { try $0.execute(sql: "UPDATE sqlite_schema SET sql = \(bare) WHERE type = 'table'") }
        try schema { try $0.execute(sql: sql) }
        try schema { database in
            for row in schemas {
                try database.execute(
                    sql: "UPDATE sqlite_schema SET sql = ? WHERE name = ?",
                    arguments: [row[1] as String, row[0] as String]
                )
            }
        }
    }

    private func schema<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try DatabaseQueue(path: path).writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA writable_schema = ON")
            return try body(database)
        }
    }
}
