import Bridge
import Fedmsg
import NIOCore

/// A message that would not be bridged, as a line of JSON.
struct RejectedLine {
    var line: Int
    var rejection: Rejection
    /// What could be read of it.
    var topic: String?
    var messageID: String?
    /// The input, where there are several.
    var path: String?

    init(_ unreadable: UnreadableCapture) {
        line = unreadable.line
        rejection = Rejection(.badJSON, unreadable.detail)
    }

    /// One that was translated, and that the broker would not take, or that could not be signed.
    init(_ item: ReplaySource.Item, _ rejection: Rejection) {
        line = item.line
        topic = item.message.topic
        switch item.message.content {
        case .amqp(let fedmsg): messageID = fedmsg.messageID
        case .fedmsg(let envelope, _, _): messageID = envelope.messageID
        }
        self.rejection = rejection
    }

    init(_ message: CapturedMessage, _ rejection: Rejection) {
        line = message.line
        self.rejection = rejection
        let bytes = message.bytes.readableBytesSpan
        if let object = try? JSONObject(bytes) {
            topic = message.topic.map { String(buffer: $0) } ?? object["topic"]?.text(in: bytes)
            messageID = Envelope.messageID(of: bytes) ?? object["id"]?.text(in: bytes)
        } else {
            topic = message.topic.map { String(buffer: $0) }
            self.rejection.detail += ": " + Printable.beginning(message.bytes.readableBytesView, limit: 60)
        }
    }

    /// One JSON object: `line`, `reason`, `detail`, `topic`, `msg_id`, and where there are several inputs `file`.
    var json: String {
        var json = Array(#"{"line":\#(line),"reason":"\#(rejection.reason.rawValue)","detail":"#.utf8)
        json.appendJSONString(rejection.detail)
        json.append(contentsOf: #","topic":"#.utf8)
        json.append(textOrNull: topic)
        json.append(contentsOf: #","msg_id":"#.utf8)
        json.append(textOrNull: messageID)
        if let path {
            json.append(contentsOf: #","file":"#.utf8)
            json.appendJSONString(path)
        }
        json.append(UInt8(ascii: "}"))
        return String(decoding: json, as: UTF8.self)
    }
}

extension [UInt8] {
    fileprivate mutating func append(textOrNull text: String?) {
        if let text {
            appendJSONString(text)
        } else {
            append(contentsOf: "null".utf8)
        }
    }
}
