import AMQP
import Foundation
import Logging
import NIOCore
import Synchronization

/// What a client told, in order.
final class EventLog: Sendable {
    private let state = Mutex<[AMQPClientEvent]>([])

    var all: [AMQPClientEvent] { state.withLock { $0 } }

    func append(_ event: AMQPClientEvent) {
        state.withLock { $0.append(event) }
    }

    /// The latest generation of a connection, 0 before the first.
    func generation(_ role: AMQPConnectionRole) -> UInt64 {
        all.reduce(0) { latest, event in
            if case .connected(role, _, let generation) = event { generation } else { latest }
        }
    }

    func first<Value: Sendable>(
        _ what: String,
        _ match: @escaping (AMQPClientEvent) -> Value?
    ) async throws -> Value {
        try await eventually(what, detail: { "\(all)" }) { all.lazy.compactMap(match).first }
    }
}

/// Bodies that a consumer got, and deliveries that it keeps.
final class Inbox: Sendable {
    private let state = Mutex<[AMQPDelivery]>([])

    var deliveries: [AMQPDelivery] { state.withLock { $0 } }
    var bodies: [String] { deliveries.map { String(buffer: $0.body) } }

    func append(_ delivery: AMQPDelivery) {
        state.withLock { $0.append(delivery) }
    }

    func awaitBodies(_ what: String, _ enough: @escaping ([String]) -> Bool) async throws {
        try await eventually(what, detail: { "\(bodies)" }) { enough(bodies) }
    }
}

enum TestClient {
    /// A configuration that waits little before it tries again.
    static func configuration(_ uri: String) throws -> AMQPConfiguration {
        var configuration = try AMQPConfiguration(uri: uri)
        configuration.recovery = AMQPRecoveryPolicy(
            initialBackoff: .milliseconds(50),
            maximumBackoff: .milliseconds(500)
        )
        return configuration
    }

    /// Runs a client while `body` does.
    @discardableResult
    static func with<Value>(
        _ configuration: AMQPConfiguration,
        publishing: AMQPTopology? = nil,
        consuming: AMQPTopology? = nil,
        _ body: (AMQPClient, EventLog) async throws -> Value
    ) async throws -> Value {
        let events = EventLog()
        let client = try AMQPClient(
            configuration: configuration,
            publishing: publishing,
            consuming: consuming,
            logger: Logger(label: "test"),
            onEvent: { events.append($0) }
        )
        let running = Task { await client.run() }
        do {
            let value = try await body(client, events)
            await client.close()
            await running.value
            return value
        } catch {
            await client.close(drainingWithin: .zero)
            throw error
        }
    }

    @discardableResult
    static func with<Value>(
        _ configuration: AMQPConfiguration,
        topology: AMQPTopology,
        _ body: (AMQPClient, EventLog) async throws -> Value
    ) async throws -> Value {
        try await with(configuration, publishing: topology, consuming: topology, body)
    }
}

extension AMQPMessage {
    init(_ body: String, to queue: String) {
        self.init(
            routingKey: queue,
            properties: AMQPBasicProperties(deliveryMode: .persistent),
            body: ByteBuffer(string: body)
        )
    }
}
