import AMQP
import Bridge
package import Logging
import NIOCore
package import Settings
import ZeroMQ

/// Listens to both buses and reports what did not arrive on the other one, or not as it was.
package struct Verification: Sendable {
    struct Event: Sendable {
        enum Kind: Sendable {
            case heard(Heard)
            case amqp(isHeard: Bool)
            case endpoint(String, isConnected: Bool)
            /// A second has passed.
            case tick
        }

        var kind: Kind
        /// When it happened: it may be looked at much later, where findings are read slowly.
        var at: UInt64
    }

    /// Bytes of messages that wait to be looked at.
    private static let feedLimit = 64 << 20
    /// Bytes that are remembered of messages.
    private static let memoryLimit = 256 << 20

    private let configuration: BridgeConfiguration
    private let endpoints: FedmsgEndpoints
    private let window: Duration
    private let logger: Logger
    private let clock = SystemClocks()
    private let feed = Feed<Event>(limit: feedLimit)

    /// - Parameter window: how long a message may take from one bus to the other.
    package init(configuration: BridgeConfiguration, endpoints: FedmsgEndpoints, window: Duration, logger: Logger) {
        self.configuration = configuration
        self.endpoints = endpoints
        self.window = window
        self.logger = logger
    }

    /// Compares until the task is cancelled.
    ///
    /// - Parameters:
    ///   - duration: how long new messages are taken in, once both buses are heard; those that wait for their copy then
    ///     have the rest of their window.
    ///   - report: gets each finding.
    /// - Throws: `AMQPError` and `ZeroMQError` for what can't be used, and what `report` throws.
    package func run(
        for duration: Duration?,
        report: (Finding) throws -> Void
    ) async throws -> VerifySummary {
        let context = try ZeroMQContext(connectingTo: endpoints.all)
        let thread = try ZeroMQThread(context: context, name: "fedmsg")
        let fedmsg = FedmsgListener(
            thread: thread,
            configuration: configuration,
            handlers: .init(
                heard: { put(.heard($0), bytes: $0.size) },
                connected: { put(.endpoint($0, isConnected: $1)) }
            )
        )
        let result: Result<VerifySummary, any Error>
        do {
            let amqp = try AMQPListener(
                configuration: configuration,
                bindings: AMQPListener.Binding.all(configuration),
                logger: logger,
                handlers: .init(
                    heard: { put(.heard($0), bytes: $0.size) },
                    listening: { put(.amqp(isHeard: $0)) }
                )
            )
            try await fedmsg.open(endpoints.publishers, topics: endpoints.topics, at: .publishers)
            try await fedmsg.open(endpoints.shared, topics: [""], at: .publishers)
            try await fedmsg.open(endpoints.bridge, topics: [""], at: .bridge)
            result = .success(try await compare(amqp, for: duration, report: report))
        } catch {
            result = .failure(error)
        }
        await fedmsg.close()
        await thread.stop()
        return try result.get()
    }

    private func put(_ kind: Event.Kind, bytes: Int = 0) {
        feed.put(Event(kind: kind, at: clock.uptime), bytes: bytes)
    }

    private func compare(
        _ amqp: AMQPListener,
        for duration: Duration?,
        report: (Finding) throws -> Void
    ) async throws -> VerifySummary {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await amqp.run() }
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(1))
                    put(.tick)
                }
            }
            defer { group.cancelAll() }
            var comparison = Comparison(
                configuration: configuration,
                endpoints: endpoints,
                window: window.nanoseconds,
                limit: Self.memoryLimit,
                duration: duration?.nanoseconds,
                now: clock.uptime
            )
            try await feed.forEachBatch { batch in
                comparison.machine.missed(batch.missed, now: clock.uptime)
                for event in batch.elements { try comparison.take(event, logger).forEach(report) }
                if comparison.isOver { feed.finish() }
            }
            return comparison.machine.finish()
        }
    }
}

extension Verification {
    /// The machine, and what it has to be told.
    struct Comparison {
        var machine: VerifyMachine
        private var reader: SightingReader
        private var presence: Presence
        private let topics: [String]
        private let duration: UInt64?
        private var isAMQPHeard = false
        private var end: UInt64?
        private var isClosed = false
        private var hasBegun = false

        /// Whether all that was to be compared has been.
        var isOver: Bool { isClosed && machine.isIdle }

        init(
            configuration: BridgeConfiguration,
            endpoints: FedmsgEndpoints,
            window: UInt64,
            limit: Int,
            duration: UInt64?,
            now: UInt64
        ) {
            var origins: Set<Bus> = []
            if configuration.toAMQP.enabled { origins.insert(.fedmsg) }
            if configuration.toFedmsg.enabled { origins.insert(.amqp) }
            machine = VerifyMachine(
                window: window,
                limit: limit,
                topicPrefix: configuration.topicPrefixWithDot,
                origins: origins
            )
            reader = SightingReader(configuration: configuration)
            presence = Presence(endpoints.all, now: now)
            topics = endpoints.topics
            self.duration = duration
        }

        mutating func take(_ event: Event, _ logger: Logger) -> [Finding] {
            let now = event.at
            switch event.kind {
            case .heard(let heard):
                guard let sighting = reader.read(heard) else {
                    if !isClosed, isTaken(heard) { machine.sawUnreadable() }
                    return []
                }
                guard sighting.isBridged || isTaken(heard) else { return [] }
                return machine.saw(sighting, now: now).map { [$0] } ?? []
            case .amqp(let isHeard):
                isAMQPHeard = isHeard
                machine.hears(.amqp, isHeard, now: now)
            case .endpoint(let endpoint, let isConnected):
                presence.note(endpoint, isConnected: isConnected, now: now)
            case .tick: break
            }
            look(logger, now)
            return machine.expire(now: now)
        }

        /// Whether a message is one that the bridge takes, or has put where nothing else is.
        private func isTaken(_ heard: Heard) -> Bool {
            heard.place != .publishers
                || topics.contains { heard.topic.readableBytesView.starts(with: $0.utf8) }
        }

        private mutating func look(_ logger: Logger, _ now: UInt64) {
            let isFedmsgHeard = presence.isHeard(now: now)
            machine.hears(.fedmsg, isFedmsgHeard, now: now)
            if !hasBegun, isFedmsgHeard, isAMQPHeard {
                hasBegun = true
                let away = presence.away.joined(separator: " ")
                if !away.isEmpty { logger.warning("no answer", metadata: [LogKey.endpoint: "\(away)"]) }
                logger.info("comparing")
                end = duration.map { now + $0 }
            }
            if !isClosed, let end, now >= end {
                isClosed = true
                machine.close()
            }
        }
    }
}
