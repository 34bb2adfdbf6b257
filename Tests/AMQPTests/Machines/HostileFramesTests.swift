import NIOCore
import Testing

@testable import AMQP

@Suite("ConnectionMachine: what no broker may send")
struct HostileFramesTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var bytes: [ByteBuffer]
        var code: Int
    }

    private static func method(_ method: some MethodArguments, on channel: UInt16) -> ByteBuffer {
        var bytes = ByteBuffer()
        try? bytes.writeMethod(method, channel: channel, frameMax: .max)
        return bytes
    }

    private static let deliver = method(
        Method.Basic.Deliver(consumerTag: "c", deliveryTag: 1, exchange: "", routingKey: ""),
        on: 1
    )

    static let cases = [
        Case(
            testDescription: "a wrong frame end",
            bytes: [.frame(8, channel: 0, payload: ByteBuffer(), end: 0)],
            code: 501
        ),
        Case(
            testDescription: "an unknown frame type",
            bytes: [.frame(9, channel: 0, payload: ByteBuffer())],
            code: 501
        ),
        Case(
            testDescription: "a heartbeat on a channel",
            bytes: [.frame(8, channel: 1, payload: ByteBuffer())],
            code: 501
        ),
        Case(testDescription: "a size of 4 GiB", bytes: [ByteBuffer(bytes: [1, 0, 0, 255, 255, 255, 255])], code: 501),
        Case(
            testDescription: "an unknown class",
            bytes: [.frame(1, channel: 1, payload: ByteBuffer(bytes: [0, 99, 0, 10]))],
            code: 502
        ),
        Case(
            testDescription: "an unknown method",
            bytes: [.frame(1, channel: 1, payload: ByteBuffer(bytes: [0, 60, 0, 99]))],
            code: 502
        ),
        Case(
            testDescription: "an empty method frame",
            bytes: [.frame(1, channel: 1, payload: ByteBuffer())],
            code: 502
        ),
        Case(testDescription: "a weight", bytes: [deliver, .contentHeader(weight: 1, size: 0)], code: 502),
        Case(
            testDescription: "content of another class",
            bytes: [deliver, .contentHeader(classID: 90, size: 0)],
            code: 502
        ),
        Case(testDescription: "a header without a method", bytes: [.contentHeader(size: 0)], code: 505),
        Case(
            testDescription: "a body without a header",
            bytes: [deliver, .frame(3, channel: 1, payload: ByteBuffer(string: "x"))],
            code: 505
        ),
        Case(
            testDescription: "a second header",
            bytes: [deliver, .contentHeader(size: 5), .contentHeader(size: 5)],
            code: 505
        ),
        Case(testDescription: "a method amid content", bytes: [deliver, deliver], code: 505),
        Case(
            testDescription: "more body than announced",
            bytes: [deliver, .contentHeader(size: 1), .frame(3, channel: 1, payload: ByteBuffer(string: "xy"))],
            code: 505
        ),
        Case(testDescription: "content on channel 0", bytes: [.contentHeader(size: 1, channel: 0)], code: 505),
        Case(testDescription: "a channel that is not open", bytes: [method(Method.Channel.Flow(), on: 2)], code: 504),
        Case(testDescription: "the last channel of all", bytes: [method(Method.Channel.Flow(), on: 65_535)], code: 504),
        Case(
            testDescription: "a client's method",
            bytes: [method(Method.Basic.Publish(exchange: "", routingKey: ""), on: 1)],
            code: 503
        ),
        Case(
            testDescription: "a connection's method on a channel",
            bytes: [method(Method.Connection.OpenOk(), on: 1)],
            code: 503
        ),
        Case(
            testDescription: "a channel's method on channel 0",
            bytes: [method(Method.Channel.CloseOk(), on: 0)],
            code: 503
        ),
        Case(
            testDescription: "a delivery to nobody",
            bytes: [
                method(Method.Basic.Deliver(consumerTag: "d", deliveryTag: 1, exchange: "", routingKey: ""), on: 1)
            ],
            code: 503
        ),
        Case(testDescription: "a second handshake", bytes: [method(Method.Connection.OpenOk(), on: 0)], code: 503),
    ]

    @Test(
        "it is told so by one connection.close, everything fails, and nothing is listened to any more",
        arguments: cases
    )
    func violation(_ test: Case) throws {
        var dialogue = Dialogue.channel()
        try dialogue.consume()
        _ = dialogue.sent()
        var events: [String] = []
        for bytes in test.bytes { events += dialogue.broker(bytes) }
        #expect(events == ["1: closed: protocolViolation, failed [7]", "closed: protocolViolation"])
        #expect(dialogue.sent() == ["0: connection.close \(test.code)"])
        for bytes in test.bytes { #expect(dialogue.broker(bytes) == []) }
        #expect(dialogue.sent() == [])
        #expect(dialogue.machine.nextTick == nil)
    }

    @Test("a storm of channel closes is answered, each once")
    func closeStorm() throws {
        var dialogue = Dialogue.opened()
        for round in 1...1000 as ClosedRange<UInt64> {
            #expect(try dialogue.machine.openChannel(round, now: .zero) == 1)
            let close = Method.Channel.Close(replyCode: 404, replyText: "", classID: 0, methodID: 0)
            #expect(dialogue.broker(close, on: 1) == ["1: closed: channelClosedByBroker 404, failed [\(round)]"])
            #expect(dialogue.sent() == ["1: channel.open", "1: channel.close-ok"])
        }
        #expect(dialogue.machine.channels.count == 2)
    }

    @Test("a body in a million frames of one byte is a body, and takes no more room than one")
    func manyPieces() async throws {
        let (rounds, frameCount) = (100, 1_000_000)
        var dialogue = Dialogue.channel()
        try dialogue.consume()
        dialogue.broker(Self.deliver)
        dialogue.broker(size: UInt64(frameCount))
        var frames = ByteBuffer()
        for _ in 0..<frameCount / rounds {
            frames.writeImmutableBuffer(.frame(3, channel: 1, payload: ByteBuffer(bytes: [65])))
        }
        for _ in 1..<rounds {
            #expect(dialogue.broker(frames) == [])
            let held = dialogue.machine.channels[1]?.content.heldBytes ?? 0
            #expect(held <= 2 * max(frameCount, frames.readableBytes))
            // Seconds of work, and other tests wait for their turn.
            await Task.yield()
        }
        dialogue.machine.received(frames, now: .zero)
        guard case .channel(1, .delivered(7, let message)) = dialogue.machine.nextEvent(now: .zero) else {
            Issue.record("no delivery")
            return
        }
        #expect(message.body.readableBytes == frameCount)
    }

    @Test("nothing depends on how the bytes are cut", arguments: [1, 2, 3, 7, 8, 13] as [Int])
    func cuts(size: Int) throws {
        var dialogue = Dialogue.channel()
        try dialogue.consume()
        var bytes = Self.method(Method.Basic.ConsumeOk(consumerTag: "c"), on: 1)
        for frame in [Self.deliver, .contentHeader(size: 3), .frame(3, channel: 1, payload: ByteBuffer(string: "abc"))]
        {
            bytes.writeImmutableBuffer(frame)
        }
        var events: [String] = []
        while let piece = bytes.readSlice(length: min(size, bytes.readableBytes)), piece.readableBytes > 0 {
            events += dialogue.broker(piece)
        }
        #expect(events == ["1: 7 replied basic.consume-ok", "1: 7 delivered 1 'abc'"])
    }
}
