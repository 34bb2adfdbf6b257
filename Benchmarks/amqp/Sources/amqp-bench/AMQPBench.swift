import AMQP
import Foundation
import Logging
import NIOCore
import NIOPosix

/// `amqp-bench [--on-event-loop] PORT QUEUE publish WINDOW COUNT BYTES`, or `… consume PREFETCH COUNT`: prints the seconds and
/// the seconds of processor time that it took, as JSON. What publishes and consumes is a task like any other, or with
/// `--on-event-loop` isolated to the connection.
@main
struct AMQPBench {
    static func main() async throws {
        let arguments = CommandLine.arguments.filter { $0 != "--on-event-loop" }
        let isOnEventLoop = arguments.count < CommandLine.arguments.count
        guard arguments.count > 5, let port = Int(arguments[1]), let width = Int(arguments[4]),
            let count = Int(arguments[5])
        else { throw AMQPError(.invalidArgument, "amqp-bench PORT QUEUE publish|consume N COUNT [BYTES]") }
        let queue = arguments[2]
        try await AMQPConnection.withConnection(
            to: AMQPEndpoint(host: "127.0.0.1", port: port),
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
            logger: Logger(label: "bench")
        ) { connection in
            let isolation = isOnEventLoop ? connection : nil
            let channel = try await connection.openChannel(window: PublishWindow(messages: width))
            let clock = ContinuousClock.now
            let processor = processorSeconds()
            if arguments[3] == "publish" {
                let body = ByteBuffer(
                    repeating: UInt8(ascii: "x"),
                    count: arguments.count > 6 ? Int(arguments[6]) ?? 0 : 0
                )
                let message = AMQPMessage(routingKey: queue, body: body)
                try await publish(message, count, width, on: channel, isolation: isolation)
            } else {
                try await consume(queue, count, UInt16(width), on: channel, isolation: isolation)
            }
            let seconds = (ContinuousClock.now - clock) / .seconds(1)
            print(#"{"seconds": \#(seconds), "cpu": \#(processorSeconds() - processor)}"#)
        }
    }

    private static func publish(
        _ message: AMQPMessage,
        _ count: Int,
        _ window: Int,
        on channel: AMQPChannel,
        isolation: isolated AMQPConnection?
    ) async throws {
        if window == 1 {
            for _ in 0..<count { try await channel.publish(message) }
        } else {
            for result in await channel.publish(contentsOf: repeatElement(message, count: count)) { try result.get() }
        }
    }

    private static func consume(
        _ queue: String,
        _ count: Int,
        _ prefetch: UInt16,
        on channel: AMQPChannel,
        isolation: isolated AMQPConnection?
    ) async throws {
        try await channel.setPrefetch(prefetch)
        try await channel.withConsumer(queue) { deliveries in
            var taken = 0
            for try await delivery in deliveries {
                try await delivery.ack()
                taken += 1
                if taken == count { break }
            }
        }
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
