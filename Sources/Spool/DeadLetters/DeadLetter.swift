public import NIOCore

/// A message that was rejected, kept with all that trying it again needs.
public struct DeadLetter: Sendable, Equatable {
    /// Bytes of a topic or an id that are kept, which is all that AMQP takes: a ZeroMQ frame may be of any length.
    public static let textLimit = 255

    /// What `spool list` shows first; 0 until the spool has given it one.
    public var id: Int64
    /// Which way the message was going.
    public var direction: Direction
    /// Why: a label value of the `rejected` metric, such as `bad_json`.
    public var reason: String
    /// The reason in words, such as the broker's text.
    public var detail: String
    /// The topic, or routing key, or how it begins where it is too long for AMQP; where its bytes are no UTF-8, as text with
    /// replacement characters.
    public var topic: String
    /// The message's id, where it has one.
    public var messageID: String?
    /// To AMQP: the ZeroMQ frames as they came. To fedmsg: the body, as one frame.
    public var frames: [ByteBuffer]
    /// Whether its bytes on disk are no message: ``frames`` has them as they are then, as one.
    public internal(set) var isDamaged = false
    /// To fedmsg: the properties with the headers, encoded as in the AMQP content header. To AMQP: empty.
    public var properties: ByteBuffer
    /// When the message was received, in microseconds since 1970.
    public var receivedAt: Int64
    /// When it was rejected, in microseconds since 1970.
    public var rejectedAt: Int64

    /// Bytes of the message: frames and properties.
    public var byteCount: Int { frames.reduce(properties.readableBytes) { $0 + $1.readableBytes } }

    /// A dead letter.
    public init(
        id: Int64 = 0,
        direction: Direction,
        reason: String,
        detail: String,
        topic: String,
        messageID: String? = nil,
        frames: [ByteBuffer],
        properties: ByteBuffer = ByteBuffer(),
        receivedAt: Int64,
        rejectedAt: Int64
    ) {
        self.id = id
        self.direction = direction
        self.reason = reason
        self.detail = detail
        self.topic = Self.beginning(topic)
        self.messageID = messageID.map(Self.beginning)
        self.frames = frames
        self.properties = properties
        self.receivedAt = receivedAt
        self.rejectedAt = rejectedAt
    }

    private static func beginning(_ text: String) -> String {
        let end = text.utf8.index(text.startIndex, offsetBy: textLimit, limitedBy: text.endIndex)
        guard let end else { return text }
        // Rounded down to a whole scalar.
        return String(text[..<end])
    }
}
