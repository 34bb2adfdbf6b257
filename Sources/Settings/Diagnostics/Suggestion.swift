/// The known name nearest to one that is unknown.
enum Suggestion {
    /// The candidate that is fewest edits away; nil where none is within a third of the name's length.
    static func nearest(to name: String, among candidates: some Sequence<String>) -> String? {
        let name = name.lowercased()
        let limit = max(1, name.count / 3)
        return
            candidates
            .map { (candidate: $0, distance: distance(name, $0.lowercased(), limit: limit)) }
            .filter { $0.distance <= limit }
            .min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }?
            .candidate
    }

    /// Insertions, deletions, replacements and swaps of neighbours from one text to the other.
    ///
    /// Texts whose lengths differ by more than `limit` are only said to be further away than it.
    static func distance(_ lhs: String, _ rhs: String, limit: Int) -> Int {
        let lhs = Array(lhs)
        let rhs = Array(rhs)
        guard abs(lhs.count - rhs.count) <= limit else { return limit + 1 }
        var beforePrevious: [Int] = []
        var previous = Array(0...rhs.count)
        for (row, left) in lhs.enumerated() {
            var current = [row + 1]
            for (column, right) in rhs.enumerated() {
                var best = min(
                    previous[column + 1] + 1,
                    current[column] + 1,
                    previous[column] + (left == right ? 0 : 1)
                )
                if row > 0, column > 0, left == rhs[column - 1], lhs[row - 1] == right {
                    best = min(best, beforePrevious[column - 1] + 1)
                }
                current.append(best)
            }
            beforePrevious = previous
            previous = current
        }
        return previous[rhs.count]
    }
}
