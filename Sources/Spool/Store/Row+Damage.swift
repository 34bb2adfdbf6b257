import Foundation
import GRDB
import NIOCore

/// Columns as a damaged file may have them: SQLite looks at neither `NOT NULL` nor types when it reads, and GRDB's own
/// subscripts end the process.
extension Row {
    /// What the spool's numbers, sums and times can be: a sum of two is a number, and a time has a year of four digits.
    static let plausible = 0...(1 << 57)

    /// A number; nil where none that the spool writes is there.
    func number(at index: Int) -> Int? {
        Int.fromDatabaseValue(self[index]).flatMap { Self.plausible.contains($0) ? $0 : nil }
    }

    /// A number without which the database can't be used.
    func neededNumber(at index: Int) throws -> Int {
        if let number = number(at: index) { return number }
        let (name, value) = self[self.index(startIndex, offsetBy: index)]
        throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "\(name) is \(value)")
    }

    /// A text; nil where there is none.
    func text(at index: Int) -> String? { String.fromDatabaseValue(self[index]) }

    /// Bytes; nil where there are none.
    func bytes(at index: Int) -> ByteBuffer? {
        try? withUnsafeData(atIndex: index) { $0.map { ByteBuffer(bytes: $0) } }
    }

    /// A direction; nil where there is none.
    func direction(at index: Int) -> Direction? { text(at: index).flatMap(Direction.init) }
}
