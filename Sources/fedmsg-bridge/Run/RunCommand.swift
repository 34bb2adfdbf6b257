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
import UnixSignals
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
        let monitoring = MonitoringServer(
            address: configuration.monitoring.address,
            port: Int(configuration.monitoring.port),
            source: .init(
                snapshot: { board.snapshot() },
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
            // Half of what may be opened is the bridge's own, whatever clients do here.
            maxConnections: min(4096, openFiles / 2),
            logger: logger,
            onListening: { logger.info("monitoring", metadata: ["port": "\($0)"]) }
        )
        // The last goes first: the manager hears of a stop when it begins, and the server can be asked while the bridge drains.
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: monitoring), .init(service: reports), .init(service: bridge),
                    .init(service: reloads),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let environment = ProcessInfo.processInfo.environment
        let log = StandardErrorLogHandler(label: logger.label, settings: .shared, environment: environment)
        let impatience = Task {
            // The first is the group's: it drains and stops.
            for await _ in signals.dropFirst() { bridge.abandon { log.writeHeldBack(atEnd: true) } }
        }
        defer { impatience.cancel() }
        let patience = Task {
            while (try? await Task.sleep(for: .seconds(1))) != nil { log.writeHeldBack() }
        }
        defer {
            patience.cancel()
            log.writeHeldBack(atEnd: true)
        }
        do {
            try await group.run()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            let address = "\(configuration.monitoring.address):\(configuration.monitoring.port)"
            StandardError.print("\(address) is in use: set [monitoring] port to another, or stop what listens there")
            throw ExitStatus.unavailable
        } catch let error
            where error is IOError || error is SocketAddressError || error is SocketAddressError.UnknownHost
        {
            let address = "\(configuration.monitoring.address):\(configuration.monitoring.port)"
            let cause = (error as? SocketAddressError.UnknownHost)?.errorDescription ?? "\(error)"
            StandardError.print("can't listen at \(address), see [monitoring] address and port: \(cause)")
            throw ExitStatus.unavailable
        } catch let error as ZeroMQError {
            StandardError.print("\(error)")
            // An address that somebody has is waited for, so this one can't be used at all; without one, the system lacks something.
            throw error.endpoint == nil ? ExitStatus.temporaryFailure : ExitStatus.configuration
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
            StandardError.print("\(error)")
            // Room on the disk comes back.
            let isTemporary = error.code == .locked || error.code == .cannotOpen
            throw isTemporary ? ExitStatus.temporaryFailure : ExitStatus.configuration
        } catch let error as CredentialsError {
            StandardError.print("\(error)")
            StandardError.print(
                error.path == crypto.crlLocation
                    ? "without the list: [crypto] crl_location = \"\""
                    : "without signatures: [crypto] validate_signatures = false for fedmsg to AMQP, sign_messages = false back"
            )
            throw ExitStatus.configuration
        } catch {
            StandardError.print("\(error)")
            throw ExitStatus.configuration
        }
    }
}
