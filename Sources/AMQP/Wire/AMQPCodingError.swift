/// Why bytes could not be read as AMQP values, or a value can't be sent.
public struct AMQPCodingError: Error, Equatable, Sendable, CustomStringConvertible {
    let reason: WireError

    init(_ reason: WireError) {
        self.reason = reason
    }

    /// The reason in words; it quotes no content.
    public var description: String { "\(reason)" }
}
