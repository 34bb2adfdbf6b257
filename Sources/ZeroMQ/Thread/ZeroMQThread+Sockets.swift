internal import Synchronization

extension ZeroMQThread {
    /// Opens a socket of a `ZMQ_*` type, which the loop polls, in a context.
    func openSocket(type: Int32, in context: ZeroMQContext) throws(ZeroMQError) -> (id: UInt64, handle: SocketHandle) {
        assert(isCurrent, "a ZeroMQ socket is opened off its thread \(name)")
        let handle = try context.openSocket(type: type)
        guard let id = state.withLock({ $0.register(handle) }) else {
            handle.close()
            throw ZeroMQError(code: .terminated, operation: "zmq_socket")
        }
        return (id, handle)
    }

    func setOnReadable(_ id: UInt64, _ body: (@Sendable () -> Void)?) {
        _ = state.withLock { $0.setOnReadable(id, body) }
    }

    /// Closes a socket; from another thread, in the loop's next turn.
    func close(_ id: UInt64, _ handle: SocketHandle) {
        guard isCurrent else {
            schedule(after: .zero) { self.close(id, handle) }
            return
        }
        _ = state.withLock { $0.unregister(id) }
        handle.close()
    }
}
