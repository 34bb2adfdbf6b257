/// How far a replay is.
package struct ReplayProgress: Sendable {
    package var counts: ReplayCounts
    /// Of all inputs, 0 to 1; nil where their size is not known.
    package var fraction: Double?

    init(_ source: ReplaySource) {
        counts = source.counts
        let position = source.reader.position
        fraction = source.reader.size.map { $0 > 0 ? min(1, Double(position) / Double($0)) : 1 }
    }
}
