/// The name that was probably meant by a mistyped one.
///
/// - Returns: Nil where none of `candidates` is within a third of its length in edits.
func nearestName(to name: String, among candidates: some Sequence<String>) -> String? {
    candidates
        .map { (name: $0, distance: editDistance(name.lowercased(), $0)) }
        .filter { $0.distance <= max(1, $0.name.utf8.count / 3) }
        .min { $0.distance < $1.distance }?
        .name
}

/// Levenshtein's distance, in bytes.
private func editDistance(_ one: String, _ other: String) -> Int {
    let other = Array(other.utf8)
    var row = Array(0...other.count)
    for (line, byte) in one.utf8.prefix(64).enumerated() {
        var diagonal = row[0]
        row[0] = line + 1
        for (column, otherByte) in other.enumerated() {
            let replaced = diagonal + (byte == otherByte ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
        }
    }
    return row[other.count]
}
