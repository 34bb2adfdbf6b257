import AMQP
import ArgumentParser
import Bridge
import Fedmsg
import Foundation
import Logging
import Monitoring
import NIOCore
import ServiceLifecycle
import Settings
import Spool
import ZeroMQ

/// The daemon.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Bridges both directions until SIGTERM or SIGINT, which drain and stop it; SIGHUP reloads.",
        discussion: """
            A stop leaves in the spool what could not be published within [spool] drain_timeout. A second signal stops at \
            once. Exit status 0, 69 when nobody can listen at the monitoring address and port, 75 when another daemon holds \
            the spool or it can't be opened, 78 for the configuration.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        // Until there is something to stop. As process 1 of a container, or where they are inherited as ignored, they would be lost.
        for number in [SIGTERM, SIGINT] { signal(number) { _ in _exit(EXIT_SUCCESS) } }
        let configuration = try options.load(for: .run)
        let logger = Logger(label: "fedmsg-bridge")
        let openFiles = OpenFileLimit.raise()
        let registry = PrometheusRegistry()
        let process = ProcessMetrics(version: Version.number, revision: Version.commit, factory: registry)
        let board = StatusBoard(onChange: { logger.log($0) }, now: { Date.now.timeIntervalSince1970 })
        let manager = ServiceManager(environment: ProcessInfo.processInfo.environment)
        let bridge = try await Self.prepare(configuration.crypto, manager) {
            try await BridgeService(
                configuration: configuration,
                board: board,
                factory: registry,
                logger: logger,
                replayCommand: (["fedmsg-bridge", "replay"] + options.arguments).joined(separator: " "),
                opened: { manager.notify(.ready) }
            )
        }
        let reports = ServiceManagerReports(
            to: manager,
            isLive: { bridge.isLive },
            snapshot: { board.snapshot() }
        )
        let reloads = await Reloads(
            options: options,
            bridge: bridge,
            manager: manager,
            stopTimeout: configuration.spool.drainTimeout + .milliseconds(configuration.toFedmsg.zmqLinger)
                + .seconds(10),
            logger: logger
        )
        let monitoring = Self.monitoring(
            configuration.monitoring,
            bridge,
            registry: registry,
            process: process,
            // Half of what may be opened is the bridge's own, whatever clients do here.
            maxConnections: min(4096, openFiles / 2),
            logger: logger
        )
        // The last goes first: the manager hears of a stop when it begins, and the server can be asked while the bridge drains.
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: monitoring), .init(service: reports), .init(service: bridge),
                    .init(service: reloads),
                ],
                logger: logger
            )
        )
        try await Self.run(group, bridge, configuration.monitoring, logger)
    }

    private static func monitoring(
        _ configuration: BridgeConfiguration.Monitoring,
        _ bridge: BridgeService,
        registry: PrometheusRegistry,
        process: ProcessMetrics,
        maxConnections: Int,
        logger: Logger
    ) -> MonitoringServer {
        MonitoringServer(
            address: configuration.address,
            port: Int(configuration.port),
            source: .init(
                snapshot: { bridge.board.snapshot() },
                stalledLoops: { bridge.stalledLoops },
                refresh: {
                    bridge.refreshGauges()
                    process.update()
                },
                page: .init(
                    version: Version.text,
                    configuration: { bridge.configurationInForce },
                    spool: { bridge.spoolStatus }
                )
            ),
            registry: registry,
            maxConnections: maxConnections,
            logger: logger,
            onListening: { logger.info("monitoring", metadata: ["port": "\($0)"]) }
        )
    }

    /// Runs the services until a signal drains and stops them; a second one ends the process at once.
    private static func run(
        _ group: ServiceGroup,
        _ bridge: BridgeService,
        _ monitoring: BridgeConfiguration.Monitoring,
        _ logger: Logger
    ) async throws {
        let environment = ProcessInfo.processInfo.environment
        let log = StandardErrorLogHandler(label: logger.label, settings: .shared, environment: environment)
        // Not left to the group, which would catch them a moment later: one in between would count here alone.
        await StopSignals.handle { count, _ in
            guard count == 1 else { bridge.abandon { log.writeHeldBack(atEnd: true) } }
            // Drains and stops.
            Task { await group.triggerGracefulShutdown() }
        }
        let patience = Task {
            while (try? await Task.sleep(for: .seconds(1))) != nil { log.writeHeldBack() }
        }
        defer {
            patience.cancel()
            log.writeHeldBack(atEnd: true)
        }
        do {
            try await group.run()
        } catch {
            throw explained(error, monitoring)
        }
    }

    /// The exit status for an error of a service.
    private static func explained(_ error: any Error, _ monitoring: BridgeConfiguration.Monitoring) -> any Error {
        let address = "\(monitoring.address):\(monitoring.port)"
        switch error {
        case let error as IOError where error.errnoCode == EADDRINUSE:
            return ExitStatus.unavailable.explained(
                by: "\(address) is in use: set [monitoring] port to another, or stop what listens there"
            )
        case is IOError, is SocketAddressError, is SocketAddressError.UnknownHost:
            let cause = (error as? SocketAddressError.UnknownHost)?.errorDescription ?? "\(error)"
            return ExitStatus.unavailable.explained(
                by: "can't listen at \(address), see [monitoring] address and port: \(cause)"
            )
        case let error as ZeroMQError:
            // An address that somebody has is waited for, so this one can't be used at all; without one, the system lacks something.
            let status = error.endpoint == nil ? ExitStatus.temporaryFailure : ExitStatus.configuration
            return status.explained(by: error)
        default: return error
        }
    }

    /// Prepares the bridge, with an exit code for each way in which that fails.
    ///
    /// - Parameters:
    ///   - crypto: what the bridge is prepared with.
    ///   - manager: the service manager that waits for it.
    static func prepare(
        _ crypto: BridgeConfiguration.Crypto,
        _ manager: ServiceManager? = nil,
        _ body: () async throws -> BridgeService
    ) async throws -> BridgeService {
        // Opening a large spool may take longer than the service manager waits by itself.
        manager?.notify(.extendTimeout(.seconds(60)))
        let extending = Task {
            while (try? await Task.sleep(for: .seconds(10))) != nil { manager?.notify(.extendTimeout(.seconds(60))) }
        }
        defer { extending.cancel() }
        do {
            return try await body()
        } catch let error as SpoolError {
            // Room on the disk comes back.
            let isTemporary = error.code == .locked || error.code == .cannotOpen
            throw (isTemporary ? ExitStatus.temporaryFailure : ExitStatus.configuration).explained(by: error)
        } catch let error as CredentialsError {
            let remedy =
                error.path == crypto.crlLocation
                ? "without the list: [crypto] crl_location = \"\""
                : "without signatures: [crypto] validate_signatures = false for fedmsg to AMQP, sign_messages = false back"
            throw ExitStatus.configuration.explained(by: "\(error)\n\(remedy)")
        } catch {
            throw ExitStatus.configuration.explained(by: error)
        }
    }
}
