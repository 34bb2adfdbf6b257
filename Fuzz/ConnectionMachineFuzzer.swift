// A whole connection: the broker's bytes, right and wrong, the user's calls and the time, in any order. No trap; what is
// written can be read; every call is answered once, every publish settled once, and after the end there is nothing more.

import NIOCore

@testable import AMQP

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    var session = Session(input: ByteBuffer(bytes: UnsafeBufferPointer(start: start, count: count)))
    session.run()
    return 0
}

private struct Session {
    private var input: ByteBuffer
    private var machine: ConnectionMachine
    private var now: Duration = .zero
    private var hasSentHeader = false
    private var isOver = false
    private var lastRequest: UInt64 = 0
    /// Callers, with the channels that they wait on, and those who wait for a channel's close.
    private var waiting: [UInt64: UInt16] = [:]
    private var closers: [UInt64: UInt16] = [:]
    private var publishes: [UInt16: Set<UInt64>] = [:]

    init(input: ByteBuffer) {
        self.input = input
        let endpoint = AMQPEndpoint()
        var configuration = AMQPConfiguration(endpoints: [endpoint])
        configuration.limits.maxBodySize = 1 << 20
        machine = ConnectionMachine(configuration: configuration, endpoint: endpoint, deadline: .seconds(15))
        machine.tokenRenewal = TokenRenewal(lifetime: .seconds(20), askedAt: .zero)
    }

    mutating func run() {
        while let step = input.readInteger(as: UInt8.self) {
            take(step)
            look()
        }
        machine.ended()
        look()
        precondition(isOver && waiting.isEmpty && closers.isEmpty && publishes.values.allSatisfy { $0.isEmpty })
        precondition(machine.nextTick == nil)
    }

    private mutating func byte() -> UInt8 { input.readInteger() ?? 0 }

    private mutating func channel() -> UInt16 { UInt16(byte() % 4) }

    private mutating func take(_ step: UInt8) {
        switch step % 24 {
        case 0: machine.received(bytes(), now: now)
        case 1: frame(kind: byte(), on: channel(), bytes())
        case 2: frame(kind: 1, on: channel(), bytes())
        case 3: frame(kind: 2, on: channel(), bytes())
        case 4: frame(kind: 3, on: channel(), bytes())
        case 5:
            broker(Method.Connection.Start(versionMajor: 0, versionMinor: 9, mechanisms: "PLAIN", locales: ""), on: 0)
        case 6:
            let tune = Method.Connection.Tune(
                channelMax: UInt16(byte()),
                frameMax: UInt32(byte()) << 9,
                heartbeat: UInt16(byte())
            )
            broker(tune, on: 0)
        case 7: broker(Method.Connection.OpenOk(), on: 0)
        case 8: reply(on: channel())
        case 9: deliver(on: channel())
        case 10: broker(Method.Basic.Ack(deliveryTag: UInt64(byte()), multiple: byte() % 2 == 0), on: channel())
        case 11: broker(Method.Basic.Nack(deliveryTag: UInt64(byte()), multiple: byte() % 2 == 0), on: channel())
        case 12: broker(Method.Channel.Close(replyCode: 404, replyText: "", classID: 60, methodID: 40), on: channel())
        case 13: broker(Method.Channel.CloseOk(), on: channel())
        case 14: returnMessage(on: channel())
        case 15: broker(Method.Connection.Blocked(reason: ""), on: 0)
        case 16: broker(Method.Connection.Unblocked(), on: 0)
        default: act(step % 24)
        }
    }

    private mutating func act(_ step: UInt8) {
        let number = channel()
        switch step {
        case 17:
            lastRequest += 1
            if let opened = try? machine.openChannel(lastRequest, now: now) { waiting[lastRequest] = opened }
        case 18:
            lastRequest += 1
            let caller = PendingReply.Caller(id: lastRequest)
            if (try? call(byte(), on: number, caller)) != nil { waiting[lastRequest] = number }
        case 19: publish(on: number)
        case 20:
            let tag = UInt64(byte())
            try? machine.withChannel(number) { channel, output throws(AMQPError) in
                if tag % 3 == 0 {
                    try channel.settle(through: tag / 3, output: &output)
                } else {
                    try channel.settle(tag / 3, as: .reject(requeue: true), output: &output)
                }
            }
        case 21:
            lastRequest += 1
            if (try? machine.closeChannel(number, lastRequest, now: now)) != nil { closers[lastRequest] = number }
        case 22:
            now += .seconds(Int(byte()))
            machine.tick(now: now, isWritable: byte() % 4 > 0)
        default:
            if byte() % 16 == 0 {
                machine.close(now: now)
            } else {
                let request = UInt64(byte())
                machine.abandon(request, on: number)
                if waiting[request] == number { waiting[request] = nil }
                if closers[request] == number { closers[request] = nil }
            }
        }
    }

    // MARK: The broker

    private mutating func bytes() -> ByteBuffer {
        let count = min(Int(byte()), input.readableBytes)
        return input.readSlice(length: count) ?? ByteBuffer()
    }

    private mutating func frame(kind: UInt8, on channel: UInt16, _ payload: ByteBuffer) {
        var frame = ByteBuffer()
        frame.writeMultipleIntegers(kind, channel, UInt32(payload.readableBytes))
        frame.writeImmutableBuffer(payload)
        frame.writeInteger(Frame.end)
        machine.received(frame, now: now)
    }

    private mutating func broker(_ method: some MethodArguments, on channel: UInt16) {
        var frame = ByteBuffer()
        try? frame.writeMethod(method, channel: channel, frameMax: .max)
        machine.received(frame, now: now)
    }

    /// The reply that the channel waits for.
    private mutating func reply(on number: UInt16) {
        guard machine.channels.indices.contains(Int(number)), let first = machine.channels[Int(number)]?.pending.first
        else { return }
        switch first.id {
        case Method.Channel.Open.id: broker(Method.Channel.OpenOk(), on: number)
        case Method.Confirm.Select.id: broker(Method.Confirm.SelectOk(), on: number)
        case Method.Basic.Consume.id: broker(Method.Basic.ConsumeOk(consumerTag: "c"), on: number)
        case Method.Basic.Cancel.id: broker(Method.Basic.CancelOk(consumerTag: "c"), on: number)
        case Method.Basic.Get.id:
            broker(
                Method.Basic.GetOk(deliveryTag: UInt64(byte()), exchange: "", routingKey: "", messageCount: 0),
                on: number
            )
        case Method.Channel.Close.id: broker(Method.Channel.CloseOk(), on: number)
        default: broker(Method.Queue.PurgeOk(messageCount: 0), on: number)
        }
    }

    private mutating func deliver(on number: UInt16) {
        let deliver = Method.Basic.Deliver(
            consumerTag: "c",
            deliveryTag: UInt64(byte()),
            exchange: "",
            routingKey: ""
        )
        broker(deliver, on: number)
        header(AMQPBasicProperties(), size: UInt64(byte()), on: number)
    }

    private mutating func returnMessage(on number: UInt16) {
        broker(Method.Basic.Return(replyCode: 312, replyText: "", exchange: "", routingKey: ""), on: number)
        let headers: AMQPHeaders = ["x-publish-number": .int64(Int64(byte()))]
        header(AMQPBasicProperties(headers: headers), size: UInt64(byte() % 2), on: number)
    }

    private mutating func header(_ properties: AMQPBasicProperties, size: UInt64, on number: UInt16) {
        var payload = ByteBuffer()
        payload.writeMultipleIntegers(60 as UInt16, 0 as UInt16, size)
        payload.writeWithOutputRawSpan(minimumWritableBytes: (try? properties.encodedSize()) ?? 0) { span in
            properties.append(to: &span)
        }
        frame(kind: 2, on: number, payload)
    }

    // MARK: The user

    private mutating func call(_ which: UInt8, on number: UInt16, _ caller: PendingReply.Caller) throws(AMQPError) {
        switch which % 5 {
        case 0: try machine.call(Method.Confirm.Select(), on: number, caller, now: now)
        case 1:
            _ = try machine.withChannel(number) { channel, _ in
                channel.consumers.add(ConsumerRegistry.Consumer(id: caller.id ?? 0, noAck: which > 128), tag: "c")
            }
            try machine.call(Method.Basic.Consume(queue: "q", consumerTag: "c"), on: number, caller, now: now)
        case 2: try machine.call(Method.Basic.Cancel(consumerTag: "c"), on: number, caller, now: now)
        case 3: try machine.call(Method.Basic.Get(queue: "q"), on: number, caller, now: now)
        default: try machine.call(Method.Queue.Purge(queue: "q"), on: number, caller, now: now)
        }
    }

    private mutating func publish(on number: UInt16) {
        let size = Int(byte()) << 6
        let message = AMQPMessage(
            routingKey: "k",
            body: ByteBuffer(repeating: 0, count: size),
            mandatory: size % 128 == 0
        )
        let published = try? machine.withChannel(number) { channel, output throws(AMQPError) in
            try channel.publish(message, output: &output)
        }
        if let published { publishes[number, default: []].insert(published) }
    }

    // MARK: What comes of it

    private mutating func look() {
        while let event = machine.nextEvent(now: now) {
            precondition(!isOver, "nothing comes after the end")
            switch event {
            case .channel(let number, let event): look(at: event, of: number)
            case .closed: isOver = true
            case .opened, .blocked, .unblocked: break
            case .tokenDue:
                let token = AMQPToken(AMQPSecret("t"), lifetime: .seconds(20))
                guard (try? machine.updateSecret(token, askedAt: now)) != nil else { break }
                broker(Method.Connection.UpdateSecretOk(), on: 0)
            }
        }
        for number in 1...4 as ClosedRange<UInt16> { settle(machine.takeSettlements(of: number), of: number) }
        read()
    }

    private mutating func look(at event: ChannelMachine.Event, of number: UInt16) {
        switch event {
        case .timedOut(let request, Method.Channel.Close.id):
            precondition(closers.removeValue(forKey: request) != nil, "a close is answered once")
        case .replied(let request, _), .got(let request, _, _), .timedOut(let request, _):
            precondition(waiting.removeValue(forKey: request) != nil, "a call is answered once")
        case .closed(_, let failed, let settlements):
            for request in failed {
                precondition(waiting.removeValue(forKey: request) != nil, "a call is answered once")
            }
            settle(settlements, of: number)
            precondition(publishes[number, default: []].isEmpty, "a channel leaves no publish behind")
        case .released(let closer?):
            precondition(closers.removeValue(forKey: closer) != nil, "a close is answered once")
        case .released, .delivered, .consumerCancelled, .publishingChanged: break
        }
    }

    private mutating func settle(_ settlements: [PublishSettlement], of number: UInt16) {
        for settlement in settlements {
            for publish in settlement.numbers {
                precondition(publishes[number]?.remove(publish) != nil, "a publish is settled once")
            }
        }
    }

    /// What went out are whole frames, none longer than agreed.
    private mutating func read() {
        var bytes = ByteBuffer()
        for buffer in machine.output.take() { bytes.writeImmutableBuffer(buffer) }
        if !hasSentHeader, bytes.readableBytes > 0 {
            hasSentHeader = true
            precondition(bytes.readSlice(length: 8) == .protocolHeader)
        }
        var written = FrameDecoder(frameMax: machine.output.frameMax)
        written.append(bytes)
        do throws(WireError) {
            while try written.next() != nil {}
        } catch {
            preconditionFailure("\(error)")
        }
        precondition(!written.isAmidFrame)
    }
}
