import Fedmsg

/// Writes the headers of a message, entry by entry in their order, whatever they are encoded as.
///
/// A key of the program's own is ASCII with nothing to escape. One that came with a message (`named`) may be anything; an
/// entry with one that AMQP can't have is left out. What is written goes into room that was asked for; less traps.
public protocol HeaderFormat {
    /// The headers that fedora-messaging itself gives a `base.message`: ``NativeHeaders``.
    ///
    /// - Parameters:
    ///   - seconds: since 1970; `sent-at` is left out where `nil` or outside the years 1 to 9999.
    ///   - priority: what the library calls the message's priority; 0 unless configured.
    static func native(sentAt seconds: Int64?, priority: UInt8, to output: inout OutputRawSpan)
    /// Text that is there as UTF-8.
    static func text(_ key: StaticString, utf8 value: RawSpan, to output: inout OutputRawSpan)
    /// An integer of 64 bits.
    static func int64(_ key: StaticString, _ value: Int64, to output: inout OutputRawSpan)
    /// A table, whose entries `body` writes.
    static func table(_ key: StaticString, to output: inout OutputRawSpan, _ body: (inout OutputRawSpan) -> Void)

    /// Text.
    static func text(named key: String, _ value: String, to output: inout OutputRawSpan)
    /// A boolean.
    static func bool(named key: String, _ value: Bool, to output: inout OutputRawSpan)
    /// An integer of 64 bits.
    static func int64(named key: String, _ value: Int64, to output: inout OutputRawSpan)
}

extension HeaderFormat {
    /// Bytes that the key of an entry may have in AMQP.
    static var keyByteLimit: Int { 255 }
}
