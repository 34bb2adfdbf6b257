import Bridge
import Fedmsg

/// What verify reports of a message.
package struct Finding: Equatable, Sendable {
    package enum Verdict: String, CaseIterable, Sendable {
        /// It was not on AMQP within the window.
        case onlyFedmsg = "only_fedmsg"
        /// It was not on fedmsg within the window.
        case onlyAMQP = "only_amqp"
        /// Topic, body or headers are not the same on both.
        case changed
        /// It was in the same place before.
        case repeated
    }

    package var verdict: Verdict
    package var messageID: String
    package var topic: String
    /// What was seen, for a person.
    package var detail: String

    init(_ verdict: Verdict, _ sighting: Sighting, _ detail: String) {
        self.verdict = verdict
        messageID = sighting.messageID
        topic = sighting.topic
        self.detail = detail
    }

    /// One JSON object and a line break.
    package var line: [UInt8] {
        var json = Array(#"{"verdict":"\#(verdict.rawValue)","msg_id":"#.utf8)
        json.appendJSONString(Printable.text(messageID))
        json.append(contentsOf: #","topic":"#.utf8)
        json.appendJSONString(Printable.text(topic))
        json.append(contentsOf: #","detail":"#.utf8)
        json.appendJSONString(Printable.text(detail))
        json.append(contentsOf: "}\n".utf8)
        return json
    }
}
