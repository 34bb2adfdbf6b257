public import NIOCore

/// A channel of a connection.
///
/// What one task asks for goes out in its order; methods that are answered wait for each other. A cancelled task stops waiting
/// at once and throws `cancelled`: what went out may still happen, and the answer to it is never taken for another's.
///
/// All of it may be called from anywhere. Those who run on the connection's event loop have ``syncOperations`` besides.
public final class AMQPChannel: Sendable {
    /// The channel's number, given out again once it is closed.
    public let number: UInt16
    /// The connection that it belongs to.
    public let connection: AMQPConnection
    /// The loop on which everything of this channel happens.
    public var eventLoop: any EventLoop { connection.eventLoop }

    init(number: UInt16, connection: AMQPConnection) {
        self.number = number
        self.connection = connection
    }

    /// Closes the channel. What was published and not confirmed ends as unknown: wait for it before.
    ///
    /// - Throws: ``AMQPError`` where the broker does not answer in time.
    public func close() async throws(AMQPError) {
        try await connection.close(self)
    }

    func call(_ method: some MethodArguments, noAck: Bool = false) async throws(AMQPError) -> CallReply {
        try await connection.call(method, on: self, noAck: noAck)
    }
}
