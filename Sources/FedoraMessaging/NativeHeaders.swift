/// The headers that fedora-messaging itself gives a `base.message`, in its order and with its field
/// types: schema (S), package (S), `sent-at` (S), severity (I), priority (I).
public enum NativeHeaders {
    /// Names of the headers, none of which a message's own may take.
    public static let names: Set<String> = [schema, schemaPackage, sentAt, severity, priority]
    /// Name of the header that names the schema.
    public static let schema = "fedora_messaging_schema"
    /// Name of the header that names the Python package of the schema.
    public static let schemaPackage = "fedora_messaging_schema_package"
    /// Name of the header with the time of sending.
    public static let sentAt = sentAtKey.description
    static let sentAtKey: StaticString = "sent-at"
    /// Name of the header with the severity: 10, 20, 30 or 40.
    public static let severity = "fedora_messaging_severity"
    /// Name of the header with the priority.
    public static let priority = "priority"

    /// What ``schema`` says of messages without a schema of their own.
    public static let baseSchema = "base.message"
    /// What ``schemaPackage`` says of them.
    public static let basePackage = "fedora_messaging"
    /// What ``severity`` says where nothing else is known: INFO.
    public static let infoSeverity: Int32 = 20
}
