/// How much of a table is read before it is given up, whatever its lengths claim.
///
/// A frame bounds a table's bytes, but a field of one byte becomes a value of many, and a level a call. The depth
/// holds for what is written too.
struct TableLimits: Sendable {
    /// Tables and arrays within each other, the outermost counted.
    var depth = 64
    /// Values in all, on every level.
    var fields = 16_384

    static let standard = TableLimits()
}
