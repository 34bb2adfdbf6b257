import Logging
import ZeroMQ

extension FedmsgSide {
    /// libzmq does not come back by itself to a peer that sent a frame over `max_message_bytes`, or no ZMTP.
    func reconnectSoon() {
        guard !isReconnecting else { return }
        isReconnecting = true
        thread.schedule(after: .seconds(1)) { [weak self] in
            self?.assumeIsolated { side in
                side.isReconnecting = false
                side.reconnectAbandoned()
            }
        }
    }

    /// Connects again to what libzmq has given up by now; before anything else is connected (``ZeroMQSocket/reconnect(_:)``).
    func reconnectAbandoned() {
        if let subscriber {
            var endpoints: [String] = []
            subscriber.deliverEvents()
            while publishers.abandonedEndpoints != endpoints {
                endpoints = publishers.abandonedEndpoints
                // What has arrived from there is dropped with the connection.
                takeAllReceived()
                subscriber.deliverEvents()
            }
            for endpoint in endpoints { publishers.remove(endpoint) }
            reconnect(subscriber, to: endpoints)
        }
        if let publisher {
            publisher.deliverEvents()
            let endpoints = subscribers.abandonedEndpoints
            for endpoint in endpoints { subscribers.remove(endpoint) }
            reconnect(publisher, to: endpoints)
        }
    }

    private func reconnect(_ socket: ZeroMQSocket, to endpoints: [String]) {
        do throws(ZeroMQError) {
            try socket.reconnect(endpoints)
        } catch {
            logger.error("can't connect again", metadata: [LogKey.error: "\(error)"])
        }
        for endpoint in endpoints { logger.warning("connecting again", metadata: [LogKey.endpoint: "\(endpoint)"]) }
    }
}
