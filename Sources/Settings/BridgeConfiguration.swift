/// Stand-in values.
public struct BridgeConfiguration: Sendable, Equatable {
    public enum Body: String, Sendable { case msg, envelope }
    public struct SocketOptions: Sendable, Equatable {
        public var zmqTCPKeepalive = 1
        public var zmqTCPKeepaliveCnt = 3
        public var zmqTCPKeepaliveIdle = 60
        public var zmqTCPKeepaliveIntvl = 5
        public var zmqReconnectIvl = 100
        public var zmqReconnectIvlMax = 1000
    }
    public struct ToAMQP: Sendable, Equatable {
        public var enabled = true
        public var zmqEndpoints: [String] = []
        public var bind = false
        public var topics = [""]
        public var exchange = "zmq.topic"
        public var body = Body.msg
        public var mandatory = false
        public var highWaterMark = 0
        public var maxMessageBytes = 134_217_728
        public var socketOptions = SocketOptions()
    }
    public struct ToFedmsg: Sendable, Equatable {
        public var enabled = true
        public var publishEndpoint = "tcp://*:9940"
        public var remotePublish = false
        public var username = "amqp-bridge"
        public var bridgeUsernames: [String] = []
        public var highWaterMark = 1000
        public var slowSubscriberGrace = Duration.seconds(10)
        public var requireSubscriber = false
        public var postInitSleep = Duration.seconds(2)
        public var zmqLinger = 1000
    }
    public var topicPrefix = ""
    public var publishPriority: UInt8?
    public var toAMQP = ToAMQP()
    public var toFedmsg = ToFedmsg()
    public init() {}
}
