import Testing
import ZeroMQ

/// A publisher with a thread of its own.
actor Publisher {
    nonisolated let thread: ZeroMQThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    private nonisolated let subscriptions = AsyncStream.makeStream(of: Void.self)
    private var socket: ZeroMQSocket?

    init(in context: ZeroMQContext) throws {
        thread = try ZeroMQThread(context: context, name: "publisher")
    }

    /// Binds, and returns the endpoint as it is then.
    func open(at endpoint: String) throws -> String {
        let socket = try ZeroMQSocket(.xpub, on: thread)
        try socket.set(.linger, to: 30_000)
        try socket.set(.sndhwm, to: 0)
        socket.onReadable { [weak self] in self?.assumeIsolated { $0.noteSubscription() } }
        self.socket = socket
        return try socket.bind(endpoint)
    }

    /// Waits until somebody has subscribed.
    nonisolated func subscribed() async {
        for await _ in subscriptions.stream { return }
    }

    private func noteSubscription() {
        _ = try? socket?.receive(upTo: 1) { _ in subscriptions.continuation.yield() }
    }

    func send(_ payload: String) throws {
        _ = try socket?.send("topic".utf8Span.span.bytes, payload.utf8Span.span.bytes)
    }

    /// Sends a message of so many frames of zeros.
    func send(frames: Int, of size: Int) throws {
        let zeros = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 1)
        defer { zeros.deallocate() }
        zeros.initializeMemory(as: UInt8.self, repeating: 0)
        _ = try socket?.send(Array(repeating: UnsafeRawBufferPointer(zeros), count: frames))
    }

    func close() async {
        socket?.close()
        await thread.stop()
    }

    /// Sends so many messages and ends, with its context; returns once they are the kernel's.
    func publishAndEnd(_ count: Int) async throws {
        for _ in 0..<count { try send("{}") }
        socket?.close()
        await thread.stop()
        #expect(try await thread.context.terminate(within: .seconds(30)))
    }
}
