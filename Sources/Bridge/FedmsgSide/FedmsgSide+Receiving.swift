import Logging
import NIOCore
import Settings
import Spool
import ZeroMQ

extension FedmsgSide {
    /// Messages that one turn of the loop takes at most, so that sending gets its turn.
    private static let batchLimit = 1000
    private static let batchByteLimit = BridgeConfiguration.ToAMQP.turnBytes
    /// A turn that took so many bytes was worth its price.
    private static let plenty = 1 << 16
    /// Turns that ``takeAllReceived()`` takes at most: a million messages. Who floods a socket may not hold up the thread.
    private static let turnLimit = 1000
    /// An endpoint of several that is away for so long is worth a warning.
    private static let awayLimit: UInt64 = 600_000_000_000

    func openSubscriber() throws(ZeroMQError) {
        let settings = configuration.toAMQP
        let socket = try ZeroMQSocket(.sub, on: thread, in: receivingContext)
        try socket.set(.rcvhwm, to: settings.highWaterMark)
        try socket.set(.maxMsgSize, to: settings.maxMessageBytes)
        try socket.setConnectionOptions(settings.socketOptions)
        for topic in settings.topics { try socket.subscribe(to: topic) }
        try socket.monitor { [weak self] event in self?.assumeIsolated { $0.noteSubscriberEvent(event) } }
        subscriber = socket
        watchSubscriber()
        for endpoint in settings.zmqEndpoints {
            if settings.bind {
                bindSubscriber(endpoint)
            } else {
                endpoints[endpoint] = try socket.connect(endpoint)
                noteAway(endpoint)
            }
        }
        gauges.setEndpoints(settings.zmqEndpoints.count)
        reportEndpoints()
    }

    /// Binds, and tries again every second while somebody else has the address.
    func bindSubscriber(_ endpoint: String) {
        // Reloads may have taken it back meanwhile, or have had it bound by then.
        guard let subscriber, endpoints[endpoint] == nil, configuration.toAMQP.zmqEndpoints.contains(endpoint) else {
            return
        }
        do throws(ZeroMQError) {
            endpoints[endpoint] = try subscriber.bind(endpoint)
            board.clear(.addressInUse, source: endpoint)
            reportEndpoints()
        } catch {
            board.raise(.addressInUse, source: endpoint, Self.inUse(error))
            thread.schedule(after: .seconds(1)) { [weak self] in
                self?.assumeIsolated { $0.bindSubscriber(endpoint) }
            }
        }
    }

    /// Takes everything that has arrived: for when the rest would be dropped with a connection.
    func takeAllReceived() {
        var turns = 0
        while turns < Self.turnLimit, let taken = drainSubscriber(), !taken.isDrained { turns += 1 }
    }

    private func watchSubscriber() {
        subscriber?.onReadable { [weak self] in self?.assumeIsolated { $0.receive() } }
    }

    /// Takes what has arrived. In quick succession the next receipt waits until there is more of it, as each costs wake-ups
    /// and a transaction of the journal.
    private func receive() {
        guard let taken = drainSubscriber(), taken.messages > 0 else { return }
        let now = clock.uptime
        let sinceLast = lastReceipt.map { now - $0 } ?? .max
        lastReceipt = now
        guard sinceLast < (receiveInterval * 3 / 2).nanoseconds, taken.isDrained, taken.bytes < Self.plenty else {
            return
        }
        // Past its limit libzmq would leave the rest to the publisher, who may drop it.
        let limit = configuration.toAMQP.highWaterMark
        guard limit == 0 || taken.messages < limit / 2 else { return }
        subscriber?.onReadable(nil)
        thread.schedule(after: receiveInterval) { [weak self] in self?.assumeIsolated { $0.watchSubscriber() } }
    }

    /// Takes what has arrived, as much as one turn may, one copy a message, and hands it over.
    ///
    /// - Returns: how much that was; nil where nothing can be received.
    private func drainSubscriber() -> ZeroMQSocket.ReceivedBatch? {
        guard let subscriber else { return nil }
        var taken: ZeroMQSocket.ReceivedBatch?
        var batch = ReceivedBatch(receivedAt: clock.now, reservingCapacity: min(lastBatchBytes, 1 << 16))
        do throws(ZeroMQError) {
            taken = try subscriber.receive(upTo: Self.batchLimit, maxBytes: Self.batchByteLimit) { message in
                let isTaken =
                    message.totalFrames == 2
                    ? batch.append(topic: message[0], payload: message[1])
                    : batch.append(frames: (0..<message.count).map { message[$0] })
                // `max_message_bytes` is each frame's limit, and there may be many.
                if !isTaken { handlers.lost() }
            }
        } catch {
            logger.error("receiving failed", metadata: [LogKey.error: "\(error)"])
        }
        guard !batch.isEmpty else { return taken }
        lastBatchBytes = batch.byteCount
        handlers.received(batch)
        return taken
    }

    func noteSubscriberEvent(_ event: ZeroMQMonitorEvent) {
        publishers.apply(event)
        switch event.kind {
        case .handshakeSucceeded, .disconnected:
            reportEndpoints()
            if !publishers.abandonedEndpoints.isEmpty { reconnectSoon() }
        default: break
        }
    }

    /// It is not connected from now on, which is worth a warning in a while.
    func noteAway(_ endpoint: String) {
        awaySince[endpoint] = clock.uptime
        // A second more, so that the time is over by then.
        thread.schedule(after: .nanoseconds(Int64(Self.awayLimit)) + .seconds(1)) { [weak self] in
            self?.assumeIsolated { $0.reportEndpoints() }
        }
    }

    /// Which endpoints are connected, for the status and the log.
    func reportEndpoints() {
        let configured = configuration.toAMQP.zmqEndpoints
        let connected = configured.filter(isConnected)
        gauges.setConnectedEndpoints(connected.count)
        let now = clock.uptime
        for endpoint in configured {
            if connected.contains(endpoint) {
                if let since = awaySince.removeValue(forKey: endpoint) {
                    noteConnected(endpoint, after: (now - since) / 1_000_000_000, now: now)
                }
                board.clear(.endpointAway, source: endpoint)
            } else if let since = awaySince[endpoint] {
                // Where there is no other one, it is a reason and no warning.
                guard configured.count > 1 else {
                    board.clear(.endpointAway, source: endpoint)
                    continue
                }
                guard now >= since + Self.awayLimit else { continue }
                board.raise(
                    .endpointAway,
                    source: endpoint,
                    "\(endpoint) has been away for over 10 minutes: look after that publisher, or take it out of zmq_endpoints"
                )
            } else {
                noteAway(endpoint)
                logger.warning("endpoint lost", metadata: [LogKey.endpoint: "\(endpoint)"])
            }
        }
        if connected.isEmpty, !configured.isEmpty {
            let list = configured.joined(separator: ", ")
            board.raise(
                .notConnected,
                source: "zmq",
                "no publisher answers at \(list): check zmq_endpoints and the publishers"
            )
        } else {
            board.clear(.notConnected, source: "zmq")
        }
    }

    /// Logs that an endpoint is connected, once a minute at most: a publisher may come and go all the time.
    private func noteConnected(_ endpoint: String, after seconds: UInt64, now: UInt64) {
        if let count = connectedLog.pass(endpoint, now: now) {
            logConnected(endpoint, count, [LogKey.seconds: "\(seconds)"])
        } else if loggingSoon.insert(endpoint).inserted {
            thread.schedule(after: .seconds(60)) { [weak self] in
                self?.assumeIsolated { side in
                    side.loggingSoon.remove(endpoint)
                    side.logHeldConnections(now: side.clock.uptime)
                }
            }
        }
    }

    /// Logs what was held back, once its minute is over; at the end (`nil`), all of it.
    func logHeldConnections(now: UInt64?) {
        for (endpoint, count) in connectedLog.overdue(now: now) { logConnected(endpoint, count) }
    }

    private func logConnected(_ endpoint: String, _ count: Int, _ metadata: Logger.Metadata = [:]) {
        var all = metadata
        all[LogKey.endpoint] = "\(endpoint)"
        if count > 1 { all[LogKey.count] = "\(count)" }
        logger.info("connected", metadata: all)
    }

    private func isConnected(_ endpoint: String) -> Bool {
        guard let resolved = endpoints[endpoint] else { return false }
        return configuration.toAMQP.bind || publishers.count(at: resolved) > 0
    }
}
