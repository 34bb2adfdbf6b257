/// What a channel tells its user, synchronously, on the connection's event loop.
///
/// For those who live on that loop themselves: nothing is allocated and nobody is woken for a message.
/// Take the values and return.
public struct AMQPChannelHandlers: Sendable {
    /// What became of publishes, in the order of the broker's answers, in runs.
    public var settled: @Sendable ([PublishSettlement]) -> Void
    /// Publishing may go on after it had to wait: for confirms, for the socket, for a blocked broker.
    public var room: @Sendable () -> Void
    /// The channel is over, for this reason. All that was outstanding has been told to `settled` before.
    public var closed: @Sendable (AMQPError) -> Void

    /// Handlers; each does nothing where it is left out.
    public init(
        settled: @escaping @Sendable ([PublishSettlement]) -> Void = { _ in },
        room: @escaping @Sendable () -> Void = {},
        closed: @escaping @Sendable (AMQPError) -> Void = { _ in }
    ) {
        self.settled = settled
        self.room = room
        self.closed = closed
    }
}
