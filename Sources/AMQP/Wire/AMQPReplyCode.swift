/// The code with which a broker closes a channel or a connection, or returns a message; any 16 bits.
public struct AMQPReplyCode: RawRepresentable, Hashable, Sendable {
    /// The number on the wire.
    public let rawValue: UInt16

    /// Any code, known or not.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }
}

extension AMQPReplyCode: CustomStringConvertible {
    /// The number.
    public var description: String { "\(rawValue)" }
}
