/// What the broker said when it closed a channel or a connection, or returned a message.
public struct AMQPReply: Sendable, Hashable {
    /// The code, as 404.
    public var code: AMQPReplyCode
    /// The broker's text, at most 255 bytes: RabbitMQ cuts longer ones.
    public var text: String
    /// The class of the method that caused it; 0 where none did.
    public var classID: UInt16
    /// The method that caused it; 0 where none did.
    public var methodID: UInt16

    /// Creates a reply as connection.close and channel.close carry it.
    public init(code: AMQPReplyCode, text: String, classID: UInt16 = 0, methodID: UInt16 = 0) {
        self.code = code
        self.text = text
        self.classID = classID
        self.methodID = methodID
    }
}

extension AMQPReply: CustomStringConvertible {
    /// Code and text, as `404 NOT_FOUND - no queue 'orders' in vhost '/'`.
    public var description: String {
        text.hasPrefix(code.name) ? "\(code) \(text)" : "\(code) \(code.name) - \(text)"
    }
}
