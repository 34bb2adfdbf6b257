import AMQP
package import Bridge
package import Fedmsg
import FedoraMessaging
import NIOCore
import Replay
import Settings

/// Writes messages as `tail` prints them, in forms that `replay` reads again.
package struct TailPrinter {
    /// What a message looks like.
    package enum Form: Sendable {
        /// Its time, its topic and its JSON, on one line.
        case line
        /// Its time and its topic, and its JSON over many lines.
        case pretty
        /// Its JSON alone, on one line.
        case json
    }

    private let form: Form
    private let topics: [TopicPattern]
    private let isForTerminal: Bool
    private let verifier: SignatureVerifier?
    private let translator = ToFedmsgTranslator(configuration: BridgeConfiguration(), purpose: .replay)
    private var workspace = SignatureWorkspace()

    /// - Parameters:
    ///   - topics: AMQP's patterns, one of which has to fit; none lets all pass.
    ///   - isForTerminal: whether control characters inside a message's text become JSON escapes.
    ///   - verifier: checks fedmsgs' signatures.
    package init(form: Form, topics: [String], isForTerminal: Bool, verifier: SignatureVerifier? = nil) {
        self.form = form
        self.topics = topics.map(TopicPattern.init)
        self.isForTerminal = isForTerminal
        self.verifier = verifier
    }

    /// Appends a message; nothing where its topic does not fit.
    ///
    /// - Parameter time: of receipt, in seconds since 1970.
    /// - Throws: why it is no message that could be shown.
    package mutating func write(
        _ heard: Heard,
        at time: Int64,
        to output: inout [UInt8]
    ) throws(Rejection) {
        let topic = String(buffer: heard.topic)
        guard topics.isEmpty || topics.contains(where: { $0.matches(topic) }) else { return }
        var json: [UInt8] = []
        let ownTime = try heard.place == .amqp ? append(amqp: heard, topic, &json) : append(fedmsg: heard, time, &json)
        if isForTerminal { json = json.escapingControlCharacters() }
        if form != .json {
            // A brace is where `replay` begins to read.
            let plain = Printable.textWithoutBraces(topic)
            output.append(contentsOf: "\(SentAt.text(ownTime ?? time) ?? "-") \(plain)".utf8)
            output.append(UInt8(ascii: form == .line ? " " : "\n"))
        }
        if form == .pretty {
            output.appendIndented(json: json.span.bytes)
        } else {
            output.append(contentsOf: json)
        }
        output.append(UInt8(ascii: "\n"))
    }

    /// - Returns: the envelope's own time.
    private mutating func append(fedmsg heard: Heard, _ time: Int64, _ json: inout [UInt8]) throws(Rejection) -> Int64?
    {
        guard heard.frames == 2 else {
            throw Rejection(.badFrames, "\(heard.frames) frames, expected a topic and an envelope")
        }
        let bytes = heard.payload.readableBytesSpan
        let envelope: Envelope
        do throws(EnvelopeError) {
            envelope = try Envelope(bytes)
        } catch {
            throw Rejection(error)
        }
        if let verifier {
            let frame = heard.topic.readableBytesSpan
            switch verifier.verify(envelope, in: bytes, frame: frame, at: .receipt(time), using: &workspace) {
            case .valid: break
            case .refused(let refusal): throw Rejection(refusal)
            case .unjudged(let fault): throw Rejection(.badCertificate, "\(fault)")
            }
        }
        json.appendOnOneLine(heard.payload.readableBytesSpan)
        return envelope.timestamp(in: bytes)
    }

    /// - Returns: the message's own time.
    private func append(amqp heard: Heard, _ topic: String, _ json: inout [UInt8]) throws(Rejection) -> Int64? {
        var message = AMQPMessage(
            exchange: "",
            routingKey: topic,
            properties: heard.properties,
            body: heard.payload
        )
        let source = ToFedmsgTranslator.Source(
            routingKey: topic,
            properties: message.properties,
            body: heard.payload
        )
        guard case .forward(let translation) = try translator.translate(source, receivedAt: 0) else { return nil }
        message.body = translation.body
        do throws(AMQPCodingError) {
            try SerializedMessage.write(message, to: &json)
        } catch {
            throw Rejection(.badHeaders, "\(error)")
        }
        json.removeLast()
        return translation.sentAt
    }
}

extension TailPrinter {
    /// A message that can't be shown, as one JSON object: `reason`, `detail`, `topic` and how it begins.
    package static func line(_ heard: Heard, _ rejection: Rejection) -> String {
        var json = Array(#"{"reason":"\#(rejection.reason.rawValue)","detail":"#.utf8)
        json.appendJSONString(Printable.text(rejection.detail))
        json.append(contentsOf: #","topic":"#.utf8)
        json.appendJSONString(Printable.beginning(heard.topic.readableBytesView, limit: 255))
        json.append(contentsOf: #","beginning":"#.utf8)
        json.appendJSONString(Printable.beginning(heard.payload.readableBytesView, limit: 60))
        json.append(UInt8(ascii: "}"))
        return String(decoding: json, as: UTF8.self)
    }
}
