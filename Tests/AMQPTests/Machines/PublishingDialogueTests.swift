import NIOCore
import Testing

@testable import AMQP

@Suite("ConnectionMachine: publishing")
struct PublishingDialogueTests {
    private var dialogue = Dialogue.channel()

    private func ack(_ tag: UInt64, multiple: Bool = false) -> Method.Basic.Ack {
        Method.Basic.Ack(deliveryTag: tag, multiple: multiple)
    }

    private mutating func returned(_ number: Int64, body: String) -> [String] {
        returned(with: ["mine": true, "x-publish-number": .int64(number)], body: body)
    }

    private mutating func returned(with headers: AMQPHeaders, body: String) -> [String] {
        let details = Method.Basic.Return(replyCode: 312, replyText: "NO_ROUTE", exchange: "", routingKey: "k")
        var events = dialogue.broker(details, on: 1)
        events += dialogue.broker(header: AMQPBasicProperties(headers: headers), size: UInt64(body.utf8.count))
        if !body.isEmpty { events += dialogue.broker(body: body) }
        return events
    }

    private let notFound = Method.Channel.Close(replyCode: 404, replyText: "NOT_FOUND", classID: 60, methodID: 40)

    @Test("method, header and body of a message stay together, messages in order")
    mutating func frames() throws {
        #expect(try dialogue.publish() == 1)
        #expect(try dialogue.publish(AMQPMessage(routingKey: "k", body: ByteBuffer())) == 2)
        #expect(dialogue.sent() == ["1: basic.publish", "1: header 4", "1: body 4", "1: basic.publish", "1: header 0"])
    }

    @Test("a body goes out in frames of frame_max less 8 bytes")
    mutating func split() throws {
        dialogue = .opened(frameMax: 4096)
        dialogue.openChannel()
        _ = try dialogue.publish(AMQPMessage(routingKey: "k", body: ByteBuffer(repeating: 1, count: 4089)))
        #expect(dialogue.sent() == ["1: basic.publish", "1: header 4089", "1: body 4088", "1: body 1"])
    }

    @Test("confirms settle the publishes up to their tag, in order")
    mutating func confirms() throws {
        for _ in 1...5 { _ = try dialogue.publish() }
        #expect(dialogue.broker(ack(2), on: 1) == ["1: publishing changed"])
        dialogue.broker(Method.Basic.Nack(deliveryTag: 4, multiple: true), on: 1)
        dialogue.broker(ack(0, multiple: true), on: 1)
        #expect(dialogue.outcomes() == ["2 confirmed", "1 nacked", "3...4 nacked", "5 confirmed"])
    }

    @Test("a confirm of what was not published ends the connection", arguments: [0, 1, 3] as [UInt64])
    func unknownConfirm(tag: UInt64) throws {
        var dialogue = Dialogue.channel()
        _ = try dialogue.publish()
        _ = try dialogue.publish()
        dialogue.broker(ack(1), on: 1)
        let events = dialogue.broker(ack(tag), on: 1)
        #expect(events.last == "closed: protocolViolation")
        #expect(dialogue.sent().last == "0: connection.close 503")
    }

    @Test("of mandatory messages the returned ones are told from the routed ones, whatever the acks look like")
    mutating func returns() throws {
        let message = AMQPMessage(routingKey: "k", body: ByteBuffer(string: "b"), mandatory: true)
        for _ in 1...4 { _ = try dialogue.publish(message) }
        _ = returned(2, body: "b")
        dialogue.broker(ack(2), on: 1)
        _ = returned(4, body: "b")
        dialogue.broker(ack(4, multiple: true), on: 1)
        #expect(dialogue.outcomes() == ["2 returned 312", "1 confirmed", "3 confirmed", "4 returned 312"])
    }

    @Test("a returned message without a body is whole at its header")
    mutating func emptyReturn() throws {
        _ = try dialogue.publish(AMQPMessage(routingKey: "k", body: ByteBuffer(), mandatory: true))
        _ = returned(1, body: "")
        dialogue.broker(ack(1), on: 1)
        #expect(dialogue.outcomes() == ["1 returned 312"])
    }

    @Test("a return is told by its number alone: what else is in the headers need not be readable, nor come before it")
    mutating func unreadableReturn() throws {
        // A key that is no text, values of sizes of their own, and one with an unknown type within.
        var encoded = try AMQPHeaders(["d": .decimal(scale: 1, value: 2), "v": .void, "a": .array([.void])]).encoded()
        encoded.writeBytes([1, 0xFF, UInt8(ascii: "V")])
        encoded.writeBytes([1, UInt8(ascii: "t"), UInt8(ascii: "F"), 0, 0, 0, 3, 1, UInt8(ascii: "k"), 0xFF])
        var headers = AMQPHeaders(encoded: encoded)
        try headers.append("x-publish-number", .int64(1))
        // As of an earlier publish: brokers may sort headers, and this one was there before.
        try headers.append("x-publish-number", .int64(2))
        try headers.append("z", true)
        for _ in 1...2 {
            _ = try dialogue.publish(AMQPMessage(routingKey: "k", body: ByteBuffer(), mandatory: true))
        }
        #expect(returned(with: headers, body: "") == [])
        dialogue.broker(ack(2, multiple: true), on: 1)
        #expect(dialogue.outcomes() == ["1 confirmed", "2 returned 312"])
    }

    @Test("a return that names no publish costs the channel, and not the connection")
    mutating func unnumberedReturn() throws {
        _ = try dialogue.publish(AMQPMessage(routingKey: "k", body: ByteBuffer(), mandatory: true))
        _ = dialogue.sent()
        let events = returned(with: ["mine": true], body: "")
        #expect(events == ["1: closed: protocolViolation, 1 unknown protocolViolation"])
        #expect(dialogue.sent() == ["1: channel.close 503"])
    }

    @Test("the number header is written to mandatory messages alone, beside the user's own")
    mutating func numberHeader() throws {
        var message = AMQPMessage(routingKey: "k", body: ByteBuffer(), mandatory: true)
        message.properties.headers = ["mine": true]
        _ = try dialogue.publish(message)
        var decoder = FrameDecoder(frameMax: .max)
        for buffer in dialogue.machine.output.take() { decoder.append(buffer) }
        _ = try decoder.next()
        guard case .header(1, let header) = try decoder.next() else { throw ProtocolViolation(.truncated) }
        let properties = AMQPBasicProperties(decoding: header.encodedProperties)
        #expect(try properties.headers?.table() == ["mine": true, "x-publish-number": .int64(1)])
    }

    @Test("a return of what is not outstanding ends the connection", arguments: [0, 2, -1] as [Int64])
    mutating func unknownReturn(number: Int64) throws {
        _ = try dialogue.publish(AMQPMessage(routingKey: "k", body: ByteBuffer(), mandatory: true))
        #expect(returned(number, body: "").last == "closed: protocolViolation")
    }

    @Test("a channel that the broker closes leaves every pending publish unknown")
    mutating func pipelinedError() throws {
        for _ in 1...3 { _ = try dialogue.publish() }
        dialogue.broker(ack(1), on: 1)
        let events = dialogue.broker(notFound, on: 1)
        let outcomes = "1 confirmed, 2...3 unknown channelClosedByBroker 404"
        #expect(events == ["1: closed: channelClosedByBroker 404, \(outcomes)"])
        let refusal = dialogue.failure { dialogue in
            _ = try dialogue.publish()
        }
        #expect(refusal != nil)
        #expect(dialogue.sent().last == "1: channel.close-ok")
    }

    @Test("with one publish pending there is no doubt which one the channel was closed over")
    mutating func singleError() throws {
        _ = try dialogue.publish()
        let events = dialogue.broker(notFound, on: 1)
        let refusal = "1 refused channelClosedByBroker 404"
        #expect(events == ["1: closed: channelClosedByBroker 404, \(refusal)"])
    }

    @Test("a channel closed for another reason says nothing of the publish pending on it")
    mutating func unrelatedError() throws {
        _ = try dialogue.publish()
        let close = Method.Channel.Close(replyCode: 406, replyText: "PRECONDITION_FAILED", classID: 60, methodID: 80)
        let outcome = "1 unknown channelClosedByBroker 406"
        #expect(dialogue.broker(close, on: 1) == ["1: closed: channelClosedByBroker 406, \(outcome)"])
    }

    @Test("publishes pending when we close the channel are unknown: the broker need not confirm them any more")
    mutating func closedByUs() throws {
        for _ in 1...200 { _ = try dialogue.publish() }
        try dialogue.machine.closeChannel(1, 9, now: dialogue.now)
        #expect(dialogue.events() == ["1: closed: channelClosed, 1...200 unknown channelClosed"])
        #expect(dialogue.broker(ack(200, multiple: true), on: 1) == [])
        #expect(dialogue.broker(Method.Channel.CloseOk(), on: 1) == ["1: 9 released"])
    }

    @Test("what can't be sent uses no number and writes no byte")
    mutating func unfit() throws {
        var big = AMQPMessage(routingKey: "k", body: ByteBuffer())
        big.properties.headers = ["h": .longString(String(repeating: "x", count: 200_000))]
        for message in [AMQPMessage(routingKey: String(repeating: "k", count: 256), body: ByteBuffer()), big] {
            let error = dialogue.failure { dialogue in
                _ = try dialogue.publish(message)
            }
            #expect(error?.code == .invalidArgument)
            _ = try? dialogue.publish(message)
        }
        #expect(dialogue.sent() == [])
        #expect(try dialogue.publish() == 1)
    }

    @Test("channel.flow stops and starts publishing, and is answered")
    mutating func flow() {
        let window = PublishWindow(messages: 5)
        #expect(dialogue.machine.channels[1]?.room(in: window) == 5)
        #expect(dialogue.broker(Method.Channel.Flow(active: false), on: 1) == ["1: publishing changed"])
        #expect(dialogue.machine.channels[1]?.room(in: window) == 0)
        #expect(dialogue.sent() == ["1: channel.flow-ok"])
        dialogue.broker(Method.Channel.Flow(active: true), on: 1)
        #expect(dialogue.machine.channels[1]?.room(in: window) == 5)
    }

    @Test("the window bounds messages and bytes; the message that passes it still goes out")
    mutating func window() throws {
        _ = try dialogue.publish()
        #expect(dialogue.machine.channels[1]?.room(in: PublishWindow(messages: 2)) == 1)
        #expect(dialogue.machine.channels[1]?.room(in: PublishWindow(messages: 1)) == 0)
        #expect(dialogue.machine.channels[1]?.room(in: PublishWindow(bytes: 5)) != 0)
        #expect(dialogue.machine.channels[1]?.room(in: PublishWindow(bytes: 4)) == 0)
        // One that is settled out of order takes its place until those before it are.
        _ = try dialogue.publish()
        dialogue.broker(ack(2), on: 1)
        #expect(dialogue.machine.channels[1]?.room(in: PublishWindow(messages: 2)) == 0)
    }
}
