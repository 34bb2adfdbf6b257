/// Where a text stops being what Python's `repr` writes.
struct PythonLiteralError: Error, CustomStringConvertible {
    /// In bytes, of the text.
    let offset: Int
    let problem: String

    var description: String { "byte \(offset): \(problem)" }
}
