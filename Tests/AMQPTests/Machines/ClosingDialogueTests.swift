import NIOCore
import Testing

@testable import AMQP

@Suite("ConnectionMachine: channels and ends")
struct ClosingDialogueTests {
    private var dialogue = Dialogue.channel()

    @Test("synchronous methods go out one after the other, and each gets its own reply")
    mutating func order() throws {
        try dialogue.call(Method.Basic.Cancel(consumerTag: "c"), request: 1)
        try dialogue.call(Method.Queue.Purge(queue: "q"), request: 2)
        #expect(dialogue.sent() == ["1: basic.cancel"])
        #expect(dialogue.broker(Method.Basic.CancelOk(consumerTag: "c"), on: 1) == ["1: 1 replied basic.cancel-ok"])
        #expect(dialogue.sent() == ["1: queue.purge"])
        #expect(dialogue.broker(Method.Queue.PurgeOk(messageCount: 0), on: 1) == ["1: 2 replied queue.purge-ok"])
    }

    @Test("a reply of another kind, or to nobody, ends the connection")
    mutating func wrongReply() throws {
        try dialogue.call(Method.Queue.Purge(queue: "q"), request: 2)
        let events = dialogue.broker(Method.Queue.DeleteOk(messageCount: 0), on: 1)
        #expect(events == ["1: closed: protocolViolation, failed [2]", "closed: protocolViolation"])
        #expect(dialogue.sent().last == "0: connection.close 503")
    }

    @Test("the place of a reply stays when its caller gives up; what was not sent is not sent")
    mutating func abandoned() throws {
        try dialogue.call(Method.Queue.Purge(queue: "q"), request: 1)
        try dialogue.call(Method.Queue.Delete(queue: "q"), request: 2)
        try dialogue.call(Method.Queue.Purge(queue: "r"), request: 3)
        dialogue.machine.abandon(1, on: 1)
        dialogue.machine.abandon(2, on: 1)
        #expect(dialogue.broker(Method.Queue.PurgeOk(messageCount: 1), on: 1) == [])
        #expect(dialogue.broker(Method.Queue.PurgeOk(messageCount: 2), on: 1) == ["1: 3 replied queue.purge-ok"])
        #expect(dialogue.sent() == ["1: queue.purge", "1: queue.purge"])
    }

    @Test("a cancel goes out although its caller gave up: without it deliveries would come for ever")
    mutating func abandonedCancel() throws {
        try dialogue.consume()
        try dialogue.call(Method.Basic.Cancel(consumerTag: "c"), request: 8)
        dialogue.machine.abandon(8, on: 1)
        dialogue.broker(Method.Basic.ConsumeOk(consumerTag: "c"), on: 1)
        #expect(dialogue.sent() == ["1: basic.consume", "1: basic.cancel"])
        #expect(dialogue.broker(Method.Basic.CancelOk(consumerTag: "c"), on: 1) == [])
    }

    @Test("a reply that is late fails its caller and nothing else; its place stays")
    mutating func late() throws {
        try dialogue.call(Method.Queue.Purge(queue: "q"), request: 1)
        #expect(dialogue.wait(.seconds(29)) == [])
        dialogue.broker(ByteBuffer(bytes: [8, 0, 0, 0, 0, 0, 0, 206]))
        #expect(dialogue.wait(.seconds(1)) == ["1: 1 queue.purge timed out"])
        try dialogue.call(Method.Queue.Purge(queue: "r"), request: 2)
        #expect(dialogue.broker(Method.Queue.PurgeOk(messageCount: 1), on: 1) == [])
        #expect(dialogue.broker(Method.Queue.PurgeOk(messageCount: 2), on: 1) == ["1: 2 replied queue.purge-ok"])
    }

    @Test("while the broker blocks us replies are not late, heartbeats and acks go on, and the close has an end")
    mutating func blocked() throws {
        try dialogue.consume()
        dialogue.broker(Method.Basic.ConsumeOk(consumerTag: "c"), on: 1)
        dialogue.deliver(1, "")
        try dialogue.call(Method.Queue.Purge(queue: "q"), request: 1)
        _ = dialogue.wait(.seconds(20))
        #expect(dialogue.broker(Method.Connection.Blocked(reason: "low on memory")) == ["blocked: low on memory"])
        _ = dialogue.sent()
        for _ in 1...100 {
            #expect(dialogue.wait(.seconds(30)) == [])
            dialogue.broker(ByteBuffer(bytes: [8, 0, 0, 0, 0, 0, 0, 206]))
        }
        try dialogue.settle(1, as: .ack)
        #expect(dialogue.sent() == Array(repeating: "heartbeat", count: 100) + ["1: basic.ack 1"])
        #expect(dialogue.broker(Method.Connection.Unblocked()) == ["unblocked"])
        #expect(dialogue.wait(.seconds(9)) == [])
        #expect(dialogue.wait(.seconds(1)) == ["1: 1 queue.purge timed out"])
        dialogue.broker(Method.Connection.Blocked(reason: "again"))
        dialogue.machine.close(now: dialogue.now)
        #expect(dialogue.wait(.seconds(5)).last == "closed: connectionClosed")
    }

    @Test("while we read nothing replies are not late either, whether or not the broker blocks us meanwhile")
    mutating func unread() throws {
        try dialogue.call(Method.Queue.Purge(queue: "q"), request: 1)
        _ = dialogue.wait(.seconds(20))
        dialogue.machine.readingPaused(at: dialogue.now)
        #expect(dialogue.wait(.seconds(3600)) == [])
        for _ in 1...2 { dialogue.broker(Method.Connection.Blocked(reason: "low on memory")) }
        dialogue.broker(Method.Connection.Unblocked())
        #expect(!dialogue.machine.isBlocked)
        #expect(dialogue.wait(.seconds(3600)) == [])
        dialogue.machine.readingResumed(at: dialogue.now)
        #expect(dialogue.wait(.seconds(9)) == [])
        #expect(dialogue.wait(.seconds(1)) == ["1: 1 queue.purge timed out"])
    }

    @Test("a channel's number is free after close-ok, and not before")
    mutating func numbers() throws {
        dialogue = .opened(channelMax: 2)
        dialogue.openChannel()
        dialogue.openChannel(request: 200)
        let error = dialogue.failure { dialogue in
            _ = try dialogue.machine.openChannel(300, now: .zero)
        }
        #expect(error?.code == .channelLimitReached)
        try dialogue.machine.closeChannel(1, 9, now: dialogue.now)
        _ = dialogue.events()
        let refusal = dialogue.failure { dialogue in
            _ = try dialogue.machine.openChannel(300, now: .zero)
        }
        #expect(refusal != nil)
        dialogue.broker(Method.Channel.CloseOk(), on: 1)
        #expect(try dialogue.machine.openChannel(300, now: .zero) == 1)
    }

    @Test("frames behind our channel.close are ignored until close-ok; the broker's own close is answered")
    mutating func closing() throws {
        try dialogue.consume()
        try dialogue.machine.closeChannel(1, 9, now: dialogue.now)
        #expect(dialogue.events() == ["1: closed: channelClosed, failed [7]"])
        _ = dialogue.sent()
        #expect(dialogue.deliver(1, "late") == [])
        #expect(dialogue.broker(Method.Queue.PurgeOk(messageCount: 0), on: 1) == [])
        let close = Method.Channel.Close(replyCode: 404, replyText: "", classID: 0, methodID: 0)
        #expect(dialogue.broker(close, on: 1) == [])
        #expect(dialogue.sent() == ["1: channel.close-ok"])
        #expect(dialogue.broker(Method.Channel.CloseOk(), on: 1) == ["1: 9 released"])
    }

    @Test("a channel.close that is not answered in time fails its caller; the number is free once it is")
    mutating func lateCloseOk() throws {
        try dialogue.machine.closeChannel(1, 9, now: dialogue.now)
        _ = dialogue.events()
        #expect(dialogue.wait(.seconds(29)) == [])
        dialogue.broker(ByteBuffer(bytes: [8, 0, 0, 0, 0, 0, 0, 206]))
        #expect(dialogue.machine.nextTick == .seconds(30))
        #expect(dialogue.wait(.seconds(1)) == ["1: 9 channel.close timed out"])
        #expect(!dialogue.machine.isFree(1))
        #expect(dialogue.broker(Method.Channel.CloseOk(), on: 1) == ["1: released"])
        #expect(dialogue.machine.isFree(1))
    }

    @Test("once the connection closes nobody looks at the clock for replies, which are not awaited any more")
    mutating func lateAmidClose() throws {
        try dialogue.call(Method.Queue.Purge(queue: "q"), request: 1)
        _ = dialogue.wait(.seconds(28))
        dialogue.machine.close(now: dialogue.now)
        _ = dialogue.wait(.seconds(2))
        #expect(try #require(dialogue.machine.nextTick) > dialogue.now)
    }

    @Test("the broker's channel.close amid content drops what there is of it, and the number opens again at once")
    mutating func closedAmidContent() throws {
        try dialogue.consume()
        dialogue.broker(Method.Basic.Deliver(consumerTag: "c", deliveryTag: 1, exchange: "", routingKey: ""), on: 1)
        dialogue.broker(size: 100)
        dialogue.broker(body: "part")
        let close = Method.Channel.Close(replyCode: 406, replyText: "", classID: 0, methodID: 0)
        #expect(dialogue.broker(close, on: 1) == ["1: closed: channelClosedByBroker 406, failed [7]"])
        #expect(try dialogue.machine.openChannel(200, now: .zero) == 1)
        #expect(dialogue.broker(Method.Channel.OpenOk(), on: 1) == ["1: 200 replied channel.open-ok"])
    }

    @Test("our own channel.close amid content keeps nothing of it while close-ok is awaited")
    mutating func closingAmidContent() throws {
        try dialogue.consume()
        dialogue.broker(Method.Basic.Deliver(consumerTag: "c", deliveryTag: 1, exchange: "", routingKey: ""), on: 1)
        dialogue.broker(size: 100)
        dialogue.broker(body: "part")
        #expect(dialogue.machine.channels[1]?.content.heldBytes != 0)
        try dialogue.machine.closeChannel(1, 9, now: dialogue.now)
        #expect(dialogue.machine.channels[1]?.content.heldBytes == 0)
    }

    @Test("the broker's connection.close amid content fails everything with its code, and is answered")
    mutating func connectionClosed() throws {
        try dialogue.consume()
        _ = try dialogue.publish()
        _ = dialogue.sent()
        dialogue.broker(Method.Basic.Deliver(consumerTag: "c", deliveryTag: 1, exchange: "", routingKey: ""), on: 1)
        dialogue.broker(size: 100)
        let close = Method.Connection.Close(replyCode: 320, replyText: "CONNECTION_FORCED", classID: 0, methodID: 0)
        #expect(
            dialogue.broker(close) == [
                "1: closed: connectionClosedByBroker 320, failed [7], 1 unknown connectionClosedByBroker 320",
                "closed: connectionClosedByBroker 320",
            ]
        )
        #expect(dialogue.sent() == ["0: connection.close-ok"])
        #expect(dialogue.broker(body: "late") == [])
    }

    @Test("when both close at once, both answer, and ours ends with close-ok")
    mutating func bothClose() {
        dialogue.machine.close(now: .zero)
        #expect(dialogue.sent() == ["0: connection.close 200"])
        #expect(dialogue.deliver(1, "late") == [])
        #expect(dialogue.broker(Method.Connection.Blocked(reason: "late")) == [])
        let close = Method.Connection.Close(replyCode: 320, replyText: "", classID: 0, methodID: 0)
        #expect(dialogue.broker(close) == [])
        #expect(dialogue.sent() == ["0: connection.close-ok"])
        #expect(
            dialogue.broker(Method.Connection.CloseOk()) == ["1: closed: connectionClosed", "closed: connectionClosed"]
        )
    }

    @Test("the end of the socket without a close, or amid a frame, is a failure")
    mutating func ends() {
        dialogue.broker(ByteBuffer(bytes: [1, 0, 1, 0, 0]))
        dialogue.machine.ended()
        #expect(dialogue.events() == ["1: closed: connectionLost", "closed: connectionLost"])
        #expect(dialogue.machine.closedError.message.contains("amid a frame"))
        dialogue.machine.ended()
        #expect(dialogue.events() == [])
    }

    @Test(
        "a peer that says nothing for two intervals is dead, whether the socket takes bytes or not",
        arguments: [true, false]
    )
    func halfOpen(isWritable: Bool) throws {
        var dialogue = Dialogue.channel()
        try dialogue.call(Method.Queue.Purge(queue: "q"), request: 1)
        #expect(dialogue.wait(.seconds(119), isWritable: isWritable).contains("closed: heartbeatMissed") == false)
        #expect(dialogue.wait(.seconds(1), isWritable: isWritable).last == "closed: heartbeatMissed")
    }

    @Test("any byte is life")
    mutating func life() {
        for _ in 1...10 {
            #expect(dialogue.wait(.seconds(100)) == [])
            dialogue.broker(ByteBuffer(bytes: [8]))
            dialogue.broker(ByteBuffer(bytes: [0, 0, 0, 0, 0, 0, 206]))
        }
    }
}
