// Times single steps, one thread: micro CAPTURES [STEP [TIMES]]. Without a step, all of them, with a line each; with
// one and a number, that step so many times over the captures and nothing else, for callgrind to count.

import Bridge
import Fedmsg
import Foundation
import NIOCore
import Replay
import Settings
import Spool

@testable import AMQP

/// Something that is done to each of the captures.
struct Step {
    var name: String
    var body: (Corpus) throws -> Void
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
        var encoder = FedmsgEncoder(reservingCapacity: corpus.envelopes.count)
        for (topic, envelope) in zip(corpus.topics, corpus.envelopes) {
            let fedmsg = try corpus.translator.translate(topic: topic, envelope: envelope)
            _ = try encoder.encode(fedmsg, as: corpus.translator.template)
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
    Step(name: "encode") { corpus in
        var writer = FrameWriter(frameMax: Corpus.frameMax)
        for native in corpus.natives { try writer.publish(native) }
        for part in writer.take() { blackHole(part.readableBytes) }
    },
    Step(name: "decode") { corpus in
        var decoder = FrameDecoder(frameMax: Corpus.frameMax)
        decoder.append(corpus.frames)
        while let frame = try decoder.next() {
            if case .heartbeat = frame { break }
        }
    },
    Step(name: "receive") { corpus in
        var machine = corpus.consuming
        machine.received(corpus.deliveries, now: .zero)
        while let event = machine.nextEvent(now: .zero) {
            guard case .channel(_, .delivered(_, let message)) = event else { continue }
            blackHole(AMQPBasicProperties(decoding: message.encodedProperties).malformed.count)
        }
    },
    Step(name: "ledger") { corpus in
        for (index, envelope) in corpus.envelopes.enumerated() {
            let number = ledger.published(bytes: envelope.readableBytes)
            if index % 50 == 49 { try ledger.settle(number, multiple: true, accepted: true) }
        }
        blackHole(ledger.takeSettlements().count)
    },
    Step(name: "journal") { corpus in
        let messages = Array(zip(corpus.topics, corpus.envelopes))
        for start in stride(from: 0, to: messages.count, by: 100) {
            journal?.journal(messages[start..<min(start + 100, messages.count)])
        }
    },
    Step(name: "replay") { corpus in
        _ = try DryRun(ReplayOptions(paths: [corpus.path], configuration: BridgeConfiguration()), output: Nowhere())
            .run()
    },
]

@inline(never) func blackHole(_ value: Int) {}

// Not there where callgrind counts: it can't follow the threads.
nonisolated(unsafe) var journal: JournalStep?
nonisolated(unsafe) var ledger = ConfirmLedger()
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

/// Counted where Benchmarks/floor/count_allocations.c is preloaded.
let allocations: (@convention(c) () -> UInt)? = dlsym(nil, "allocations_so_far").map {
    unsafeBitCast($0, to: (@convention(c) () -> UInt).self)
}

let arguments = CommandLine.arguments
let corpus = try Corpus(arguments[1])
if arguments.count > 3, let step = steps.first(where: { $0.name == arguments[2] }) {
    for _ in 0..<(Int(arguments[3]) ?? 1) { try step.body(corpus) }
} else {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("micro-\(getpid())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    journal = JournalStep.opened(folder: folder)
    let size = Double(corpus.bytes) / Double(corpus.envelopes.count)
    for step in steps where arguments.count < 3 || step.name == arguments[2] {
        let nanoseconds = try time(step, corpus)
        let before = allocations?() ?? 0
        try step.body(corpus)
        let number = Double((allocations?() ?? 0) - before) / Double(corpus.envelopes.count)
        print(
            step.name.padding(toLength: 22, withPad: " ", startingAt: 0),
            String(format: "%8.0f ns a message %8.2f GB/s %6.1f allocations", nanoseconds, size / nanoseconds, number)
        )
    }
}
