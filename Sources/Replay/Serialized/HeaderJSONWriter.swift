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
            $0.member(NativeHeaders.priority, capacity: 0) { _ in }
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
        member(key, capacity: value.escapedCapacity) { $0.appendString(value) }
    }

    mutating func bool(_ key: String, _ value: Bool) {
        member(key, capacity: 5) { $0.append(value ? "true" : "false") }
    }

    mutating func int64(_ key: String, _ value: Int64) {
        member(key, capacity: 20) { $0.append(decimal: value) }
    }

    mutating func table(_ key: String, _ body: (inout HeaderJSONWriter) -> Void) {
        guard member(key, capacity: 1, { $0.append(UInt8(ascii: "{")) }) else { return }
        body(&self)
        json.append(UInt8(ascii: "}"))
    }

    /// One member, into room that is asked for once.
    ///
    /// - Returns: false where the key is one that no header can have.
    @discardableResult
    private mutating func member(_ key: String, capacity: Int, _ value: (inout OutputRawSpan) -> Void) -> Bool {
        let name = key.utf8Span.span.bytes
        guard name.byteCount <= Self.keyByteLimit else { return false }
        // No value ends with an opening brace.
        let isFirst = json.last == UInt8(ascii: "{")
        json.append(capacity: 2 + name.escapedCapacity + capacity) { output in
            if !isFirst { output.append(UInt8(ascii: ",")) }
            output.appendString(name)
            output.append(UInt8(ascii: ":"))
            value(&output)
        }
        return true
    }

    /// What a closure writes as the first members of an object.
    private static func pieces(_ write: (inout HeaderJSONWriter) -> Void) -> [UInt8] {
        var writer = HeaderJSONWriter(json: [UInt8(ascii: "{")])
        write(&writer)
        return Array(writer.json.dropFirst())
    }
}
