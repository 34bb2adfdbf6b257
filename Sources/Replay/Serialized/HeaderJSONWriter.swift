import Fedmsg
import FedoraMessaging

/// Writes headers as members of a JSON object, the same that a header table of theirs would have.
struct HeaderJSONWriter: HeaderWriter {
    /// The native headers around their values, written once.
    private static let schema = pieces {
        $0.text(NativeHeaders.schema, NativeHeaders.baseSchema)
        $0.text(NativeHeaders.schemaPackage, NativeHeaders.basePackage)
    }
    private static let severity =
        [UInt8(ascii: ",")]
        + pieces {
            $0.int64(NativeHeaders.severity, Int64(NativeHeaders.infoSeverity))
            _ = $0.begin(NativeHeaders.priority)
        }

    /// What is written to, from behind the object's opening brace on.
    var json: [UInt8] = []

    mutating func native(sentAt seconds: Int64?, priority: UInt8) {
        json.append(contentsOf: Self.schema)
        if let text = seconds.flatMap(SentAt.bytes) { self.text(NativeHeaders.sentAt, utf8: text.span.bytes) }
        json.append(contentsOf: Self.severity)
        json.append(decimal: Int64(priority))
    }

    mutating func text(_ key: String, utf8 value: RawSpan) {
        guard begin(key) else { return }
        json.appendJSONString(value)
    }

    mutating func bool(_ key: String, _ value: Bool) {
        guard begin(key) else { return }
        json.append(contentsOf: (value ? "true" : "false").utf8)
    }

    mutating func int64(_ key: String, _ value: Int64) {
        guard begin(key) else { return }
        json.append(decimal: value)
    }

    mutating func table(_ key: String, _ body: (inout HeaderJSONWriter) -> Void) {
        guard begin(key) else { return }
        json.append(UInt8(ascii: "{"))
        body(&self)
        json.append(UInt8(ascii: "}"))
    }

    private mutating func begin(_ key: String) -> Bool {
        guard key.utf8.count <= Self.keyByteLimit else { return false }
        // No value ends with an opening brace.
        if json.last != UInt8(ascii: "{") { json.append(UInt8(ascii: ",")) }
        json.appendJSONString(key)
        json.append(UInt8(ascii: ":"))
        return true
    }

    /// What a closure writes as the first members of an object.
    private static func pieces(_ write: (inout HeaderJSONWriter) -> Void) -> [UInt8] {
        var writer = HeaderJSONWriter(json: [UInt8(ascii: "{")])
        write(&writer)
        return Array(writer.json.dropFirst())
    }
}
