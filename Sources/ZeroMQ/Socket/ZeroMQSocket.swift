internal import CZeroMQ

/// A socket, usable on its thread only: a plain property of an actor whose executor that thread is.
///
/// It is closed by ``close()``, by its thread's end, or when nothing refers to it any more.
public final class ZeroMQSocket {
    /// What it is for.
    public enum Kind: Sendable {
        /// Receives what it subscribed to.
        case sub
        /// Sends to whoever subscribed, and receives the subscriptions as messages: a byte 1 or 0, then the prefix. It has to be
        /// read, as libzmq takes new ones in only then.
        case xpub
    }

    /// The thread that owns it.
    public let thread: ZeroMQThread
    let handle: SocketHandle
    let id: UInt64
    /// The socket that its monitor's events come out of, and what gets them.
    var monitor: (id: UInt64, handle: SocketHandle, body: (ZeroMQMonitorEvent) -> Void)?
    /// What ``receive(upTo:maxBytes:_:)`` receives into.
    let frames = FrameStorage()

    /// Opens a socket.
    ///
    /// - Parameter context: where that is not the thread's own: what a name server holds up there does not delay the end of this.
    /// - Throws: ``ZeroMQError``, ``ZeroMQError/Code/tooManySockets`` or ``ZeroMQError/Code/terminated``.
    public init(
        _ kind: Kind,
        on thread: ZeroMQThread,
        in context: ZeroMQContext? = nil
    ) throws(ZeroMQError) {
        self.thread = thread
        (id, handle) = try thread.openSocket(type: kind.type, in: context ?? thread.context)
    }

    deinit {
        // In this order: see SocketHandle.close().
        thread.close(id, handle)
        if let monitor { thread.close(monitor.id, monitor.handle) }
    }

    /// Calls `body` on the thread whenever something can be received, once a turn until it is; nil ends that, and leaves
    /// what arrives in the socket.
    public func onReadable(_ body: (@Sendable () -> Void)?) {
        assertOnThread()
        thread.setOnReadable(id, body)
    }

    /// Closes it; what it has to send is sent within ``ZeroMQOption/linger``. May be called again.
    public func close() {
        assertOnThread()
        thread.close(id, handle)
        if let monitor { thread.close(monitor.id, monitor.handle) }
        monitor = nil
    }

    /// Sets an option; most take effect for endpoints bound or connected to afterwards.
    ///
    /// - Throws: ``ZeroMQError``, ``ZeroMQError/Code/invalidArgument`` for a value that the option does not take.
    public func set(_ option: ZeroMQOption, to value: Int) throws(ZeroMQError) {
        assertOnThread()
        if option.isInt64 {
            var value = Int64(value)
            try check(zmq_setsockopt(handle.pointer, option.number, &value, MemoryLayout<Int64>.size), option.name)
        } else {
            guard var value = Int32(exactly: value) else {
                throw ZeroMQError(code: .invalidArgument, operation: option.name)
            }
            try check(zmq_setsockopt(handle.pointer, option.number, &value, MemoryLayout<Int32>.size), option.name)
        }
    }

    /// An option's value.
    func get(_ option: ZeroMQOption) throws(ZeroMQError) -> Int {
        assertOnThread()
        if option.isInt64 {
            var value: Int64 = 0
            var size = MemoryLayout<Int64>.size
            try check(zmq_getsockopt(handle.pointer, option.number, &value, &size), option.name)
            return Int(value)
        } else {
            var value: Int32 = 0
            var size = MemoryLayout<Int32>.size
            try check(zmq_getsockopt(handle.pointer, option.number, &value, &size), option.name)
            return Int(value)
        }
    }

    func check(_ result: Int32, _ operation: String, endpoint: String? = nil) throws(ZeroMQError) {
        guard result >= 0 else { throw ZeroMQError(operation: operation, endpoint: endpoint) }
    }

    /// Two threads in one socket are undefined behaviour; actor isolation forbids it, this finds what evades that.
    func assertOnThread() {
        assert(thread.isCurrent, "a ZeroMQ socket is used off its thread \(thread.name)")
    }
}

extension ZeroMQSocket.Kind {
    var type: Int32 {
        switch self {
        case .sub: ZMQ_SUB
        case .xpub: ZMQ_XPUB
        }
    }
}
