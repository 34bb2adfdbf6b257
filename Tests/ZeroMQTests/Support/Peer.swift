import ZeroMQ

/// One socket and what came out of it, as an actor on the socket's thread.
actor Peer {
    nonisolated let thread: ZeroMQThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private let kind: ZeroMQSocket.Kind
    private var socket: ZeroMQSocket?
    private var waiting: [(isTrue: @Sendable (isolated Peer) -> Bool, waiter: AsyncStream<Void>.Continuation)] = []

    /// Whole messages, frame by frame.
    private(set) var messages: [[[UInt8]]] = []
    private(set) var droppedFrames = 0
    private(set) var batches: [ZeroMQSocket.ReceivedBatch] = []
    private(set) var events: [ZeroMQMonitorEvent] = []
    private(set) var peers = ZeroMQPeers()

    init(_ kind: ZeroMQSocket.Kind, on thread: ZeroMQThread) {
        self.kind = kind
        self.thread = thread
    }

    /// Opens the socket, has it configured, monitors it, and reads it unless told otherwise.
    @discardableResult
    func open<Result: Sendable>(
        isReading: Bool = true,
        in context: ZeroMQContext? = nil,
        _ configure: @Sendable (ZeroMQSocket) throws -> Result
    ) throws -> Result {
        let socket = try ZeroMQSocket(kind, on: thread, in: context)
        try socket.monitor { [weak self] event in self?.assumeIsolated { $0.take(event) } }
        try socket.set(.linger, to: 0)
        try socket.set(.reconnectIvl, to: 10)
        let result = try configure(socket)
        self.socket = socket
        if isReading { read() }
        return result
    }

    func read(upTo maxMessages: Int = 100, maxBytes: Int = .max) {
        socket?.onReadable { [weak self] in self?.assumeIsolated { $0.drain(upTo: maxMessages, maxBytes: maxBytes) } }
    }

    func pause() {
        socket?.onReadable(nil)
    }

    func withSocket<Result: Sendable>(_ body: @Sendable (ZeroMQSocket) throws -> Result) throws -> Result {
        try body(openSocket)
    }

    private var openSocket: ZeroMQSocket {
        get throws {
            guard let socket else { throw ZeroMQError(code: .closed, operation: "Peer") }
            return socket
        }
    }

    func send(_ topic: [UInt8], _ body: [UInt8] = []) throws -> ZeroMQSocket.SendOutcome {
        try withSocket { try $0.send(topic.span.bytes, body.span.bytes) }
    }

    func sendFrames(_ frames: [[UInt8]]) throws -> ZeroMQSocket.SendOutcome {
        // Kept in one array, so that the pointers stay good for the call.
        let bytes = frames.flatMap { $0 }
        return try bytes.withUnsafeBytes { buffer in
            var offset = 0
            let pointers = frames.map { frame in
                defer { offset += frame.count }
                return UnsafeRawBufferPointer(rebasing: buffer[offset..<offset + frame.count])
            }
            return try openSocket.send(pointers)
        }
    }

    func close() {
        socket?.close()
    }

    /// Lets go of the socket without closing it.
    func abandon() {
        socket = nil
    }

    /// Returns once `condition` holds, which is looked at after each message and event.
    ///
    /// - Throws: `CancellationError` once the test's time limit cancels it.
    func until(_ condition: @escaping @Sendable (isolated Peer) -> Bool) async throws {
        if condition(self) { return }
        let (met, waiter) = AsyncStream.makeStream(of: Void.self)
        waiting.append((condition, waiter))
        for await _ in met {}
        try Task.checkCancellation()
    }

    func forgetEvents() {
        events.removeAll()
    }

    func forgetMessages() {
        messages.removeAll()
    }

    private func drain(upTo maxMessages: Int, maxBytes: Int) {
        var received: [[[UInt8]]] = []
        var dropped = 0
        let batch = try? socket?.receive(upTo: maxMessages, maxBytes: maxBytes) { message in
            received.append((0..<message.count).map { Array(message[$0]) })
            dropped += message.droppedFrames
        }
        if let batch { batches.append(batch) }
        messages += received
        droppedFrames += dropped
        wakeWaiting()
    }

    private func take(_ event: ZeroMQMonitorEvent) {
        events.append(event)
        peers.apply(event)
        wakeWaiting()
    }

    private func wakeWaiting() {
        let all = waiting
        waiting = []
        for (isTrue, waiter) in all {
            if isTrue(self) {
                waiter.finish()
            } else {
                waiting.append((isTrue, waiter))
            }
        }
    }
}
