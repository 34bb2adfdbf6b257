import Settings
import ZeroMQ

extension FedmsgSide {
    /// Connects to what is new, disconnects from what is gone, and subscribes likewise; what stays is not touched. Waits for
    /// subscribers as the new configuration says.
    ///
    /// - Throws: `ZeroMQError` for a new endpoint that can't be used; nothing has changed then.
    func change(to new: BridgeConfiguration) throws(ZeroMQError) {
        try change(endpoints: new.toAMQP.zmqEndpoints, topics: new.toAMQP.topics)
        configuration.qos = new.qos
        if configuration.toFedmsg.requireSubscriber != new.toFedmsg.requireSubscriber {
            configuration.toFedmsg.requireSubscriber = new.toFedmsg.requireSubscriber
            try changeAudience()
        }
        slowSubscribers.grace = new.toFedmsg.slowSubscriberGrace.nanoseconds
        guard publisher != nil else { return }
        reportSendability()
        sendOutbox()
    }

    private func change(endpoints new: [String], topics: [String]) throws(ZeroMQError) {
        guard let subscriber else {
            // It is yet to be opened, with these.
            configuration.toAMQP.zmqEndpoints = new
            configuration.toAMQP.topics = topics
            return
        }
        let old = configuration.toAMQP
        let added = Set(new).subtracting(old.zmqEndpoints)
        let newTopics = Set(topics).subtracting(old.topics)
        for topic in newTopics { try subscriber.subscribe(to: topic) }
        if !old.bind {
            if !added.isEmpty { reconnectAbandoned() }
            do throws(ZeroMQError) {
                for endpoint in added { endpoints[endpoint] = try subscriber.connect(endpoint) }
            } catch {
                for endpoint in added { forget(endpoint, bind: false) }
                for topic in newTopics { try? subscriber.unsubscribe(from: topic) }
                throw error
            }
        }
        configuration.toAMQP.zmqEndpoints = new
        configuration.toAMQP.topics = topics
        for endpoint in added {
            if old.bind { bindSubscriber(endpoint) } else { noteAway(endpoint) }
        }
        let gone = Set(old.zmqEndpoints).subtracting(new)
        let goneTopics = Set(old.topics).subtracting(topics)
        // What has arrived from there, and of these, is dropped with the connection and the subscription.
        if !gone.isEmpty || !goneTopics.isEmpty { takeAllReceived() }
        for endpoint in gone { forget(endpoint, bind: old.bind) }
        for topic in goneTopics { try subscriber.unsubscribe(from: topic) }
        gauges.setEndpoints(new.count)
        reportEndpoints()
    }

    private func forget(_ endpoint: String, bind: Bool) {
        awaySince[endpoint] = nil
        board.clear(.endpointAway, source: endpoint)
        board.clear(.addressInUse, source: endpoint)
        guard let subscriber, let resolved = endpoints.removeValue(forKey: endpoint) else { return }
        // It fails where libzmq has given the endpoint up by itself.
        try? bind ? subscriber.unbind(resolved) : subscriber.disconnect(resolved)
        publishers.remove(resolved)
    }
}
