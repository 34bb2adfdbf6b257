internal import CZeroMQ
internal import Glibc
internal import Synchronization

extension ZeroMQSocket {
    /// Calls `body` on the thread with each event of this socket's connections, in the order they happened, from now on.
    ///
    /// Sockets of one process that meet by `inproc` have no connections. Left out is what may be about several endpoints, as
    /// two host names can have one address.
    ///
    /// - Throws: ``ZeroMQError``; ``ZeroMQError/Code/invalidArgument`` when it is monitored already.
    public func monitor(_ body: @escaping @Sendable (ZeroMQMonitorEvent) -> Void) throws(ZeroMQError) {
        assertOnThread()
        guard monitor == nil else {
            throw ZeroMQError(code: .invalidArgument, operation: "zmq_socket_monitor")
        }
        let pair = try thread.openSocket(type: ZMQ_PAIR, in: handle.context)
        do {
            // No limit: an I/O thread that waits for room in here holds a lock that zmq_bind and zmq_close wait for.
            var limit: Int32 = 0
            try check(zmq_setsockopt(pair.handle.pointer, ZMQ_RCVHWM, &limit, MemoryLayout<Int32>.size), "ZMQ_RCVHWM")
            // The address of an open socket is nobody else's.
            let endpoint = "inproc://monitor-\(UInt(bitPattern: handle.pointer))"
            // But one: libzmq sends that event before zmq_bind returns, which can leave EAGAIN where EADDRINUSE was.
            let events = ZMQ_EVENT_ALL & ~ZMQ_EVENT_BIND_FAILED
            try check(zmq_socket_monitor(handle.pointer, endpoint, events), "zmq_socket_monitor")
            handle.markMonitored()
            try check(zmq_connect(pair.handle.pointer, endpoint), "zmq_connect", endpoint: endpoint)
        } catch {
            zmq_socket_monitor(handle.pointer, nil, 0)
            thread.close(pair.id, pair.handle)
            throw error
        }
        monitor = (pair.id, pair.handle, body)
        let (monitored, events) = (handle, pair.handle)
        thread.setOnReadable(pair.id) {
            _ = Self.deliverEvents(of: monitored, from: events, to: body)
        }
    }

    /// Calls the monitor's body with all that has happened by now, such as what came before a message that was received.
    public func deliverEvents() {
        assertOnThread()
        while let monitor, !Self.deliverEvents(of: handle, from: monitor.handle, to: monitor.body) {}
    }

    /// A turn's share of events; they are few, so the frames are the call's own.
    ///
    /// - Returns: whether there are no more.
    private static func deliverEvents(
        of monitored: SocketHandle,
        from pair: SocketHandle,
        to body: (ZeroMQMonitorEvent) -> Void
    ) -> Bool {
        var event = zmq_msg_t()
        var endpoint = zmq_msg_t()
        zmq_msg_init(&event)
        zmq_msg_init(&endpoint)
        defer {
            zmq_msg_close(&event)
            zmq_msg_close(&endpoint)
        }
        for _ in 0..<100 {
            // `body` may have closed the socket: then this fails, and nothing is delivered any more.
            guard
                zmq_msg_recv(&event, pair.pointer, ZMQ_DONTWAIT) >= 0,
                zmq_msg_more(&event) != 0,
                zmq_msg_recv(&endpoint, pair.pointer, ZMQ_DONTWAIT) >= 0
            else { return true }
            let parsed = ZeroMQMonitorEvent(
                event: UnsafeRawBufferPointer(start: zmq_msg_data(&event), count: zmq_msg_size(&event)),
                endpoint: UnsafeRawBufferPointer(start: zmq_msg_data(&endpoint), count: zmq_msg_size(&endpoint))
            )
            if let parsed, let event = monitored.names.withLock({ $0.resolve(parsed, address: Self.peerAddress) }) {
                body(event)
            }
        }
        return false
    }

    /// Where a connection goes to, as libzmq writes it; nil where that is not TCP, or over.
    private static func peerAddress(of descriptor: Int32) -> String? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let result = withUnsafeMutableBytes(of: &storage) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { address in
                getpeername(descriptor, address.baseAddress, &length) == 0
                    ? getnameinfo(address.baseAddress, length, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
                    : -1
            }
        }
        guard result == 0 else { return nil }
        let name = String(decoding: host.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        // Both families have the port in the same place.
        let port = withUnsafeBytes(of: &storage) { UInt16(bigEndian: $0.load(as: sockaddr_in.self).sin_port) }
        switch Int32(storage.ss_family) {
        case AF_INET: return "tcp://\(name):\(port)"
        case AF_INET6: return "tcp://[\(name)]:\(port)"
        default: return nil
        }
    }
}
