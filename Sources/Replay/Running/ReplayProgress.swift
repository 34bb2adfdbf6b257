/// How far a replay is.
package struct ReplayProgress: Sendable {
    package var counts: ReplayCounts
    /// Of the current input, 0 to 1; nil where its size is not known.
    package var fraction: Double?

    init(_ source: ReplaySource) {
        counts = source.counts
        let position = source.reader.position
        fraction = position.size.map { $0 > 0 ? min(1, Double(position.read) / Double($0)) : 1 }
    }
}
