public import Bridge
import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle

/// Answers `/live`, `/ready` and `/metrics` as fedora-messaging's own endpoint does, on the same
/// address and port by default, and `/` with a page for people.
public struct MonitoringServer: Service {
    /// What is asked of the bridge for each answer.
    public struct Source: Sendable {
        /// What the bridge says of itself now.
        public var snapshot: @Sendable () -> StatusBoard.Snapshot
        /// The loops that have not turned for 60 s though they wait for nothing outside the process.
        public var stalledLoops: @Sendable () -> [String]
        /// Brings the gauges up to date before they are written.
        public var refresh: @Sendable () -> Void
        /// What the page shows besides.
        public var page: StatusPageSource

        /// Where the answers come from.
        public init(
            snapshot: @escaping @Sendable () -> StatusBoard.Snapshot,
            stalledLoops: @escaping @Sendable () -> [String],
            refresh: @escaping @Sendable () -> Void,
            page: StatusPageSource
        ) {
            self.snapshot = snapshot
            self.stalledLoops = stalledLoops
            self.refresh = refresh
            self.page = page
        }
    }

    /// How long a connection may do nothing.
    private static let patience = TimeAmount.seconds(30)
    private static let maxHeaderBytes = 16_384

    private let address: String
    private let port: Int
    private let source: Source
    private let registry: PrometheusRegistry
    private let maxConnections: Int
    private let logger: Logger
    private let onListening: @Sendable (Int) -> Void

    /// A server that listens once it runs.
    ///
    /// - Parameters:
    ///   - address: a host name or an address of this machine.
    ///   - port: 0 lets the kernel choose.
    ///   - maxConnections: further ones wait until one of these ends.
    ///   - onListening: called with the port, once it listens.
    public init(
        address: String,
        port: Int,
        source: Source,
        registry: PrometheusRegistry,
        maxConnections: Int = 1024,
        logger: Logger,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.address = address
        self.port = port
        self.source = source
        self.registry = registry
        self.maxConnections = maxConnections
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until the service group shuts down.
    ///
    /// - Throws: `IOError` where the address can't be bound.
    public func run() async throws {
        let hosts = HostCheck(address: address)
        let history = RateHistory()
        let pages = StatusPageMaker(
            source: source.page,
            registry: registry,
            history: history,
            letters: DeadLetterReader(),
            isLoopback: hosts.isLoopback
        )
        let responder = MonitoringResponder(source: source, registry: registry, hosts: hosts, pages: pages)
        let application = Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in try await responder.respond(to: request)
            },
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [
                        IdleStateHandler(allTimeout: Self.patience), IdleConnectionHandler(),
                    ],
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: Self.maxHeaderBytes,
                        maxHeaderListSize: Self.maxHeaderBytes,
                        maxHeaderFieldCount: 100
                    )
                )
            ),
            configuration: .init(
                // Empty means every address, as in fedora-messaging.
                address: .hostname(address.isEmpty ? "0.0.0.0" : address, port: port),
                serverName: nil,
                availableConnectionsDelegate: .maximum(maxConnections, logger: logger)
            ),
            onServerRunning: { onListening($0.localAddress?.port ?? port) },
            logger: logger
        )
        async let _: Void = history.run(source.snapshot)
        try await application.run()
    }
}
