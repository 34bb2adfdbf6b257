import AMQP
import Foundation
import Logging
import NIOCore

/// Hands tasks to two workers: each task is done by one of them, and one that failed comes to somebody again.
@main
struct WorkQueue {
    static let tasks = 1...20

    static func main() async throws {
        let uri = ProcessInfo.processInfo.environment["AMQP_URL"] ?? "amqp://localhost"
        let queue = AMQPQueue("example-tasks", arguments: .quorum)
        let client = try AMQPClient(
            configuration: try AMQPConfiguration(uri: uri),
            topology: AMQPTopology(queues: [queue]),
            logger: Logger(label: "work-queue")
        )
        let running = Task { await client.run() }

        for task in tasks {
            try await client.publish(
                AMQPMessage(
                    routingKey: queue.name,
                    properties: AMQPBasicProperties(deliveryMode: .persistent),
                    body: ByteBuffer(string: "task \(task)")
                )
            )
        }
        print("\(tasks.count) tasks are in the queue")

        let (finished, reportFinished) = AsyncStream.makeStream(of: String.self)
        try await withThrowingTaskGroup { group in
            for worker in ["Ada", "Ben"] {
                // A worker has two tasks in hand at most, so that a slow one leaves the rest to the other.
                group.addTask {
                    try await client.consume(queue.name, options: AMQPConsumerOptions(prefetch: 2)) { delivery in
                        await work(worker, on: delivery, reportFinished)
                    }
                }
            }
            var done: Set<String> = []
            for await task in finished {
                done.insert(task)
                if done.count == tasks.count { break }
            }
            print("\(done.count) tasks are done")
            group.cancelAll()
            try await group.waitForAll()
        }

        try await client.deleteQueue(queue.name)
        await client.close()
        await running.value
    }

    private static func work(
        _ worker: String,
        on delivery: AMQPDelivery,
        _ finished: AsyncStream<String>.Continuation
    ) async {
        let task = String(buffer: delivery.body)
        do {
            if task == "task 13", !delivery.redelivered {
                print("\(worker) could not do \(task)")
                try await delivery.nack(requeue: true)
            } else {
                try await delivery.ack()
                print("\(worker) did \(task)")
                finished.yield(task)
            }
        } catch {
            // The connection was lost meanwhile: the broker hands the task out again.
            print("\(worker): \(error)")
        }
    }
}
