/// When the token of an open connection is to be replaced: once four fifths of its lifetime are over. A provider that
/// fails is asked again, more often the closer the end is; once it is past, the broker ends the connection, and the next
/// one begins with a token of its own.
struct TokenRenewal {
    /// When to ask; nil while somebody asks, or where the token at hand does not expire.
    private(set) var due: Duration?
    private var expiry: Duration = .zero

    /// - Parameter time: when the token was asked for.
    init(lifetime: Duration?, askedAt time: Duration) {
        renewed(lifetime: lifetime, askedAt: time)
    }

    /// Whether to ask for another token now; true once, until one of the two below is told.
    mutating func tick(at now: Duration) -> Bool {
        guard let due, now >= due else { return false }
        self.due = nil
        return true
    }

    mutating func renewed(lifetime: Duration?, askedAt time: Duration) {
        due = lifetime.map { time + max($0 * 4 / 5, .seconds(1)) }
        expiry = lifetime.map { time + $0 } ?? .zero
    }

    mutating func failed(at now: Duration) {
        let left = expiry - now
        due = now + (left > .zero ? min(max(left / 4, .seconds(1)), .seconds(30)) : .seconds(30))
    }
}
