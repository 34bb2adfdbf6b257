// Times single steps, one thread: micro CAPTURES [STEP [TIMES]]. Without a step, all of them, with a line each; with
// one and a number, that step so many times over the captures and nothing else, for callgrind to count.

import AMQP
import Bridge
import Fedmsg
import Foundation
import NIOCore
import Replay
import Settings
import Spool

/// Something that is done to each of the captures.
struct Step {
    var name: String
    var body: (Corpus) throws -> Void
}

/// Captured fedmsgs, and what becomes of them.
struct Corpus {
    var path: String
    var envelopes: [ByteBuffer]
    var topics: [ByteBuffer]
    var translator = ToAMQPTranslator(configuration: BridgeConfiguration())
    var natives: [ToFedmsgTranslator.Source]
    var toFedmsg = ToFedmsgTranslator(configuration: BridgeConfiguration(), purpose: .replay)
    var identities: [MessageDigest]

    init(_ path: String) throws {
        self.path = path
        let lines = try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: 0x0A)
        envelopes = lines.map { ByteBuffer(bytes: $0) }
        let topics = try envelopes.map { try Envelope($0.readableBytesSpan).topic(in: $0.readableBytesSpan) ?? "" }
        self.topics = topics.map { ByteBuffer(string: $0) }
        let translator = translator
        let messages = try zip(self.topics, envelopes).map { try translator.translate(topic: $0, envelope: $1).message }
        natives = messages.map {
            var properties = $0.properties
            properties.headers = ["sent-at": "2019-07-30T19:12:22+00:00", "fedora_messaging_severity": .int32(20)]
            return ToFedmsgTranslator.Source(routingKey: $0.routingKey, properties: properties, body: $0.body)
        }
        identities = messages.map {
            let digest = MessageIdentity.digest(
                id: ($0.properties.messageID ?? "").utf8Span.span.bytes,
                topic: $0.routingKey.utf8Span.span.bytes,
                body: $0.body.readableBytesSpan
            )
            return MessageDigest(high: digest.high, low: digest.low)
        }
    }

    var bytes: Int { envelopes.reduce(0) { $0 + $1.readableBytes } }
}

/// Where a dry replay writes to.
final class Nowhere: ReplayOutput {
    func write(_ lines: [UInt8]) {}
    func report(_ line: String) {}
    func progress(_ progress: ReplayProgress) {}
}

let steps = [
    Step(name: "scan") { corpus in
        for envelope in corpus.envelopes { _ = try Envelope(envelope.readableBytesSpan) }
    },
    Step(name: "canonical") { corpus in
        var form = CanonicalForm()
        var output: [UInt8] = []
        for envelope in corpus.envelopes {
            output.removeAll(keepingCapacity: true)
            try form.write(envelope.readableBytesSpan, to: &output)
        }
    },
    Step(name: "translate-to-amqp") { corpus in
        for (topic, envelope) in zip(corpus.topics, corpus.envelopes) {
            _ = try corpus.translator.translate(topic: topic, envelope: envelope).message
        }
    },
    Step(name: "translate-to-fedmsg") { corpus in
        for source in corpus.natives {
            guard case .forward(let translation) = try corpus.toFedmsg.translate(source, receivedAt: 0) else {
                continue
            }
            let body = translation.body.readableBytesSpan
            let envelope = translation.envelope
            var payload = ByteBuffer()
            payload.writeWithOutputRawSpan(
                minimumWritableBytes: envelope.byteCount(bodyByteCount: body.byteCount)
            ) { envelope.write(body: body, into: &$0) }
        }
    },
    Step(name: "identity") { corpus in
        for (topic, envelope) in zip(corpus.topics, corpus.envelopes) {
            let bytes = envelope.readableBytesSpan
            _ = MessageIdentity.digest(id: topic.readableBytesSpan, topic: topic.readableBytesSpan, body: bytes)
        }
    },
    Step(name: "duplicates") { corpus in
        for identity in corpus.identities where !window.contains(identity, at: 0) { window.insert(identity, at: 0) }
    },
    Step(name: "replay") { corpus in
        _ = try DryRun(ReplayOptions(paths: [corpus.path], configuration: BridgeConfiguration()), output: Nowhere())
            .run()
    },
]

nonisolated(unsafe) var window = DuplicateWindow(seconds: 600)

func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// The best of several rounds, in nanoseconds a message.
func time(_ step: Step, _ corpus: Corpus) throws -> Double {
    var best = Double.infinity
    for _ in 0..<5 {
        var times = 0
        let start = seconds()
        while seconds() - start < 0.1 {
            try step.body(corpus)
            times += 1
        }
        best = min(best, (seconds() - start) / Double(times * corpus.envelopes.count))
    }
    return best * 1e9
}

let arguments = CommandLine.arguments
let corpus = try Corpus(arguments[1])
if arguments.count > 3, let step = steps.first(where: { $0.name == arguments[2] }) {
    for _ in 0..<(Int(arguments[3]) ?? 1) { try step.body(corpus) }
} else {
    let size = Double(corpus.bytes) / Double(corpus.envelopes.count)
    for step in steps where arguments.count < 3 || step.name == arguments[2] {
        let nanoseconds = try time(step, corpus)
        print(
            step.name.padding(toLength: 22, withPad: " ", startingAt: 0),
            String(format: "%8.0f ns a message %8.2f GB/s", nanoseconds, size / nanoseconds)
        )
    }
}
