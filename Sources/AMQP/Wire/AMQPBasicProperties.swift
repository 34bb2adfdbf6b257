public import NIOCore

/// The properties of a message, those of the specification's class `basic`. Each may be absent.
public struct AMQPBasicProperties: Sendable, Equatable {
    /// A MIME type.
    public var contentType: String?
    /// A MIME encoding, or as fedora-messaging has it, a character set.
    public var contentEncoding: String?
    /// The headers, read when they are looked at.
    public var headers: AMQPHeaders?
    /// Whether the message outlives a restart of the broker. Where it is absent, as by default, the broker takes it for
    /// ``AMQPDeliveryMode/transient``: so AMQP has it, and nothing is sent that was not set.
    public var deliveryMode: AMQPDeliveryMode?
    /// 0 to 255; RabbitMQ's queues have as many priorities as they were declared with.
    public var priority: UInt8?
    /// Ties an answer to its question.
    public var correlationID: String?
    /// Where answers are to go.
    public var replyTo: String?
    /// Milliseconds that the message may wait in a queue, as decimal digits.
    public var expiration: String?
    /// The publisher's identifier for the message.
    public var messageID: String?
    /// Seconds since 1970.
    public var timestamp: UInt64?
    /// The publisher's name for the kind of message.
    public var type: String?
    /// The publishing user; RabbitMQ refuses another one than the connection's.
    public var userID: String?
    /// The publishing application.
    public var appID: String?
    /// Reserved by 0-9-1; `cluster-id` of 0-8.
    public var clusterID: String?

    /// What a received message had, but could not be read. The properties of these names are nil.
    public internal(set) var malformed: [Malformed] = []

    /// Creates properties; what is not named is absent.
    @inlinable public init(
        contentType: String? = nil,
        contentEncoding: String? = nil,
        headers: AMQPHeaders? = nil,
        deliveryMode: AMQPDeliveryMode? = nil,
        priority: UInt8? = nil,
        correlationID: String? = nil,
        replyTo: String? = nil,
        expiration: String? = nil,
        messageID: String? = nil,
        timestamp: UInt64? = nil,
        type: String? = nil,
        userID: String? = nil,
        appID: String? = nil,
        clusterID: String? = nil
    ) {
        self.contentType = contentType
        self.contentEncoding = contentEncoding
        self.headers = headers
        self.deliveryMode = deliveryMode
        self.priority = priority
        self.correlationID = correlationID
        self.replyTo = replyTo
        self.expiration = expiration
        self.messageID = messageID
        self.timestamp = timestamp
        self.type = type
        self.userID = userID
        self.appID = appID
        self.clusterID = clusterID
    }
}

extension AMQPBasicProperties {
    /// A property that could not be read.
    public struct Malformed: Sendable, Equatable {
        /// The property's name in the specification, such as `message-id`; `properties` where the list itself is wrong.
        public let name: String
        /// What is wrong with it.
        public let reason: AMQPCodingError
        /// Its bytes without their length, or where its length points past the end, all that was left.
        public let bytes: ByteBuffer
    }
}
