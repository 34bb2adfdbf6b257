/// When messages go out.
package enum ReplayPacing: Sendable {
    /// As fast as the broker takes them.
    case unlimited
    /// So many a second.
    case rate(Double)
    /// With the messages' own spacing, so many times as fast.
    case speed(Double)

    /// How long after the first message one is due.
    ///
    /// - Parameters:
    ///   - number: messages before it.
    ///   - seconds: between its time and the first one's; nil where either has none.
    func delay(number: Int, seconds: Int64?) -> Duration {
        switch self {
        case .unlimited: .zero
        case .rate(let rate): .seconds(Double(number) / rate)
        // One that is older than the first one is late already.
        case .speed(let speed): .seconds(Double(max(0, seconds ?? 0)) / speed)
        }
    }
}
