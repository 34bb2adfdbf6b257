internal import CZeroMQ
internal import Synchronization

/// A libzmq context: the I/O threads that sockets share.
public final class ZeroMQContext: Sendable {
    /// The `void *` of `zmq_ctx_new`, nil once terminated: under a lock, for `zmq_socket` may not meet a freed context.
    private let handle: Mutex<UInt?>
    private let threads: Mutex<NameThreads>

    /// Creates a context.
    ///
    /// - Parameters:
    ///   - endpoints: what its sockets will connect to, as far as it is known. Those with a host name get I/O threads besides the
    ///     first one, up to 63 in all: a name server that does not answer holds up all that its thread carries. A thread
    ///     carries about a gigabyte a second.
    ///   - maxSockets: how many sockets may exist at once, each monitor's two included.
    /// - Throws: ``ZeroMQError`` when libzmq refuses a value or has no descriptor left.
    public init(connectingTo endpoints: [String] = [], maxSockets: Int = 1023) throws(ZeroMQError) {
        let threads = NameThreads(endpoints)
        self.threads = Mutex(threads)
        guard let context = zmq_ctx_new() else {
            throw ZeroMQError(operation: "zmq_ctx_new")
        }
        handle = Mutex(UInt(bitPattern: context))
        // Without "blocky", a socket whose linger nobody set does not hold up termination for ever.
        let values = [(ZMQ_IO_THREADS, threads.count), (ZMQ_MAX_SOCKETS, maxSockets), (ZMQ_BLOCKY, 0)]
        for (option, value) in values {
            guard let value = Int32(exactly: value), zmq_ctx_set(context, option, value) == 0 else {
                throw ZeroMQError(code: .invalidArgument, operation: "zmq_ctx_set")
            }
        }
    }

    deinit {
        guard let context = handle.withLock({ $0 }) else { return }
        // Each open socket keeps its context, so there is none; but a linger may be running, and a deinit never waits.
        (try? PlatformThread.start(name: "zmq-term") { Self.terminate(context) })?.detach()
    }

    /// Ends the context: waits until what closed sockets still had to send is sent or their linger is over.
    /// Sockets that are open get `ETERM` from then on, and their threads close them.
    ///
    /// - Returns: whether it ended within `limit`. If not, libzmq goes on ending it in the background.
    /// - Throws: ``ZeroMQError`` when the system has no thread to wait on.
    @discardableResult
    public func terminate(within limit: Duration) async throws(ZeroMQError) -> Bool {
        let taken = handle.withLock { handle in
            defer { handle = nil }
            return handle
        }
        guard let context = taken else { return true }
        let outcome = OneShot<Bool>()
        do {
            // zmq_ctx_term blocks: never on one of Swift's cooperative threads.
            try PlatformThread.start(name: "zmq-term") {
                Self.terminate(context)
                outcome.resolve(true)
            }.detach()
        } catch {
            handle.withLock { $0 = context }
            throw error
        }
        let timeout = Task {
            try? await Task.sleep(for: limit)
            outcome.resolve(false)
        }
        let ended = await outcome.value
        timeout.cancel()
        return ended
    }

    /// Opens a socket of a `ZMQ_*` type.
    func openSocket(type: Int32) throws(ZeroMQError) -> SocketHandle {
        let socket = handle.withLock { handle in
            handle.flatMap { zmq_socket(UnsafeMutableRawPointer(bitPattern: $0), type) }.map { UInt(bitPattern: $0) }
        }
        guard let socket else {
            let isTerminated = handle.withLock { $0 == nil }
            throw isTerminated
                ? ZeroMQError(code: .terminated, operation: "zmq_socket") : ZeroMQError(operation: "zmq_socket")
        }
        return SocketHandle(socket, of: self)
    }

    /// What `ZMQ_AFFINITY` has to be for an endpoint that is connected to.
    func affinity(of endpoint: String) -> Int {
        threads.withLock { $0.affinity(of: endpoint) }
    }

    private static func terminate(_ context: UInt) {
        // Interrupted by a signal it has to be called again; any other failure says that it is over.
        while zmq_ctx_term(UnsafeMutableRawPointer(bitPattern: context)) != 0, zmq_errno() == EINTR {}
    }
}
