/// Waits that double, with full jitter: each is drawn between nothing and the bound, so that clients whom one broker
/// dropped do not all come back in the same moment.
struct Backoff {
    let policy: AMQPRecoveryPolicy
    private(set) var failures = 0

    init(policy: AMQPRecoveryPolicy) {
        self.policy = policy
    }

    /// The longest that the next wait may be.
    var bound: Duration {
        var bound = policy.initialBackoff
        for _ in 0..<failures where bound < policy.maximumBackoff {
            bound *= 2
        }
        return min(bound, policy.maximumBackoff)
    }

    /// Draws the next wait and doubles the bound of the one after.
    mutating func next(using random: inout some RandomNumberGenerator) -> Duration {
        let longest = max(.zero, bound)
        failures += 1
        return longest * Double.random(in: 0...1, using: &random)
    }

    mutating func reset() {
        failures = 0
    }
}
