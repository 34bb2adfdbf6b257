import AMQP
import Bridge
import Foundation
package import Logging
import Replay
package import Settings
import ZeroMQ

/// Listens to one bus and prints what it hears, until cancelled.
package struct Tail {
    /// Which bus.
    package enum Bus: String, CaseIterable, Sendable {
        case amqp
        case fedmsg
    }

    /// Bytes of messages that wait to be printed.
    private static let feedLimit = 64 << 20

    private let configuration: BridgeConfiguration
    private let topics: [String]
    private let logger: Logger
    private let feed = Feed<Heard>(limit: feedLimit)

    /// - Parameter topics: AMQP's patterns; all where there is none.
    package init(configuration: BridgeConfiguration, topics: [String], logger: Logger) {
        self.configuration = configuration
        self.topics = topics
        self.logger = logger
    }

    /// Prints AMQP messages.
    ///
    /// - Throws: `AMQPError` for a configuration that can't be used, and what `print` throws.
    package func runAMQP(print: @escaping @Sendable (Feed<Heard>.Batch) throws -> Void) async throws {
        let listener = try AMQPListener(
            configuration: configuration,
            bindings: Self.bindings(configuration, topics),
            logger: logger,
            handlers: .init(
                heard: { [feed] in feed.put($0, bytes: $0.size) },
                listening: { [logger] in if $0 { logger.info("listening") } }
            )
        )
        try await printing(print) { try await listener.run() }
    }

    /// Prints fedmsgs.
    ///
    /// - Throws: `ZeroMQError` for an endpoint that can't be used, and what `print` throws.
    package func runFedmsg(
        at endpoints: FedmsgEndpoints,
        print: @escaping @Sendable (Feed<Heard>.Batch) throws -> Void
    ) async throws {
        let context = try ZeroMQContext(connectingTo: endpoints.all)
        let thread = try ZeroMQThread(context: context, name: "fedmsg")
        let listener = FedmsgListener(
            thread: thread,
            configuration: configuration,
            handlers: .init(
                heard: { [feed] in feed.put($0, bytes: $0.size) },
                connected: { [logger] endpoint, isConnected in
                    let metadata: Logger.Metadata = [LogKey.endpoint: "\(endpoint)"]
                    if isConnected {
                        logger.info("listening", metadata: metadata)
                    } else {
                        logger.warning("endpoint lost", metadata: metadata)
                    }
                }
            )
        )
        do {
            try await listener.open(endpoints.all, topics: Self.prefixes(topics), at: .publishers)
            try await printing(print) {
                // The socket's thread does the rest, until this is cancelled.
                while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
            }
            await listener.close()
            await thread.stop()
        } catch {
            await listener.close()
            await thread.stop()
            throw error
        }
    }

    /// Runs a listener beside the printer; the end of either ends both.
    private func printing(
        _ print: @escaping @Sendable (Feed<Heard>.Batch) throws -> Void,
        listen: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [feed] in try await feed.forEachBatch(print) }
            group.addTask { try await listen() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// What to hear on AMQP: all of each exchange, or what the patterns fit. An exchange that takes keys literally needs the
    /// configured bindings besides, as far as they bring what is asked for.
    static func bindings(_ configuration: BridgeConfiguration, _ topics: [String]) -> Set<AMQPListener.Binding> {
        let configured = AMQPListener.Binding.all(configuration)
        let patterns = topics.map(TopicPattern.init)
        let whole = Set(configured.map(\.exchange)).flatMap { exchange in
            (topics.isEmpty ? ["#"] : topics).map { AMQPListener.Binding(exchange: exchange, routingKey: $0) }
        }
        return configured.reduce(into: Set(whole)) { bindings, binding in
            let isAsked = topics.isEmpty || patterns.contains { $0.matches(binding.routingKey) }
            if isAsked { bindings.insert(binding) }
        }
    }

    /// ZeroMQ's prefixes of the topics that may fit AMQP's patterns: what stands before the first wildcard.
    static func prefixes(_ patterns: [String]) -> [String] {
        let prefixes = patterns.map { pattern in
            pattern.split(separator: ".", omittingEmptySubsequences: false)
                .prefix { $0 != "*" && $0 != "#" }
                .joined(separator: ".")
        }
        return prefixes.isEmpty ? [""] : prefixes
    }
}
