package import AMQP
package import Bridge
import Fedmsg
import NIOCore

/// Writes messages as fedora-messaging serializes them, so that `fedora-messaging publish` takes them: one JSON object
/// a line with `topic`, `headers`, `id`, `body`, `queue` and `priority`.
package enum SerializedMessage {
    /// Appends a message and a line break, its body spliced in.
    ///
    /// - Throws: `AMQPCodingError` where the headers are no table.
    package static func write(_ message: AMQPMessage, to output: inout [UInt8]) throws(AMQPCodingError) {
        let properties = message.properties
        let headers = try properties.headers?.table() ?? AMQPTable()
        write(
            topic: message.routingKey,
            id: properties.messageID ?? "",
            body: message.body,
            priority: properties.priority,
            to: &output
        ) { $0.appendJSON(headers) }
    }

    /// Appends a fedmsg's message, as it would be received, and a line break.
    package static func write(_ fedmsg: BridgedFedmsg, to output: inout [UInt8]) {
        write(
            topic: fedmsg.routingKey,
            id: fedmsg.messageID,
            body: fedmsg.body,
            priority: fedmsg.priority,
            to: &output
        ) { output in
            output.append(UInt8(ascii: "{"))
            var writer = HeaderJSONWriter()
            swap(&output, &writer.json)
            fedmsg.writeHeaders(to: &writer)
            swap(&output, &writer.json)
            output.append(UInt8(ascii: "}"))
        }
    }

    @inline(__always)
    private static func write(
        topic: String,
        id: String,
        body: ByteBuffer,
        priority: UInt8?,
        to output: inout [UInt8],
        headers: (inout [UInt8]) -> Void
    ) {
        let topic = topic.utf8Span.span.bytes
        output.append(capacity: 32 + topic.escapedCapacity) { output in
            output.append(#"{"topic":"#)
            output.appendString(topic)
            output.append(#","headers":"#)
        }
        headers(&output)
        let id = id.utf8Span.span.bytes
        output.append(capacity: 32 + id.escapedCapacity) { output in
            output.append(#","id":"#)
            output.appendString(id)
            output.append(#","body":"#)
        }
        output.appendOnOneLine(body)
        output.append(capacity: 40) { output in
            output.append(#","queue":null,"priority":"#)
            if let priority { output.append(decimal: Int64(priority)) } else { output.append("null") }
            output.append("}\n")
        }
    }
}

extension [UInt8] {
    /// Appends a header table as an object; what JSON has no form for is null.
    fileprivate mutating func appendJSON(_ table: AMQPTable) {
        var separator = UInt8(ascii: "{")
        for entry in table.entries {
            append(separator)
            separator = UInt8(ascii: ",")
            appendJSONString(entry.key)
            append(UInt8(ascii: ":"))
            switch entry.value {
            case .longString(let text): appendJSONString(text)
            case .boolean(let bool): append(contentsOf: (bool ? "true" : "false").utf8)
            case .int32(let number): append(contentsOf: number.description.utf8)
            case .int64(let number): append(contentsOf: number.description.utf8)
            case .table(let table): appendJSON(table)
            default: append(contentsOf: "null".utf8)
            }
        }
        if table.isEmpty { append(separator) }
        append(UInt8(ascii: "}"))
    }
}
