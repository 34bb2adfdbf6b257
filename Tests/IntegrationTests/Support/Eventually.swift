/// Looks again and again until `condition` answers something, and returns that.
///
/// The one place where tests wait by looking: what a peer or the bridge does cannot be awaited across processes.
///
/// - Parameters:
///   - what: what is waited for, for the message when it does not come.
///   - limit: how long to look.
///   - detail: what to say besides when it does not come.
/// - Throws: `HarnessError` at the limit, and what `condition` throws.
func eventually<Value>(
    _ what: String,
    within limit: Duration = .seconds(60),
    every pause: Duration = .milliseconds(20),
    detail: () -> String = { "" },
    _ condition: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        if let value = try await condition() { return value }
        guard ContinuousClock.now < deadline else {
            throw HarnessError("not within \(limit): \(what). \(detail())")
        }
        try await Task.sleep(for: pause)
    }
}

/// As above, for a condition that is true or not.
func eventually(
    _ what: String,
    within limit: Duration = .seconds(60),
    every pause: Duration = .milliseconds(20),
    detail: () -> String = { "" },
    _ condition: () async throws -> Bool
) async throws {
    try await eventually(what, within: limit, every: pause, detail: detail) { () async throws -> Void? in
        try await condition() ? () : nil
    }
}
