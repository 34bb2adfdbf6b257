import AMQP
import Bridge
import Fedmsg
import NIOCore

extension SerializedMessage {
    /// Reads a line of fedora-messaging's, or an element of datagrepper's newer `raw_messages`.
    ///
    /// - Throws: why it is no message.
    static func read(_ bytes: ByteBuffer) throws(Rejection) -> ToFedmsgTranslator.Source {
        let span = bytes.readableBytesSpan
        let members: JSONObject
        do throws(EnvelopeError) {
            members = try JSONObject(span)
        } catch {
            throw Rejection(error)
        }
        guard let body = members["body"] else { throw Rejection(.noMsg, "the message has no body") }
        guard let bodyBytes = bytes.getSlice(at: bytes.readerIndex + body.range.lowerBound, length: body.range.count)
        else { throw Rejection(.noMsg, "the message has no body") }
        var properties = AMQPBasicProperties()
        properties.messageID = members["id"]?.text(in: span)
        if let headers = members["headers"], headers.kind == .object {
            do throws(EnvelopeError) {
                properties.headers = AMQPHeaders(try AMQPTable(json: span.extracting(headers.range)))
            } catch {
                throw Rejection(error)
            }
        }
        return ToFedmsgTranslator.Source(
            routingKey: members["topic"]?.text(in: span) ?? "",
            properties: properties,
            body: bodyBytes
        )
    }
}

extension AMQPTable {
    /// A table of an object's text, integers, booleans and objects; what else it has is left out.
    fileprivate init(json bytes: RawSpan) throws(EnvelopeError) {
        self.init()
        for (name, value) in try JSONObject(bytes).members {
            guard let name = String(validating: name, as: UTF8.self) else { continue }
            switch value.kind {
            case .text:
                if let text = value.text(in: bytes) { entries.append(Entry(name, .longString(text))) }
            case .integer:
                if let number = value.integer(in: bytes) { entries.append(Entry(name, .int64(number))) }
            case .bool(let bool): entries.append(Entry(name, .boolean(bool)))
            case .object: entries.append(Entry(name, .table(try AMQPTable(json: bytes.extracting(value.range)))))
            case .array, .float, .null: break
            }
        }
    }
}
