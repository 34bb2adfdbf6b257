import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import AMQP

@Suite("DeliveryBuffer", .timeLimit(.minutes(5)))
struct DeliveryBufferTests {
    private let drains = Drains()

    private final class Drains: Sendable {
        private let count = Mutex(0)
        var value: Int { count.withLock { $0 } }
        func add() { count.withLock { $0 += 1 } }
    }

    private func buffer(maxBytes: Int) -> DeliveryBuffer {
        DeliveryBuffer(maxBytes: maxBytes) { [drains] in drains.add() }
    }

    private func deliveries(_ tags: ClosedRange<UInt64>, size: Int = 744) -> [AMQPDelivery] {
        let connection = AMQPConnection(
            endpoint: AMQPEndpoint(),
            configuration: AMQPConfiguration(),
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
            deadline: nil,
            logger: Logger(label: "test"),
            onEvent: { _ in }
        )
        let channel = AMQPChannel(number: 1, connection: connection)
        return tags.map { tag in
            let message = ReceivedMessage(
                deliveryTag: tag,
                isRedelivered: false,
                exchange: "",
                routingKey: "",
                hasInvalidText: false,
                encodedProperties: ByteBuffer(),
                body: ByteBuffer(repeating: 0, count: size)
            )
            return AMQPDelivery(message, channel: channel, consumerTag: "c")
        }
    }

    @Test("says once that it is full, and that it is drained when half of it is taken")
    func bounds() async throws {
        let buffer = buffer(maxBytes: 4000)
        #expect(!buffer.append(deliveries(1...4)))
        #expect(buffer.append(deliveries(5...5)))
        #expect(!buffer.append(deliveries(6...6)))
        for tag in 1...3 as ClosedRange<UInt64> { #expect(try await buffer.next()?.tag == tag) }
        #expect(drains.value == 0)
        for tag in 4...6 as ClosedRange<UInt64> { #expect(try await buffer.next()?.tag == tag) }
        #expect(drains.value == 1)
    }

    @Test("an error comes after what is there, or at once where that is worthless", arguments: [false, true])
    func ends(dropping: Bool) async throws {
        let buffer = buffer(maxBytes: 4000)
        _ = buffer.append(deliveries(1...5))
        buffer.end(with: .failure(AMQPError(.channelClosed, "")), dropping: dropping)
        #expect(drains.value == 1)
        if !dropping { for _ in 1...5 { #expect(try await buffer.next() != nil) } }
        let error = await #expect(throws: AMQPError.self) { try await buffer.next() }
        #expect(error?.code == .channelClosed)
        #expect(buffer.takeRest().isEmpty)
    }

    @Test("what nobody took is taken back, and nothing more comes in")
    func rest() async throws {
        let buffer = buffer(maxBytes: 4000)
        _ = buffer.append(deliveries(1...5))
        #expect(try await buffer.next()?.tag == 1)
        #expect(buffer.takeRest().map(\.tag) == [2, 3, 4, 5])
        #expect(!buffer.append(deliveries(6...20)))
        #expect(buffer.takeRest().isEmpty)
        #expect(try await buffer.next() == nil)
        #expect(drains.value == 1)
    }

    @Test("a cancelled taker gets the end")
    func cancelled() async throws {
        let buffer = buffer(maxBytes: 4000)
        let taker = Task { try await buffer.next()?.tag }
        taker.cancel()
        #expect(try await taker.value == nil)
    }

    @Test("and gets it whatever there is, which is left to be taken back")
    func cancelledBefore() async throws {
        let buffer = buffer(maxBytes: 4000)
        _ = buffer.append(deliveries(1...5))
        let taker = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await buffer.next()?.tag
        }
        #expect(try await taker.value == nil)
        #expect(drains.value == 1)
        #expect(buffer.takeRest().count == 5)
    }
}
