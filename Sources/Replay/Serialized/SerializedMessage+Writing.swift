package import AMQP
import Fedmsg
import NIOCore

/// Writes messages as fedora-messaging serializes them, so that `fedora-messaging publish` takes them: one JSON object
/// a line with `topic`, `headers`, `id`, `body`, `queue` and `priority`.
package enum SerializedMessage {
    /// Appends a message and a line break, its body spliced in.
    ///
    /// - Throws: `AMQPCodingError` where the headers are no table.
    package static func write(_ message: AMQPMessage, to output: inout [UInt8]) throws(AMQPCodingError) {
        output.append(contentsOf: #"{"topic":"#.utf8)
        output.appendJSONString(message.routingKey)
        output.append(contentsOf: #","headers":"#.utf8)
        try output.appendJSON(message.properties.headers?.table() ?? AMQPTable())
        output.append(contentsOf: #","id":"#.utf8)
        output.appendJSONString(message.properties.messageID ?? "")
        output.append(contentsOf: #","body":"#.utf8)
        output.appendOnOneLine(message.body)
        output.append(contentsOf: #","queue":null,"priority":"#.utf8)
        output.append(contentsOf: (message.properties.priority?.description ?? "null").utf8)
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
