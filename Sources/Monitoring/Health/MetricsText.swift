/// The values of a `/metrics` answer, by series as written: `name` or `name{label="value"}`.
struct MetricsText: Sendable {
    private var values: [Substring: Double] = [:]

    /// Reads an answer; lines that are no sample are passed over.
    init(_ text: String) {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else {
                continue
            }
            values[line[..<space]] = value
        }
    }

    subscript(series: String) -> Double? { values[series[...]] }
}
