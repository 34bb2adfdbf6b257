import AMQP
import Foundation
import Logging
import NIOCore

/// One publisher, three subscribers, each of which gets everything, and connections that are lost in between.
@main
struct FanOut {
    static let count = 300

    static func main() async throws {
        let uri = ProcessInfo.processInfo.environment["AMQP_URL"] ?? "amqp://localhost"
        let exchange = AMQPExchange("example-news", kind: .fanout, autoDelete: true)
        // Queues with names stay when their consumer is away, and so does what is in them, a minute long.
        let queues = (1...3).map {
            AMQPQueue("example-subscriber-\($0)", arguments: AMQPQueueArguments(["x-expires": .int64(60_000)]))
        }
        let client = try AMQPClient(
            configuration: try AMQPConfiguration(uri: uri),
            topology: AMQPTopology(
                exchanges: [exchange],
                queues: queues,
                bindings: queues.map { AMQPBinding(from: exchange.name, to: .queue($0.name)) }
            ),
            logger: Logger(label: "fan-out")
        )
        let running = Task { await client.run() }
        let watching = Task {
            for await event in client.events {
                switch event {
                case .connected(let role, _, let generation): print("\(role) connection \(generation) is open")
                case .lost(let role, let error, _): print("\(role) connection is lost: \(error)")
                default: break
                }
            }
        }

        try await withThrowingTaskGroup { group in
            for queue in queues {
                group.addTask { try await subscribe(to: queue.name, by: client) }
            }
            group.addTask {
                for number in 1...count {
                    let news = AMQPMessage(
                        exchange: exchange.name,
                        routingKey: "",
                        properties: AMQPBasicProperties(deliveryMode: .persistent),
                        body: ByteBuffer(string: "\(number)")
                    )
                    // What was on its way when the connection went is sent again: a subscriber may get it twice.
                    try await client.publish(news, resendingUnknown: true)
                    // Stands for a broker that restarts: both connections go, and come back with all that was on them.
                    if number.isMultiple(of: 100) { await client.reconnect() }
                }
            }
            try await group.waitForAll()
        }
        await client.close()
        await running.value
        await watching.value
    }

    /// Takes news until it has seen all of it.
    private static func subscribe(to queue: String, by client: AMQPClient) async throws {
        let (arrivals, newArrivals) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup { group in
            group.addTask {
                try await client.consume(queue) { delivery in
                    guard (try? await delivery.ack()) != nil else { return }
                    if let number = Int(String(buffer: delivery.body)) { newArrivals.yield(number) }
                }
            }
            var seen: Set<Int> = []
            for await number in arrivals {
                seen.insert(number)
                if seen.count == count { break }
            }
            print("\(queue) has all \(seen.count)")
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
