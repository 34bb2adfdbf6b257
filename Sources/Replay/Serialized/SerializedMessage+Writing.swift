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
        output.append(contentsOf: #"{"topic":"#.utf8)
        output.appendJSONString(message.routingKey)
        output.append(contentsOf: #","headers":"#.utf8)
        output.appendJSON(headers)
        output.append(contentsOf: #","id":"#.utf8)
        output.appendJSONString(properties.messageID ?? "")
        output.append(contentsOf: #","body":"#.utf8)
        output.appendEnd(body: message.body.readableBytesSpan, priority: properties.priority)
    }

    /// Appends a fedmsg's message, as it would be received, and a line break.
    package static func write(_ fedmsg: BridgedFedmsg, to output: inout [UInt8]) {
        let payload = fedmsg.payload
        let bytes = payload.readableBytesSpan
        // A byte becomes six at most, and what stands around the texts has fewer than 640.
        output.append(capacity: 640 + 6 * fedmsg.textByteCount) { output in
            output.append(#"{"topic":"#)
            fedmsg.key.withUTF8(in: bytes) { output.appendString($0) }
            output.append(#","headers":{"#)
            fedmsg.writeHeaderObject(to: &output, bytes)
            output.append(#"},"id":"#)
            fedmsg.id.withUTF8(in: bytes) { output.appendString($0) }
            output.append(#","body":"#)
        }
        output.appendEnd(body: bytes.extracting(fedmsg.bodyRange), priority: fedmsg.priority)
    }
}

extension [UInt8] {
    /// Appends the rest of a message from its body on.
    fileprivate mutating func appendEnd(body: RawSpan, priority: UInt8?) {
        appendOnOneLine(body)
        append(capacity: 40) { output in
            // As a rule there is none.
            guard let priority else { return output.append(",\"queue\":null,\"priority\":null}\n") }
            output.append(#","queue":null,"priority":"#)
            output.append(decimal: Int64(priority))
            output.append("}\n")
        }
    }

    /// Appends a header table as an object; what JSON has no form for is null.
    fileprivate mutating func appendJSON(_ table: AMQPTable) {
        var separator = UInt8(ascii: "{")
        for entry in table.entries {
            append(separator)
            separator = UInt8(ascii: ",")
            appendJSONString(entry.key)
            append(UInt8(ascii: ":"))
            appendJSON(entry.value)
        }
        if table.isEmpty { append(separator) }
        append(UInt8(ascii: "}"))
    }

    private mutating func appendJSON(_ values: [AMQPFieldValue]) {
        append(UInt8(ascii: "["))
        for (place, value) in values.enumerated() {
            if place > 0 { append(UInt8(ascii: ",")) }
            appendJSON(value)
        }
        append(UInt8(ascii: "]"))
    }

    private mutating func appendJSON(_ value: AMQPFieldValue) {
        switch value {
        case .longString(let text): appendJSONString(text)
        case .table(let table): appendJSON(table)
        case .array(let values): appendJSON(values)
        case .boolean(let bool): append(contentsOf: (bool ? "true" : "false").utf8)
        case .int8(let number): appendText(of: number)
        case .uint8(let number): appendText(of: number)
        case .int16(let number): appendText(of: number)
        case .uint16(let number): appendText(of: number)
        case .int32(let number): appendText(of: number)
        case .uint32(let number): appendText(of: number)
        case .int64(let number): appendText(of: number)
        case .float(let number) where number.isFinite: appendText(of: number)
        case .double(let number) where number.isFinite: appendText(of: number)
        case .float, .double, .decimal, .longStringBytes, .bytes, .timestamp, .void:
            append(contentsOf: "null".utf8)
        }
    }

    private mutating func appendText(of number: some Numeric & CustomStringConvertible) {
        append(contentsOf: number.description.utf8)
    }
}
