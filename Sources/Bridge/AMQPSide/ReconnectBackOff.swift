/// How long to wait before the next try to connect: from 0.5 s, doubling to 30 s, with jitter, so that
/// bridges that lost the same broker do not come back in step.
struct ReconnectBackOff {
    private var longest = Duration.milliseconds(500)

    mutating func next() -> Duration {
        defer { longest = min(longest * 2, .seconds(30)) }
        return longest * Double.random(in: 0.5...1)
    }

    mutating func reset() { self = ReconnectBackOff() }
}
