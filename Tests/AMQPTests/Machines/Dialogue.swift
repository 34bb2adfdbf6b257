import NIOCore

@testable import AMQP

/// A dialogue between a ``ConnectionMachine`` and a broker that says what the test lets it say.
struct Dialogue {
    var machine: ConnectionMachine
    var now: Duration = .zero
    private var written = FrameDecoder(frameMax: .max)

    init(endpoint: AMQPEndpoint = AMQPEndpoint(), _ configure: (inout AMQPConfiguration) -> Void = { _ in }) {
        var configuration = AMQPConfiguration(endpoints: [endpoint])
        configure(&configuration)
        machine = ConnectionMachine(configuration: configuration, endpoint: endpoint, deadline: .seconds(15))
    }

    /// A dialogue in which the connection is open.
    static func opened(
        channelMax: UInt16 = 2047,
        frameMax: UInt32 = 131_072,
        heartbeat: UInt16 = 60,
        _ configure: (inout AMQPConfiguration) -> Void = { _ in }
    ) -> Dialogue {
        var dialogue = Dialogue(configure)
        dialogue.start()
        dialogue.tune(channelMax: channelMax, frameMax: frameMax, heartbeat: heartbeat)
        dialogue.broker(Method.Connection.OpenOk())
        _ = dialogue.sent()
        return dialogue
    }

    /// A dialogue in which a channel in confirm mode is open: number 1.
    static func channel(_ configure: (inout AMQPConfiguration) -> Void = { _ in }) -> Dialogue {
        var dialogue = opened(configure)
        dialogue.openChannel()
        return dialogue
    }

    // MARK: The broker

    @discardableResult
    mutating func broker(_ method: some MethodArguments, on channel: UInt16 = 0) -> [String] {
        var bytes = ByteBuffer()
        try? bytes.writeMethod(method, channel: channel, frameMax: .max)
        return broker(bytes)
    }

    @discardableResult
    mutating func broker(_ bytes: ByteBuffer) -> [String] {
        machine.received(bytes, now: now)
        return events()
    }

    @discardableResult
    mutating func broker(header: AMQPBasicProperties = AMQPBasicProperties(), size: UInt64, on channel: UInt16 = 1)
        -> [String]
    {
        broker(.contentHeader(header, size: size, channel: channel))
    }

    @discardableResult
    mutating func broker(body: String, on channel: UInt16 = 1) -> [String] {
        broker(.frame(3, channel: channel, payload: ByteBuffer(string: body)))
    }

    /// basic.deliver with its content.
    @discardableResult
    mutating func deliver(_ tag: UInt64, _ body: String, to consumer: String = "c", on channel: UInt16 = 1) -> [String]
    {
        let deliver = Method.Basic.Deliver(consumerTag: consumer, deliveryTag: tag, exchange: "", routingKey: "key")
        var events = broker(deliver, on: channel)
        events += broker(size: UInt64(body.utf8.count), on: channel)
        if !body.isEmpty { events += broker(body: body, on: channel) }
        return events
    }

    mutating func start(mechanisms: LongString = "PLAIN AMQPLAIN", major: UInt8 = 0, minor: UInt8 = 9) {
        broker(
            Method.Connection.Start(
                versionMajor: major,
                versionMinor: minor,
                mechanisms: mechanisms,
                locales: "en_US"
            )
        )
    }

    @discardableResult
    mutating func tune(channelMax: UInt16 = 2047, frameMax: UInt32 = 131_072, heartbeat: UInt16 = 60) -> [String] {
        broker(Method.Connection.Tune(channelMax: channelMax, frameMax: frameMax, heartbeat: heartbeat))
    }

    // MARK: The client

    mutating func openChannel(request: UInt64 = 100) {
        guard let number = try? machine.openChannel(request, now: now) else { return }
        broker(Method.Channel.OpenOk(), on: number)
        try? call(Method.Confirm.Select(), request: request + 1, on: number)
        broker(Method.Confirm.SelectOk(), on: number)
        _ = sent()
    }

    mutating func call(_ method: some MethodArguments, request: UInt64, on channel: UInt16 = 1) throws {
        try machine.call(method, on: channel, PendingReply.Caller(id: request), now: now)
    }

    /// Enters a consumer; false where the tag is taken.
    mutating func register(_ id: UInt64, _ tag: String = "c", noAck: Bool = false, on channel: UInt16) throws -> Bool {
        try machine.withChannel(channel) { channel, _ in
            channel.consumers.add(ConsumerRegistry.Consumer(id: id, noAck: noAck), tag: tag)
        }
    }

    mutating func consume(_ tag: String = "c", id: UInt64 = 7, noAck: Bool = false) throws {
        guard try register(id, tag, noAck: noAck, on: 1) else { return }
        try call(Method.Basic.Consume(queue: "q", consumerTag: tag, noAck: noAck), request: id)
    }

    mutating func publish(_ message: AMQPMessage = AMQPMessage(routingKey: "k", body: ByteBuffer(string: "body")))
        throws
        -> UInt64
    {
        try machine.withChannel(1) { channel, output throws(AMQPError) in
            try channel.publish(message, output: &output)
        }
    }

    mutating func settle(_ tag: UInt64, as settlement: ChannelMachine.Settlement) throws {
        try machine.withChannel(1) { channel, output throws(AMQPError) in
            try channel.settle(tag, as: settlement, output: &output)
        }
    }

    /// Lets time pass, in one step.
    mutating func wait(_ duration: Duration, isWritable: Bool = true) -> [String] {
        now += duration
        machine.tick(now: now, isWritable: isWritable)
        return events()
    }

    /// The error that `body` throws.
    mutating func failure(_ body: (inout Dialogue) throws -> Void) -> AMQPError? {
        do {
            try body(&self)
            return nil
        } catch {
            return error as? AMQPError
        }
    }

    // MARK: What comes of it

    /// What the machine has to say, in words.
    mutating func events() -> [String] {
        var events: [String] = []
        while let event = machine.nextEvent(now: now) { events.append(Self.words(for: event)) }
        return events
    }

    /// What was written since the last time, in words.
    mutating func sent() -> [String] {
        var bytes = ByteBuffer()
        for buffer in machine.output.take() { bytes.writeImmutableBuffer(buffer) }
        var words: [String] = []
        if bytes.readableBytesView.starts(with: ByteBuffer.protocolHeader.readableBytesView) {
            bytes.moveReaderIndex(forwardBy: 8)
            words.append("protocol header")
        }
        written.append(bytes)
        do {
            while let frame = try written.next() { words.append(Self.words(for: frame)) }
        } catch {
            words.append("\(error)")
        }
        return words
    }

    /// What became of publishes, since the last time.
    mutating func outcomes() -> [String] {
        machine.takeSettlements(of: 1).map(Self.words(for:))
    }
}
