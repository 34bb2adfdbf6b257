public import Bridge
import Foundation
import HTTPTypes
import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle

/// Answers `/live`, `/ready` and `/metrics` as fedora-messaging's own endpoint does, on the same
/// address and port by default.
public struct MonitoringServer: Service {
    /// What is asked of the bridge for each answer.
    public struct Source: Sendable {
        /// What the bridge says of itself now.
        public var snapshot: @Sendable () -> StatusBoard.Snapshot
        /// Whether every loop turns that waits for nothing outside the process.
        public var isLive: @Sendable () -> Bool
        /// Brings the gauges up to date before they are written.
        public var refresh: @Sendable () -> Void

        /// Where the answers come from.
        public init(
            snapshot: @escaping @Sendable () -> StatusBoard.Snapshot,
            isLive: @escaping @Sendable () -> Bool,
            refresh: @escaping @Sendable () -> Void
        ) {
            self.snapshot = snapshot
            self.isLive = isLive
            self.refresh = refresh
        }
    }

    private let address: String
    private let port: Int
    private let source: Source
    private let registry: PrometheusRegistry
    private let logger: Logger
    private let onListening: @Sendable (Int) -> Void

    /// A server that listens once it runs.
    ///
    /// - Parameters:
    ///   - address: a host name or an address of this machine.
    ///   - port: 0 lets the kernel choose.
    ///   - onListening: called with the port, once it listens.
    public init(
        address: String,
        port: Int,
        source: Source,
        registry: PrometheusRegistry,
        logger: Logger,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.address = address
        self.port = port
        self.source = source
        self.registry = registry
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until the service group shuts down.
    ///
    /// - Throws: `IOError` where the address can't be bound.
    public func run() async throws {
        let router = Router()
        router.get("/live") { _, _ in
            source.isLive()
                ? json(#"{"status": "OK"}"#)
                : json(#"{"status": "a loop has not turned for 60 s"}"#, .serviceUnavailable)
        }
        router.get("/ready") { _, _ in
            let report = ReadinessReport(source.snapshot())
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let text = String(decoding: try encoder.encode(report), as: UTF8.self)
            return json(text, report.status == .critical ? .serviceUnavailable : .ok)
        }
        router.get("/metrics") { _, _ in
            source.refresh()
            return response(registry.render(), type: "text/plain; version=0.0.4; charset=utf-8")
        }
        let application = Application(
            router: router,
            configuration: .init(address: .hostname(address, port: port), serverName: nil),
            onServerRunning: { onListening($0.localAddress?.port ?? port) },
            logger: logger
        )
        try await application.run()
    }

    private func json(_ text: String, _ status: HTTPResponse.Status = .ok) -> Response {
        response(text, type: "application/json", status)
    }

    private func response(_ text: String, type: String, _ status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
