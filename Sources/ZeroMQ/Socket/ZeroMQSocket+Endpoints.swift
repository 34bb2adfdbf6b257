internal import CZeroMQ
internal import Synchronization

extension ZeroMQSocket {
    /// Listens at an endpoint, such as `tcp://*:9940` or `tcp://127.0.0.1:*` for a port that the system chooses.
    ///
    /// - Returns: the endpoint as bound, with its port: what a peer connects to, and what ``unbind(_:)`` takes.
    /// - Throws: ``ZeroMQError``; with ``ZeroMQError/Code/addressInUse`` it may be tried again.
    @discardableResult
    public func bind(_ endpoint: String) throws(ZeroMQError) -> String {
        try chooseFamily(of: endpoint)
        try set(.affinity, to: NameThreads.addresses)
        try check(zmq_bind(handle.pointer, endpoint), "zmq_bind", endpoint: endpoint)
        handle.names.withLock { $0.bind() }
        return try lastEndpoint()
    }

    /// Connects to an endpoint, now or, when nobody listens there, as soon as somebody does. Again: changes nothing.
    ///
    /// - Returns: the endpoint as libzmq has it: what monitor events name, and what ``disconnect(_:)`` takes.
    /// - Throws: ``ZeroMQError`` for an endpoint that cannot be parsed. An unknown host is none: it is looked up again.
    @discardableResult
    public func connect(_ endpoint: String) throws(ZeroMQError) -> String {
        try chooseFamily(of: endpoint)
        try set(.affinity, to: handle.context.affinity(of: endpoint))
        try check(zmq_connect(handle.pointer, endpoint), "zmq_connect", endpoint: endpoint)
        let connected = try lastEndpoint()
        handle.names.withLock { $0.connect(connected) }
        return connected
    }

    /// Ends what ``bind(_:)`` began.
    public func unbind(_ endpoint: String) throws(ZeroMQError) {
        assertOnThread()
        try check(zmq_unbind(handle.pointer, endpoint), "zmq_unbind", endpoint: endpoint)
    }

    /// Ends what ``connect(_:)`` began, and drops what is queued for that peer.
    public func disconnect(_ endpoint: String) throws(ZeroMQError) {
        assertOnThread()
        handle.names.withLock { $0.disconnect(endpoint) }
        try check(zmq_disconnect(handle.pointer, endpoint), "zmq_disconnect", endpoint: endpoint)
    }

    /// Disconnects from each endpoint, if it is connected, and then connects to each: what helps where libzmq has given them up.
    ///
    /// A second ``connect(_:)`` alone would not: for a SUB socket libzmq takes it for a repetition and ignores it. And it keeps the
    /// address of what it has freed with an endpoint that it gave up: what is connected next may be put there, and would end with
    /// that one's disconnect. So all that is given up goes here together, before anything else is connected.
    ///
    /// - Throws: ``ZeroMQError``, the first one: the others are connected all the same.
    public func reconnect(_ endpoints: [String]) throws(ZeroMQError) {
        for endpoint in endpoints {
            do {
                try disconnect(endpoint)
            } catch  where error.code == .notFound {}
        }
        var failure: ZeroMQError?
        for endpoint in endpoints {
            do throws(ZeroMQError) {
                try connect(endpoint)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    /// Asks a ``Kind/sub`` socket's peers for messages whose first frame begins with `prefix`; empty: for all.
    public func subscribe(to prefix: String) throws(ZeroMQError) {
        try set(ZMQ_SUBSCRIBE, "ZMQ_SUBSCRIBE", prefix)
    }

    /// Takes back one ``subscribe(to:)``.
    public func unsubscribe(from prefix: String) throws(ZeroMQError) {
        try set(ZMQ_UNSUBSCRIBE, "ZMQ_UNSUBSCRIBE", prefix)
    }

    private func set(_ option: Int32, _ name: String, _ value: String) throws(ZeroMQError) {
        assertOnThread()
        try check(zmq_setsockopt(handle.pointer, option, value, value.utf8.count), name)
    }

    /// libzmq takes an address in brackets only where it is told so; elsewhere that would change what `*` and names mean.
    private func chooseFamily(of endpoint: String) throws(ZeroMQError) {
        try set(.ipv6, to: endpoint.contains("[") ? 1 : 0)
    }

    private func lastEndpoint() throws(ZeroMQError) -> String {
        // Longer than any endpoint: a host name has at most 255 bytes, a socket file's path 108.
        let capacity = 1024
        return try withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) {
            buffer throws(ZeroMQError) -> String in
            var size = capacity
            try check(
                zmq_getsockopt(handle.pointer, ZMQ_LAST_ENDPOINT, buffer.baseAddress, &size),
                "ZMQ_LAST_ENDPOINT"
            )
            // The size counts the terminating zero.
            return String(decoding: UnsafeRawBufferPointer(buffer).prefix(max(size - 1, 0)), as: UTF8.self)
        }
    }
}
