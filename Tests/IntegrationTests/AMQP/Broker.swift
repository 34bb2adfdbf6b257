import AMQP
import Foundation
import Logging
import NIOCore
import NIOPosix

/// The RabbitMQ that these tests talk to. Without one they fail.
enum Broker {
    struct Missing: Error, CustomStringConvertible {
        let description = "FEDMSG_BRIDGE_TEST_AMQP_URL does not name a RabbitMQ"
    }

    static func endpoint() throws -> AMQPEndpoint {
        guard let uri = ProcessInfo.processInfo.environment["FEDMSG_BRIDGE_TEST_AMQP_URL"] else { throw Missing() }
        return try AMQPEndpoint(uri: uri)
    }

    static func connect(
        configuration: AMQPConfiguration = AMQPConfiguration(),
        onEvent: @escaping @Sendable (AMQPConnectionEvent) -> Void = { _ in }
    ) async throws -> AMQPConnection {
        try await AMQPConnection.connect(
            to: endpoint(),
            configuration: configuration,
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
            logger: Logger(label: "test"),
            onEvent: onEvent
        )
    }

    /// A name that nobody else has.
    static func name(_ purpose: String) -> String { "test-\(purpose)-\(UUID())" }
}

extension AMQPQueue {
    /// A queue that goes with its connection.
    static func temporary(_ name: String) -> AMQPQueue { AMQPQueue(name, durable: false, exclusive: true) }
}
