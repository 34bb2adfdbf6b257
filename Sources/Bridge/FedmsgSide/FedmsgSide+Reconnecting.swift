import Logging
import ZeroMQ

extension FedmsgSide {
    /// libzmq does not come back by itself to a peer that sent a frame over `max_message_bytes`, or no ZMTP.
    func reconnectSoon() {
        thread.schedule(after: .seconds(1)) { [weak self] in
            self?.assumeIsolated { $0.reconnectAbandoned() }
        }
    }

    private func reconnectAbandoned() {
        if let subscriber {
            // What has arrived from there is dropped with the connection.
            if !publishers.abandonedEndpoints.isEmpty { takeAllReceived() }
            reconnect(subscriber, to: &publishers)
        }
        if let publisher { reconnect(publisher, to: &subscribers) }
    }

    private func reconnect(_ socket: ZeroMQSocket, to peers: inout ZeroMQPeers) {
        for endpoint in peers.abandonedEndpoints {
            peers.remove(endpoint)
            do throws(ZeroMQError) {
                try socket.reconnect(endpoint)
                logger.warning("connecting again", metadata: [LogKey.endpoint: "\(endpoint)"])
            } catch {
                logger.error("can't connect again", metadata: [LogKey.error: "\(error)"])
            }
        }
    }
}
