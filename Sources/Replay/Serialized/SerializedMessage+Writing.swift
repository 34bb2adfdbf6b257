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
        output.append(contentsOf: #"{"topic":"#.utf8)
        output.appendJSONString(topic)
        output.append(contentsOf: #","headers":"#.utf8)
        headers(&output)
        output.append(contentsOf: #","id":"#.utf8)
        output.appendJSONString(id)
        output.append(contentsOf: #","body":"#.utf8)
        output.appendOnOneLine(body)
        output.append(contentsOf: #","queue":null,"priority":"#.utf8)
        output.append(contentsOf: (priority?.description ?? "null").utf8)
        output.append(contentsOf: "}\n".utf8)
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
