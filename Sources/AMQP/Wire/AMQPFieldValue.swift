/// A value in an AMQP table or array, with the type it has on the wire.
///
/// The letters are the field types of RabbitMQ, qpid and the 0-9-1 errata, not those of the specification's
/// grammar, which no broker follows.
public enum AMQPFieldValue: Sendable, Equatable {
    /// `t`
    case boolean(Bool)
    /// `b`
    case int8(Int8)
    /// `B`
    case uint8(UInt8)
    /// `s`; `U`, the specification's letter, is read as this too. RabbitMQ answers `U` with 541.
    case int16(Int16)
    /// `u`
    case uint16(UInt16)
    /// `I`
    case int32(Int32)
    /// `i`
    case uint32(UInt32)
    /// `l`; `L` is read as this too, signed as RabbitMQ and pika have it.
    case int64(Int64)
    /// `f`. One that is infinite or not a number is read, and can't be sent: RabbitMQ closes the connection over it.
    case float(Float)
    /// `d`, as `float`.
    case double(Double)
    /// `D`: `value` × 10^−`scale`.
    case decimal(scale: UInt8, value: Int32)
    /// `S` that is UTF-8.
    case longString(String)
    /// `S` that is not UTF-8, byte for byte.
    case longStringBytes([UInt8])
    /// `x`
    case bytes([UInt8])
    /// `T`: seconds since 1970, in the 64 bits of the wire.
    case timestamp(UInt64)
    /// `A`
    case array([AMQPFieldValue])
    /// `F`
    case table(AMQPTable)
    /// `V`
    case void
}

extension AMQPFieldValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
    /// A long string (`S`).
    public init(stringLiteral value: String) {
        self = .longString(value)
    }

    /// A boolean (`t`).
    public init(booleanLiteral value: Bool) {
        self = .boolean(value)
    }
}

extension AMQPFieldValue {
    /// Its text, where it is one.
    package var text: String? {
        if case .longString(let text) = self { text } else { nil }
    }

    /// An integer, in whatever size it came.
    package var integer: Int? {
        switch self {
        case .int8(let value): Int(value)
        case .uint8(let value): Int(value)
        case .int16(let value): Int(value)
        case .uint16(let value): Int(value)
        case .int32(let value): Int(value)
        case .uint32(let value): Int(value)
        case .int64(let value): Int(value)
        default: nil
        }
    }
}
