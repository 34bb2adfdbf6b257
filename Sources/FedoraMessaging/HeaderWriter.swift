import Fedmsg

/// Writes the headers of a message, entry by entry in their order, whatever they are encoded as.
///
/// A key of the program's own is ASCII with nothing to escape. One that came with a message (`named`) may be anything; an
/// entry with one that AMQP can't have is left out.
public protocol HeaderWriter: ~Copyable, ~Escapable {
    /// The headers that fedora-messaging itself gives a `base.message`: ``NativeHeaders``.
    ///
    /// - Parameters:
    ///   - seconds: since 1970; `sent-at` is left out where `nil` or outside the years 1 to 9999.
    ///   - priority: what the library calls the message's priority; 0 unless configured.
    mutating func native(sentAt seconds: Int64?, priority: UInt8)
    /// Text that is there as UTF-8.
    mutating func text(_ key: StaticString, utf8 value: RawSpan)
    /// An integer of 64 bits.
    mutating func int64(_ key: StaticString, _ value: Int64)
    /// A table, whose entries `body` writes.
    mutating func table(_ key: StaticString, _ body: (inout Self) -> Void)

    /// Text.
    mutating func text(named key: String, _ value: String)
    /// A boolean.
    mutating func bool(named key: String, _ value: Bool)
    /// An integer of 64 bits.
    mutating func int64(named key: String, _ value: Int64)
}

extension HeaderWriter where Self: ~Copyable, Self: ~Escapable {
    /// Bytes that the key of an entry may have in AMQP.
    static var keyByteLimit: Int { 255 }

    /// Text.
    public mutating func text(_ key: StaticString, _ value: String) {
        text(key, utf8: value.utf8Span.span.bytes)
    }
}
