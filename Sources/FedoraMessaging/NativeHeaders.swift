import NIOCore

/// The headers that fedora-messaging itself gives a `base.message`, in its order and with its field
/// types: schema (S), package (S), `sent-at` (S), severity (I), priority (I).
///
/// They are encoded once; a message costs a copy and 25 bytes of time.
public struct NativeHeaders: Sendable {
    /// Names of the headers, none of which a message's own may take.
    public static let names: Set<String> = [schema, schemaPackage, sentAt, severity, priority]
    /// Name of the header that names the schema.
    public static let schema = "fedora_messaging_schema"
    /// Name of the header that names the Python package of the schema.
    public static let schemaPackage = "fedora_messaging_schema_package"
    /// Name of the header with the time of sending.
    public static let sentAt = "sent-at"
    /// Name of the header with the severity: 10, 20, 30 or 40.
    public static let severity = "fedora_messaging_severity"
    /// Name of the header with the priority.
    public static let priority = "priority"

    private let beforeTime: ByteBuffer
    private let afterTime: ByteBuffer

    /// - Parameter priority: what the library calls the message's priority; 0 unless configured.
    public init(priority: UInt8 = 0) {
        var writer = HeaderTableWriter()
        writer.text(Self.schema, "base.message")
        writer.text(Self.schemaPackage, "fedora_messaging")
        beforeTime = writer.bytes
        writer = HeaderTableWriter()
        writer.int32(Self.severity, 20)
        writer.int32(Self.priority, Int32(priority))
        afterTime = writer.bytes
    }

    /// The five headers; more may be written behind them.
    ///
    /// - Parameter sentAt: seconds since 1970; left out where `nil` or outside the years 1 to 9999.
    public func writer(sentAt seconds: Int64?) -> HeaderTableWriter {
        var bytes = beforeTime
        bytes.reserveCapacity(beforeTime.readableBytes + afterTime.readableBytes + 256)
        var writer = HeaderTableWriter(bytes)
        if let text = seconds.flatMap(SentAt.text) { writer.text(Self.sentAt, text) }
        writer.append(afterTime)
        return writer
    }
}
