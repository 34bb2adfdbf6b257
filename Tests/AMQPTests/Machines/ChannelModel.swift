import NIOCore
import Testing

@testable import AMQP

/// What has to come of a channel, kept in the plainest way: sets and dictionaries, one entry a message.
///
/// A seeded generator plays both sides, within what the protocol allows; after each step the machine has to agree.
struct ChannelModel {
    private var random: SeededGenerator
    private var dialogue = Dialogue.channel()
    private(set) var isOver = false

    private var published: UInt64 = 0
    private var mandatory: Set<UInt64> = []
    private var returned: Set<UInt64> = []
    private var pending: Set<UInt64> = []
    /// What is expected, and what the machine said.
    private var expected: [UInt64: String] = [:]
    private var told: [UInt64: String] = [:]

    private var delivered: UInt64 = 0
    private var unsettled: Set<UInt64> = []

    private var requests: UInt64 = 1000
    /// Callers in the order of their calls; nil gave up when the method was out.
    private var waiting: [UInt64?] = []
    private var answered: [UInt64: String] = [:]
    private var gaveUp: Set<UInt64> = []

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        try dialogue.consume()
        dialogue.broker(Method.Basic.ConsumeOk(consumerTag: "c"), on: 1)
        _ = dialogue.sent()
    }

    mutating func step() throws {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<35: try publish()
        case 35..<55: confirm()
        case 55..<60: returnMessage()
        case 60..<72: deliver()
        case 72..<84: settle()
        case 84..<90: try call()
        case 90..<95: reply()
        case 95..<98: abandon()
        case 98: if Bool.random(using: &random) { try end() }
        default: break
        }
        try check()
    }

    /// Everything that was begun has come to one end.
    mutating func finish() throws {
        if !isOver { try end() }
        try check()
        try #require(pending.isEmpty)
        try #require(told.count == Int(published))
        try #require(answered.count + gaveUp.count == Int(requests - 1000))
    }

    private mutating func check() throws {
        look(at: dialogue.machine.takeSettlements(of: 1))
        try #require(told == expected)
        guard !isOver, let channel = dialogue.machine.channels[1] else { return }
        try #require(channel.confirms.outstanding == pending.count)
        try #require(channel.confirms.outstandingBytes == pending.count * 4)
        try #require(channel.confirms.span == pending.min().map { Int(published - $0) + 1 } ?? 0)
        try #require(channel.deliveries.outstanding == unsettled.count)
    }

    // MARK: Publishing

    private mutating func publish() throws {
        var message = AMQPMessage(routingKey: "k", body: ByteBuffer(string: "body"))
        message.mandatory = Bool.random(using: &random)
        try #require(try dialogue.publish(message) == published + 1)
        published += 1
        pending.insert(published)
        if message.mandatory { mandatory.insert(published) }
    }

    private mutating func confirm() {
        guard let tag = pending.sorted().randomElement(using: &random) else { return }
        let isMultiple = Bool.random(using: &random)
        let isAck = Int.random(in: 0..<4, using: &random) > 0
        let meansAll = isMultiple && Int.random(in: 0..<4, using: &random) == 0
        let settled = isMultiple ? pending.filter { meansAll || $0 <= tag } : [tag]
        for number in settled {
            expected[number] = isAck ? (returned.contains(number) ? "returned" : "confirmed") : "nacked"
        }
        pending.subtract(settled)
        let wire = meansAll ? 0 : tag
        if isAck {
            broker(Method.Basic.Ack(deliveryTag: wire, multiple: isMultiple))
        } else {
            broker(Method.Basic.Nack(deliveryTag: wire, multiple: isMultiple))
        }
    }

    private mutating func returnMessage() {
        let candidates = pending.intersection(mandatory).subtracting(returned).sorted()
        guard let number = candidates.randomElement(using: &random) else { return }
        returned.insert(number)
        broker(Method.Basic.Return(replyCode: 312, replyText: "NO_ROUTE", exchange: "", routingKey: "k"))
        let properties = AMQPBasicProperties(headers: ["x-publish-number": .int64(Int64(number))])
        broker(.contentHeader(properties, size: 4))
        broker(.frame(3, channel: 1, payload: ByteBuffer(string: "body")))
    }

    // MARK: Consuming

    private mutating func deliver() {
        delivered += UInt64.random(in: 1...2, using: &random)
        unsettled.insert(delivered)
        broker(Method.Basic.Deliver(consumerTag: "c", deliveryTag: delivered, exchange: "", routingKey: ""))
        broker(.contentHeader(size: 0))
    }

    private mutating func settle() {
        guard delivered > 0 else { return }
        let tag = UInt64.random(in: 1...delivered, using: &random)
        let isThrough = Bool.random(using: &random)
        let settles = isThrough ? unsettled.filter { $0 <= tag } : unsettled.filter { $0 == tag }
        let error = dialogue.failure { dialogue in
            if isThrough {
                try dialogue.machine.withChannel(1) { channel, output throws(AMQPError) in
                    try channel.settle(through: tag, output: &output)
                }
            } else {
                try dialogue.settle(tag, as: .reject(requeue: true))
            }
        }
        #expect((error != nil) == settles.isEmpty)
        let sent = dialogue.sent().filter { $0.contains("basic.ack") || $0.contains("basic.reject") }
        let last = settles.max() ?? 0
        #expect(
            sent
                == (settles.isEmpty
                    ? [] : [isThrough ? "1: basic.ack through \(last)" : "1: basic.reject \(tag) requeue"])
        )
        unsettled.subtract(settles)
    }

    // MARK: Calls

    private mutating func call() throws {
        requests += 1
        waiting.append(requests)
        try dialogue.call(Method.Queue.Purge(queue: "q"), request: requests)
    }

    private mutating func reply() {
        guard !waiting.isEmpty else { return }
        let request = waiting.removeFirst()
        broker(Method.Queue.PurgeOk(messageCount: 0))
        if let request { #expect(answered[request] == "replied") }
    }

    private mutating func abandon() {
        guard let index = waiting.indices.randomElement(using: &random), let request = waiting[index] else { return }
        dialogue.machine.abandon(request, on: 1)
        gaveUp.insert(request)
        // What had not gone out never will.
        if index == 0 { waiting[0] = nil } else { waiting.remove(at: index) }
    }

    // MARK: The end

    private mutating func end() throws {
        isOver = true
        let way = Int.random(in: 0..<4, using: &random)
        for number in pending { expected[number] = way == 0 && pending.count == 1 ? "refused" : "unknown" }
        pending = []
        switch way {
        case 0: broker(Method.Channel.Close(replyCode: 404, replyText: "NOT_FOUND", classID: 60, methodID: 40))
        case 1: broker(Method.Connection.Close(replyCode: 320, replyText: "", classID: 0, methodID: 0), on: 0)
        case 2: try dialogue.machine.closeChannel(1, nil, now: .zero)
        default: dialogue.machine.ended()
        }
        look()
        for request in waiting.compactMap({ $0 }) { #expect(answered[request] == "failed") }
    }

    // MARK: What the machine says

    private mutating func broker(_ method: some MethodArguments, on channel: UInt16 = 1) {
        var bytes = ByteBuffer()
        try? bytes.writeMethod(method, channel: channel, frameMax: .max)
        broker(bytes)
    }

    private mutating func broker(_ bytes: ByteBuffer) {
        dialogue.machine.received(bytes, now: .zero)
        look()
    }

    private mutating func look() {
        while let event = dialogue.machine.nextEvent(now: .zero) {
            guard case .channel(1, let event) = event else { continue }
            switch event {
            case .replied(let request, _): answer(request, "replied")
            case .closed(_, let failed, let settlements):
                for request in failed { answer(request, "failed") }
                look(at: settlements)
            default: break
            }
        }
    }

    private mutating func answer(_ request: UInt64, _ what: String) {
        #expect(answered[request] == nil && !gaveUp.contains(request), "request \(request) is answered once")
        answered[request] = what
    }

    private mutating func look(at settlements: [PublishSettlement]) {
        for settlement in settlements {
            for number in settlement.numbers {
                #expect(told[number] == nil, "publish \(number) is settled once")
                told[number] =
                    switch settlement.outcome {
                    case .confirmed: "confirmed"
                    case .nacked: "nacked"
                    case .returned: "returned"
                    case .refused: "refused"
                    case .unknown: "unknown"
                    }
            }
        }
    }
}
