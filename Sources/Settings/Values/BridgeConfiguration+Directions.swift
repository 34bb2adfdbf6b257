extension BridgeConfiguration {
    /// `[to_amqp]`: from ZeroMQ publishers to an AMQP exchange.
    public struct ToAMQP: Sendable, Equatable {
        /// `enabled`: whether this direction runs. Default true.
        public var enabled = true
        /// `zmq_endpoints`: PUB sockets to connect to, or with `bind` to listen on. No default: one is needed.
        public var zmqEndpoints: [String] = []
        /// `bind`: whether publishers connect to us, as to fedmsg-relay. Default false.
        public var bind = false
        /// `topics`: ZeroMQ prefixes of the topics taken. Default `[""]`: all.
        public var topics = [""]
        /// `exchange`: the AMQP exchange published to. Default `zmq.topic`.
        public var exchange = "zmq.topic"
        /// `body`: what the AMQP body is. Default ``Body/msg``.
        public var body = Body.msg
        /// `mandatory`: whether what no queue is bound for becomes a dead letter. Default false.
        public var mandatory = false
        /// `high_water_mark`: messages that libzmq queues for us, 0 for no limit. Default 0.
        public var highWaterMark = 0
        /// `max_message_bytes`: bytes that a message may have. Default 128 MiB.
        public var maxMessageBytes = 134_217_728
        /// The `zmq_…` keys: TCP keepalive and reconnecting, of both directions' sockets.
        public var socketOptions = SocketOptions()

        /// Bytes that one turn of the receive loop takes; its last message may go beyond it.
        public static let turnBytes = 1 << 20
        /// The least that ``Spool/maxBytes`` may be: what one turn takes is in the database and, with what fills its pages
        /// badly, in its log at once.
        public var leastSpoolBytes: Int {
            let turn = Self.turnBytes + maxMessageBytes
            return 2 * turn + turn / 16 + Self.turnBytes
        }

        /// The defaults, without an endpoint.
        public init() {}
    }

    /// What a message's AMQP body is.
    public enum Body: String, Sendable, CaseIterable {
        /// The envelope's `msg`.
        case msg
        /// The whole fedmsg, as the first bridge once sent it.
        case envelope
    }

    /// Options of ZeroMQ sockets, under fedmsg's names and in libzmq's units.
    public struct SocketOptions: Sendable, Equatable {
        /// `zmq_tcp_keepalive`: 1 on, 0 off, -1 the system's. Default 1.
        public var zmqTCPKeepalive = 1
        /// `zmq_tcp_keepalive_cnt`: probes unanswered before the connection counts as gone; -1 the system's. Default 3.
        public var zmqTCPKeepaliveCnt = 3
        /// `zmq_tcp_keepalive_idle`: seconds of silence before the first probe; -1 the system's. Default 60.
        public var zmqTCPKeepaliveIdle = 60
        /// `zmq_tcp_keepalive_intvl`: seconds between probes; -1 the system's. Default 5.
        public var zmqTCPKeepaliveIntvl = 5
        /// `zmq_reconnect_ivl`: time before connecting again, in milliseconds. Default 100.
        public var zmqReconnectIvl = 100
        /// `zmq_reconnect_ivl_max`: what it doubles up to, in milliseconds; 0 not at all. Default 1000.
        public var zmqReconnectIvlMax = 1000

        /// The defaults.
        public init() {}
    }

    /// `[to_fedmsg]`: from an AMQP queue to ZeroMQ subscribers.
    public struct ToFedmsg: Sendable, Equatable {
        /// `enabled`: whether this direction runs. Default true.
        public var enabled = true
        /// `publish_endpoint`: where the PUB socket listens, or with `remote_publish` connects. Default `tcp://*:9940`.
        public var publishEndpoint = "tcp://*:9940"
        /// `remote_publish`: whether to connect to a relay instead of listening. Default false.
        public var remotePublish = false
        /// `username`: the envelopes' `username`. Default `amqp-bridge`, by which other bridges know a loop.
        public var username = "amqp-bridge"
        /// `bridge_usernames`: usernames of other bridges on this bus. Default none.
        public var bridgeUsernames: [String] = []
        /// `high_water_mark`: messages that a subscriber may lag before the bridge waits for it, at least 1. Default 1000.
        public var highWaterMark = 1000
        /// `slow_subscriber_grace`: how long one slow subscriber may hold up the others. Default 10 s.
        public var slowSubscriberGrace = Duration.seconds(10)
        /// `require_subscriber`: whether nothing is taken from AMQP while nobody has subscribed. Default false.
        public var requireSubscriber = false
        /// `post_init_sleep`: time between listening and the first message. Default 2 s.
        public var postInitSleep = Duration.seconds(2)
        /// `zmq_linger`: milliseconds that a stop may wait for what libzmq still holds. Default 1000.
        public var zmqLinger = 1000

        /// The defaults.
        public init() {}
    }
}
