import Testing
import ZeroMQ

/// Runs `body` with a thread of its own, then stops the thread and ends the context, which shows a socket left open.
func withThread<Result>(_ body: (ZeroMQThread) async throws -> Result) async throws -> Result {
    let context = try ZeroMQContext()
    let thread = try ZeroMQThread(context: context)
    do {
        let result = try await body(thread)
        await thread.stop()
        #expect(try await context.terminate(within: .seconds(10)))
        return result
    } catch {
        await thread.stop()
        try await context.terminate(within: .seconds(10))
        throw error
    }
}

extension ZeroMQThread {
    /// Returns after at least `delay`, by way of the thread's own timers.
    ///
    /// - Throws: `CancellationError` once the test's time limit cancels it.
    func wait(_ delay: Duration) async throws {
        let (due, timer) = AsyncStream.makeStream(of: Void.self)
        schedule(after: delay) { timer.finish() }
        for await _ in due {}
        try Task.checkCancellation()
    }
}

/// Returns once `condition` holds, which is looked at again and again.
///
/// - Throws: `CancellationError` once the test's time limit cancels it.
func spin(until condition: () async -> Bool) async throws {
    while await !condition() {
        try Task.checkCancellation()
        await Task.yield()
    }
}

/// Returns once what `publisher` sends reaches `subscriber`: sends a message until one comes through, and forgets them.
func meet(_ publisher: Peer, _ subscriber: Peer) async throws {
    let probe = Array("probe".utf8)
    while await subscriber.messages.isEmpty {
        _ = try await publisher.send(probe)
        try await publisher.thread.wait(.milliseconds(1))
    }
    let end = Array("probe end".utf8)
    _ = try await publisher.send(end)
    try await subscriber.until { $0.messages.last?.first == end }
    await subscriber.forgetMessages()
}

/// A publisher that is bound, on a port that the system chose, and a subscriber to everything, which have met.
func makePair(
    on thread: ZeroMQThread,
    publisher configurePublisher: @escaping @Sendable (ZeroMQSocket) throws -> Void = { _ in },
    subscriber configureSubscriber: @escaping @Sendable (ZeroMQSocket) throws -> Void = { _ in }
) async throws -> (publisher: Peer, subscriber: Peer) {
    let publisher = Peer(.xpub, on: thread)
    let endpoint = try await publisher.open { socket in
        try configurePublisher(socket)
        return try socket.bind("tcp://127.0.0.1:*")
    }
    let subscriber = Peer(.sub, on: thread)
    try await subscriber.open { socket in
        try configureSubscriber(socket)
        try socket.subscribe(to: "")
        try socket.connect(endpoint)
    }
    try await meet(publisher, subscriber)
    return (publisher, subscriber)
}
