import NIOCore
import Testing

@testable import AMQP

@Suite("ConnectionMachine: consuming")
struct ConsumingDialogueTests {
    private var dialogue = Dialogue.channel()

    @Test("a delivery that comes before consume-ok finds its consumer")
    mutating func early() throws {
        try dialogue.consume()
        #expect(dialogue.deliver(1, "body") == ["1: 7 delivered 1 'body'"])
        #expect(dialogue.broker(Method.Basic.ConsumeOk(consumerTag: "c"), on: 1) == ["1: 7 replied basic.consume-ok"])
    }

    @Test("a message without a body is whole at its header")
    mutating func emptyBody() throws {
        try dialogue.consume()
        #expect(dialogue.deliver(1, "") == ["1: 7 delivered 1 ''"])
    }

    @Test("a body in pieces is put together, however small they are")
    mutating func pieces() throws {
        try dialogue.consume()
        dialogue.broker(Method.Basic.Deliver(consumerTag: "c", deliveryTag: 1, exchange: "", routingKey: ""), on: 1)
        dialogue.broker(size: 5)
        for piece in ["h", "", "el", "l"] { #expect(dialogue.broker(body: piece) == []) }
        #expect(dialogue.broker(body: "o") == ["1: 7 delivered 1 'hello'"])
    }

    @Test("contents on two channels may come one through the other")
    mutating func interleaved() throws {
        try dialogue.consume()
        dialogue.openChannel(request: 200)
        try dialogue.machine.call(Method.Basic.Get(queue: "q"), on: 2, PendingReply.Caller(id: 8), now: .zero)
        dialogue.broker(Method.Basic.Deliver(consumerTag: "c", deliveryTag: 1, exchange: "", routingKey: ""), on: 1)
        dialogue.broker(
            Method.Basic.GetOk(deliveryTag: 1, exchange: "", routingKey: "", messageCount: 3),
            on: 2
        )
        dialogue.broker(size: 1, on: 2)
        dialogue.broker(size: 1, on: 1)
        #expect(dialogue.broker(body: "1", on: 1) == ["1: 7 delivered 1 '1'"])
        #expect(dialogue.broker(body: "2", on: 2) == ["2: 8 got 1 '2', 3 left"])
    }

    @Test(
        "a body size that no memory holds is refused by the channel, and nothing is allocated",
        arguments: [1 << 62, .max] as [UInt64]
    )
    func hugeBody(size: UInt64) throws {
        var dialogue = Dialogue.channel()
        try dialogue.consume()
        dialogue.broker(Method.Basic.Deliver(consumerTag: "c", deliveryTag: 1, exchange: "", routingKey: ""), on: 1)
        #expect(dialogue.broker(size: size) == ["1: closed: limitExceeded, failed [7]"])
        #expect(dialogue.sent().last == "1: channel.close 311")
        #expect(dialogue.broker(body: "ignored") == [])
        #expect(dialogue.broker(Method.Channel.CloseOk(), on: 1) == ["1: released"])
    }

    @Test("a message whose properties can't be read still arrives, and can be rejected")
    mutating func poison() throws {
        try dialogue.consume()
        var properties = ByteBuffer()
        properties.writeMultipleIntegers(0xFFFF as UInt16, 0xDEAD_BEEF as UInt32)
        var payload = ByteBuffer()
        payload.writeMultipleIntegers(60 as UInt16, 0 as UInt16, 0 as UInt64)
        payload.writeImmutableBuffer(properties)
        dialogue.broker(Method.Basic.Deliver(consumerTag: "c", deliveryTag: 1, exchange: "", routingKey: ""), on: 1)
        #expect(dialogue.broker(.frame(2, channel: 1, payload: payload)) == ["1: 7 delivered 1 ''"])
        _ = dialogue.sent()
        try dialogue.settle(1, as: .reject(requeue: false))
        #expect(dialogue.sent() == ["1: basic.reject 1"])
    }

    @Test("ack, nack and reject go out as what they are")
    mutating func settlements() throws {
        try dialogue.consume()
        for tag in 1...6 as ClosedRange<UInt64> { dialogue.deliver(tag, "") }
        _ = dialogue.sent()
        try dialogue.settle(1, as: .ack)
        try dialogue.settle(2, as: .nack(requeue: true))
        try dialogue.settle(3, as: .reject(requeue: true))
        try dialogue.machine.withChannel(1) { channel, output throws(AMQPError) in
            try channel.settle(through: 5, output: &output)
            try channel.settle(through: 6, nackRequeue: false, output: &output)
        }
        #expect(
            dialogue.sent() == [
                "1: basic.ack 1", "1: basic.nack 2 requeue", "1: basic.reject 3 requeue", "1: basic.ack through 5",
                "1: basic.nack through 6",
            ]
        )
    }

    @Test("settling twice is an error here, and nothing is sent")
    mutating func twice() throws {
        try dialogue.consume()
        dialogue.deliver(1, "")
        try dialogue.settle(1, as: .ack)
        _ = dialogue.sent()
        let error = dialogue.failure { dialogue in
            try dialogue.settle(1, as: .reject(requeue: false))
        }
        #expect(error?.code == .deliveryAlreadySettled)
        #expect(dialogue.sent() == [])
    }

    @Test("a delivery of a channel that is gone is stale, and nothing is sent")
    mutating func stale() throws {
        try dialogue.consume()
        dialogue.deliver(1, "")
        try dialogue.machine.closeChannel(1, 9, now: dialogue.now)
        _ = dialogue.sent()
        let one = dialogue.failure { try $0.settle(1, as: .ack) }
        #expect(one?.code == .staleDelivery)
        let all = dialogue.failure { dialogue in
            try dialogue.machine.withChannel(1) { channel, output throws(AMQPError) in
                try channel.settle(through: 1, output: &output)
            }
        }
        #expect(all?.code == .staleDelivery)
        #expect(dialogue.sent() == [])
    }

    private let brokerCancel = Method.Basic.Cancel(consumerTag: "c", noWait: true)

    @Test("what the broker cancels, and may keep, is cancelled from here too, and deliveries still find it")
    mutating func brokerCancels() throws {
        try dialogue.consume()
        dialogue.broker(Method.Basic.ConsumeOk(consumerTag: "c"), on: 1)
        dialogue.deliver(1, "in hand")
        _ = dialogue.sent()
        #expect(dialogue.broker(brokerCancel, on: 1) == ["1: 7 cancelled"])
        #expect(dialogue.sent() == ["1: basic.cancel"])
        try dialogue.settle(1, as: .ack)
        #expect(dialogue.deliver(2, "x") == ["1: 7 delivered 2 'x'"])
        // A second timeout asks for nothing more.
        dialogue.broker(brokerCancel, on: 1)
        #expect(dialogue.sent() == ["1: basic.ack 1"])
        #expect(dialogue.broker(Method.Basic.CancelOk(consumerTag: "c"), on: 1) == [])
        try dialogue.settle(2, as: .nack(requeue: true))
        #expect(dialogue.sent() == ["1: basic.nack 2 requeue"])
    }

    @Test("cancels of both sides that cross leave the tag's next consumer alone")
    mutating func cancelsCross() throws {
        try dialogue.consume()
        dialogue.broker(Method.Basic.ConsumeOk(consumerTag: "c"), on: 1)
        try dialogue.call(Method.Basic.Cancel(consumerTag: "c"), request: 8)
        dialogue.broker(brokerCancel, on: 1)
        try dialogue.consume(id: 9)
        _ = dialogue.sent()
        #expect(dialogue.broker(Method.Basic.CancelOk(consumerTag: "c"), on: 1) == ["1: 8 replied basic.cancel-ok"])
        #expect(dialogue.sent() == ["1: basic.consume"])
        #expect(dialogue.deliver(1, "x") == ["1: 9 delivered 1 'x'"])
    }

    @Test("deliveries between cancel and cancel-ok are handed out; after it there is no such consumer")
    mutating func cancelling() throws {
        try dialogue.consume()
        dialogue.broker(Method.Basic.ConsumeOk(consumerTag: "c"), on: 1)
        try dialogue.call(Method.Basic.Cancel(consumerTag: "c"), request: 8)
        #expect(dialogue.deliver(1, "x") == ["1: 7 delivered 1 'x'"])
        #expect(dialogue.broker(Method.Basic.CancelOk(consumerTag: "c"), on: 1) == ["1: 8 replied basic.cancel-ok"])
        let deliver = Method.Basic.Deliver(consumerTag: "c", deliveryTag: 2, exchange: "", routingKey: "")
        #expect(dialogue.broker(deliver, on: 1).last == "closed: protocolViolation")
    }

    @Test("a tag is one consumer's until it has ended; on two channels it may be two consumers'")
    mutating func tagTwice() throws {
        try dialogue.consume()
        dialogue.broker(Method.Basic.ConsumeOk(consumerTag: "c"), on: 1)
        dialogue.deliver(1, "")
        dialogue.openChannel(request: 200)
        #expect(try !dialogue.register(8, on: 1))
        #expect(try dialogue.register(9, on: 2))
        dialogue.broker(brokerCancel, on: 1)
        #expect(try dialogue.register(8, on: 1))
        #expect(try !dialogue.register(10, on: 1))
        #expect(dialogue.deliver(2, "x") == ["1: 7 delivered 2 'x'"])
        dialogue.broker(Method.Basic.CancelOk(consumerTag: "c"), on: 1)
        #expect(dialogue.deliver(3, "x") == ["1: 8 delivered 3 'x'"])
    }

    @Test("a delivery tag that does not rise ends the connection", arguments: [0, 1, 2] as [UInt64])
    func tags(tag: UInt64) throws {
        var dialogue = Dialogue.channel()
        try dialogue.consume()
        dialogue.deliver(2, "")
        #expect(dialogue.deliver(tag, "").last == "closed: protocolViolation")
    }

    @Test("an empty queue answers get with nothing")
    mutating func emptyGet() throws {
        try dialogue.call(Method.Basic.Get(queue: "q"), request: 5)
        #expect(dialogue.broker(Method.Basic.GetEmpty(), on: 1) == ["1: 5 replied basic.get-empty"])
    }

    private let getOk = Method.Basic.GetOk(deliveryTag: 1, exchange: "", routingKey: "", messageCount: 0)

    @Test("a channel that closes amid what get was answered with fails the call")
    mutating func closedAmidGet() throws {
        try dialogue.call(Method.Basic.Get(queue: "q"), request: 5)
        dialogue.broker(getOk, on: 1)
        dialogue.broker(size: 10)
        let close = Method.Channel.Close(replyCode: 406, replyText: "", classID: 0, methodID: 0)
        #expect(dialogue.broker(close, on: 1) == ["1: closed: channelClosedByBroker 406, failed [5]"])
    }

    @Test("what get was answered with goes back to the queue when its caller has given up")
    mutating func abandonedGet() throws {
        try dialogue.call(Method.Basic.Get(queue: "q"), request: 5)
        dialogue.machine.abandon(5, on: 1)
        dialogue.broker(getOk, on: 1)
        #expect(dialogue.broker(size: 0) == [])
        #expect(dialogue.sent() == ["1: basic.get", "1: basic.nack 1 requeue"])
    }
}
