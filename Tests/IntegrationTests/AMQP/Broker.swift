import AMQP
import Foundation
import Logging
import NIOCore
import NIOPosix

/// The RabbitMQ of the run, as the client sees it.
enum Broker {
    static func endpoint() async throws -> AMQPEndpoint {
        try AMQPEndpoint(uri: try await RabbitMQ.shared.value.state.amqpURL)
    }

    static func connect(
        to endpoint: AMQPEndpoint? = nil,
        configuration: AMQPConfiguration = AMQPConfiguration(),
        onEvent: @escaping @Sendable (AMQPConnectionEvent) -> Void = { _ in }
    ) async throws -> AMQPConnection {
        let endpoint = if let endpoint { endpoint } else { try await Self.endpoint() }
        return try await AMQPConnection.connect(
            to: endpoint,
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
