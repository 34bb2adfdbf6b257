extension ConfigurationSchema {
    static let toAMQP: [ConfigurationKey<BridgeConfiguration>] = [
        ConfigurationKey("to_amqp.enabled", \.toAMQP.enabled, .bool, "Whether fedmsgs go to AMQP."),
        ConfigurationKey(
            "to_amqp.zmq_endpoints",
            \.toAMQP.zmqEndpoints,
            .list(of: .endpoint, "a list of endpoints"),
            "PUB sockets to connect to; at least one while enabled."
        ),
        ConfigurationKey(
            "to_amqp.bind",
            \.toAMQP.bind,
            .bool,
            "true: listen there instead, and publishers connect, as to fedmsg-relay."
        ),
        ConfigurationKey(
            "to_amqp.topics",
            \.toAMQP.topics,
            .list(of: .text(), "a list of topic prefixes"),
            "ZeroMQ prefixes of the topics taken; [\"\"] is all."
        ),
        ConfigurationKey("to_amqp.exchange", \.toAMQP.exchange, .amqpName, "The AMQP exchange published to."),
        ConfigurationKey(
            "to_amqp.body",
            \.toAMQP.body,
            .choice,
            "\"msg\", or \"envelope\" for the whole fedmsg, as the first bridge once sent it."
        ),
        ConfigurationKey(
            "to_amqp.mandatory",
            \.toAMQP.mandatory,
            .bool,
            "true: what no queue is bound for becomes a dead letter; all have the header x-publish-number then."
        ),
        ConfigurationKey(
            "to_amqp.high_water_mark",
            \.toAMQP.highWaterMark,
            .integer(in: 0...Int(Int32.max), unit: "messages"),
            "libzmq's own queue, 0 for no limit; it is emptied every other millisecond at least, so it stays short."
        ),
        ConfigurationKey(
            "to_amqp.max_message_bytes",
            \.toAMQP.maxMessageBytes,
            .integer(in: 1...536_870_912, unit: "bytes"),
            "Bytes that a message may have; libzmq drops the connection of a publisher that sends more."
        ),
        ConfigurationKey(
            "to_amqp.zmq_tcp_keepalive",
            \.toAMQP.socketOptions.zmqTCPKeepalive,
            .integer(in: -1...1),
            "TCP keepalive: 1 on, 0 off, -1 as the system has it."
        ),
        ConfigurationKey(
            "to_amqp.zmq_tcp_keepalive_cnt",
            \.toAMQP.socketOptions.zmqTCPKeepaliveCnt,
            .integer(in: 1...127, or: -1),
            "Probes unanswered before the connection counts as gone; -1 as the system has it."
        ),
        ConfigurationKey(
            "to_amqp.zmq_tcp_keepalive_idle",
            \.toAMQP.socketOptions.zmqTCPKeepaliveIdle,
            .integer(in: 1...32767, or: -1, unit: "seconds"),
            "Silence before the first probe; -1 as the system has it."
        ),
        ConfigurationKey(
            "to_amqp.zmq_tcp_keepalive_intvl",
            \.toAMQP.socketOptions.zmqTCPKeepaliveIntvl,
            .integer(in: 1...32767, or: -1, unit: "seconds"),
            "Time between probes; -1 as the system has it."
        ),
        ConfigurationKey(
            "to_amqp.zmq_reconnect_ivl",
            \.toAMQP.socketOptions.zmqReconnectIvl,
            .integer(in: 1...3_600_000, unit: "milliseconds"),
            "Time before connecting again."
        ),
        ConfigurationKey(
            "to_amqp.zmq_reconnect_ivl_max",
            \.toAMQP.socketOptions.zmqReconnectIvlMax,
            .integer(in: 0...3_600_000, unit: "milliseconds"),
            "What that time doubles up to; 0 for not at all."
        ),
    ]

    static let toFedmsg: [ConfigurationKey<BridgeConfiguration>] = [
        ConfigurationKey("to_fedmsg.enabled", \.toFedmsg.enabled, .bool, "Whether AMQP messages go to fedmsg."),
        ConfigurationKey(
            "to_fedmsg.publish_endpoint",
            \.toFedmsg.publishEndpoint,
            .endpoint,
            "Where subscribers find the messages; an address in use is waited for."
        ),
        ConfigurationKey(
            "to_fedmsg.remote_publish",
            \.toFedmsg.remotePublish,
            .bool,
            "true: connect to a relay there instead of listening."
        ),
        ConfigurationKey(
            "to_fedmsg.username",
            \.toFedmsg.username,
            .text("text") { !$0.isEmpty },
            "username of the envelopes; another than amqp-bridge defeats the first bridge's check for loops."
        ),
        ConfigurationKey(
            "to_fedmsg.bridge_usernames",
            \.toFedmsg.bridgeUsernames,
            .list(of: .text(), "a list of usernames"),
            "Other bridges on this bus, whose messages are dropped; ours and amqp-bridge are always meant."
        ),
        ConfigurationKey(
            "to_fedmsg.high_water_mark",
            \.toFedmsg.highWaterMark,
            highWaterMark,
            "Messages that a subscriber may lag; then the bridge waits for it."
        ),
        ConfigurationKey(
            "to_fedmsg.slow_subscriber_grace",
            \.toFedmsg.slowSubscriberGrace,
            .seconds(in: 0...3600),
            "Time that one slow subscriber may hold up the others."
        ),
        ConfigurationKey(
            "to_fedmsg.require_subscriber",
            \.toFedmsg.requireSubscriber,
            .bool,
            "true: nothing is taken from AMQP while nobody has subscribed."
        ),
        ConfigurationKey(
            "to_fedmsg.post_init_sleep",
            \.toFedmsg.postInitSleep,
            .seconds(in: 0...3600),
            "Time between listening and the first message, so that subscribers are back."
        ),
        ConfigurationKey(
            "to_fedmsg.zmq_linger",
            \.toFedmsg.zmqLinger,
            .integer(in: 0...3_600_000, unit: "milliseconds"),
            "Time that a stop may wait for what libzmq still holds."
        ),
    ]

    /// fedmsg's 0 (no limit) would let libzmq hold any number of messages that are acknowledged already.
    private static var highWaterMark: ConfigurationType<Int> {
        let type = ConfigurationType<Int>.integer(in: 1...Int(Int32.max), unit: "messages")
        return ConfigurationType(
            name: type.name,
            read: { value, reader in
                guard value == .int(0) else { return type.read(value, &reader) }
                reader.report(
                    .badValue,
                    "0 would be no limit, and a kill would lose what libzmq holds; expected at least 1"
                )
                return nil
            },
            write: type.write
        )
    }
}
