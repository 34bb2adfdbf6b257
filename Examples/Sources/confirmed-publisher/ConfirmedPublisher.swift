import AMQP
import Foundation
import Logging
import NIOCore

/// Publishes, and says of each message what became of it.
@main
struct ConfirmedPublisher {
    static func main() async throws {
        let uri = ProcessInfo.processInfo.environment["AMQP_URL"] ?? "amqp://localhost"
        let queue = AMQPQueue("example-confirmed", arguments: AMQPQueueArguments(["x-expires": .int64(60_000)]))
        let client = try AMQPClient(
            configuration: try AMQPConfiguration(uri: uri),
            publishing: AMQPTopology(queues: [queue]),
            consuming: nil,
            logger: Logger(label: "confirmed-publisher")
        )
        let running = Task { await client.run() }

        // One at a time: each waits for its confirm.
        await tell("one message", await publish("hello", to: queue.name, by: client))
        // A mandatory message that no queue takes comes back.
        await tell("one to nowhere", await publish("hello?", to: "example-nowhere", by: client))

        // Many at a time: as many go out as the window allows, and none waits for another's confirm.
        let results = try await client.withChannel { channel in
            await channel.publish(contentsOf: (1...1000).map { message("number \($0)", to: queue.name) })
        }
        var count = 0
        for result in results {
            if case .success = result { count += 1 }
        }
        print("\(count) of \(results.count) messages are confirmed")

        await client.close()
        await running.value
    }

    private static func message(_ text: String, to queue: String) -> AMQPMessage {
        AMQPMessage(
            routingKey: queue,
            properties: AMQPBasicProperties(contentType: "text/plain", deliveryMode: .persistent),
            body: ByteBuffer(string: text),
            mandatory: true
        )
    }

    private static func publish(
        _ text: String,
        to queue: String,
        by client: AMQPClient
    ) async -> Result<Void, PublishError> {
        do throws(PublishError) {
            return .success(try await client.publish(message(text, to: queue)))
        } catch {
            return .failure(error)
        }
    }

    private static func tell(_ what: String, _ result: Result<Void, PublishError>) async {
        switch result {
        case .success: print("\(what): confirmed")
        case .failure(.returned(let reason)): print("\(what): returned, \(reason.replyText)")
        case .failure(.nacked): print("\(what): nacked; the broker could not take it")
        case .failure(.refused(let error)): print("\(what): refused, \(error)")
        case .failure(.notSent(let error)): print("\(what): not sent, \(error)")
        case .failure(.outcomeUnknown(let error)): print("\(what): perhaps, \(error)")
        }
    }
}
