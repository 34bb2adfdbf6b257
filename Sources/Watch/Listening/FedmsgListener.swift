import Bridge
import NIOCore
package import Settings
package import ZeroMQ

/// Hears fedmsgs as any subscriber does.
package actor FedmsgListener {
    /// What it tells, on the ZeroMQ thread.
    package struct Handlers: Sendable {
        package var heard: @Sendable (Heard) -> Void
        /// Whether an endpoint is connected now.
        package var connected: @Sendable (String, Bool) -> Void

        package init(
            heard: @escaping @Sendable (Heard) -> Void,
            connected: @escaping @Sendable (String, Bool) -> Void
        ) {
            self.heard = heard
            self.connected = connected
        }
    }

    /// One socket: where it is, its endpoints as libzmq has them, by the configured ones, and which are connected.
    private struct Ear {
        var socket: ZeroMQSocket
        var place: Heard.Place
        var endpoints: [String: String] = [:]
        var peers = ZeroMQPeers()
        var connected: Set<String> = []
        var isReconnecting = false
    }

    /// Messages that one turn of the loop takes at most.
    private static let batchLimit = 1000

    private nonisolated let thread: ZeroMQThread
    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    private let options: BridgeConfiguration.ToAMQP
    private let handlers: Handlers
    private var ears: [Ear] = []

    /// - Parameter configuration: of which it takes the options of connections.
    package init(thread: ZeroMQThread, configuration: BridgeConfiguration, handlers: Handlers) {
        self.thread = thread
        options = configuration.toAMQP
        self.handlers = handlers
    }

    /// Connects to endpoints, for ever.
    ///
    /// - Parameter topics: ZeroMQ prefixes.
    /// - Throws: `ZeroMQError` for an endpoint that can't be parsed.
    package func open(_ endpoints: [String], topics: [String], at place: Heard.Place) throws {
        guard !endpoints.isEmpty else { return }
        let ear = ears.count
        let socket = try ZeroMQSocket(.sub, on: thread)
        // This process drops what it can't keep up with, not libzmq: that would not be told.
        try socket.set(.rcvhwm, to: 0)
        try socket.set(.maxMsgSize, to: options.maxMessageBytes)
        try socket.setConnectionOptions(options.socketOptions)
        for topic in topics { try socket.subscribe(to: topic) }
        try socket.monitor { [weak self] event in self?.assumeIsolated { $0.note(event, by: ear) } }
        socket.onReadable { [weak self] in self?.assumeIsolated { $0.drain(ear) } }
        ears.append(Ear(socket: socket, place: place))
        for endpoint in endpoints { ears[ear].endpoints[endpoint] = try socket.connect(endpoint) }
    }

    /// Hears no more.
    package func close() {
        for ear in ears { ear.socket.close() }
        ears = []
    }

    private func drain(_ index: Int) {
        guard ears.indices.contains(index) else { return }
        let ear = ears[index]
        // It fails only once the socket is closed, and then nothing is lost.
        _ = try? ear.socket.receive(upTo: Self.batchLimit) { message in
            var heard = Heard(place: ear.place, topic: ByteBuffer(bytes: message[0]), payload: ByteBuffer())
            heard.frames = message.totalFrames
            if message.count > 1 { heard.payload = ByteBuffer(bytes: message[1]) }
            handlers.heard(heard)
        }
    }

    private func note(_ event: ZeroMQMonitorEvent, by index: Int) {
        guard ears.indices.contains(index) else { return }
        var ear = ears[index]
        ear.peers.apply(event)
        let now = Set(ear.endpoints.filter { ear.peers.count(at: $0.value) > 0 }.keys)
        let changed = now.symmetricDifference(ear.connected)
        ear.connected = now
        let reconnects = !ear.peers.abandonedEndpoints.isEmpty && !ear.isReconnecting
        if reconnects { ear.isReconnecting = true }
        ears[index] = ear
        for endpoint in changed { handlers.connected(endpoint, now.contains(endpoint)) }
        if reconnects {
            thread.schedule(after: .seconds(1)) { [weak self] in self?.assumeIsolated { $0.reconnect(index) } }
        }
    }

    /// libzmq does not come back by itself to a publisher that sent a frame over the limit.
    private func reconnect(_ index: Int) {
        guard ears.indices.contains(index) else { return }
        let socket = ears[index].socket
        // It changes the ear; what it tells as given up goes with the rest.
        socket.deliverEvents()
        ears[index].isReconnecting = false
        let endpoints = ears[index].peers.abandonedEndpoints
        for endpoint in endpoints { ears[index].peers.remove(endpoint) }
        try? socket.reconnect(endpoints)
    }
}
