/// Writes the headers of a message, entry by entry in their order, whatever they are encoded as.
public protocol HeaderWriter: ~Copyable, ~Escapable {
    /// The headers that fedora-messaging itself gives a `base.message`: ``NativeHeaders``.
    ///
    /// - Parameters:
    ///   - seconds: since 1970; `sent-at` is left out where `nil` or outside the years 1 to 9999.
    ///   - priority: what the library calls the message's priority; 0 unless configured.
    mutating func native(sentAt seconds: Int64?, priority: UInt8)
    /// Text that is there as UTF-8.
    mutating func text(_ key: String, utf8 value: RawSpan)
    /// A boolean.
    mutating func bool(_ key: String, _ value: Bool)
    /// An integer of 64 bits.
    mutating func int64(_ key: String, _ value: Int64)
    /// A table, whose entries `body` writes.
    mutating func table(_ key: String, _ body: (inout Self) -> Void)
}

extension HeaderWriter where Self: ~Copyable, Self: ~Escapable {
    /// Bytes that the key of an entry may have in AMQP; one with a longer key is left out.
    public static var keyByteLimit: Int { 255 }

    /// Text.
    public mutating func text(_ key: String, _ value: String) {
        text(key, utf8: value.utf8Span.span.bytes)
    }
}
