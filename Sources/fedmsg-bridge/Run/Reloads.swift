import Bridge
import Foundation
import Logging
import Monitoring
import ServiceLifecycle
import Settings
import UnixSignals

/// Reads the configuration again at each SIGHUP. A wrong one changes nothing, and is told everywhere.
final class Reloads: Service {
    private static let source = "configuration"

    let options: ConfigurationOptions
    let bridge: BridgeService
    let manager: ServiceManager
    /// How long a stop may take.
    let stopTimeout: Duration
    let signals: UnixSignalsSequence
    let logger: Logger

    /// From here on the signal is caught.
    init(
        options: ConfigurationOptions,
        bridge: BridgeService,
        manager: ServiceManager,
        stopTimeout: Duration,
        logger: Logger
    ) async {
        self.options = options
        self.bridge = bridge
        self.manager = manager
        self.stopTimeout = stopTimeout
        self.logger = logger
        signals = await UnixSignalsSequence(trapping: .sighup)
    }

    /// Reloads until the service group shuts down; it is the first that is told, and tells the service manager.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in self.signals {
                self.manager.notify(.reloading(monotonic: SystemClocks().uptime / 1000))
                // A stop does not wait for one that is under way: that may wait for the broker.
                let (ends, end) = AsyncStream.makeStream(of: Void.self)
                let reload = Task {
                    await self.reload()
                    end.finish()
                }
                for await _ in ends {}
                reload.cancel()
                if !Task.isCancelled { self.manager.notify(.ready) }
            }
        }
        manager.notify(.stopping, .extendTimeout(stopTimeout))
    }

    private func reload() async {
        let mistakes: [String]
        do {
            let loaded = try options.read(for: .run)
            for warning in loaded.warnings { logger.warning("\(warning)") }
            let waiting = try await bridge.reload(loaded.configuration)
            options.setUpLog(loaded.configuration.log)
            bridge.board.clear(.configNotReloaded, source: Self.source)
            logger.notice("configuration read again")
            if !waiting.isEmpty {
                logger.warning("takes effect after a restart", metadata: ["keys": "\(waiting.joined(separator: " "))"])
            }
            return
        } catch let error as ConfigurationError {
            mistakes = error.diagnostics.map { "\($0)" }
        } catch {
            mistakes = ["\(error)"]
        }
        bridge.board.raise(
            .configNotReloaded,
            source: Self.source,
            "the new configuration is wrong, the old one is in force; correct it and reload: "
                + mistakes.joined(separator: "; ")
        )
        for mistake in mistakes { logger.error("configuration not reloaded", metadata: [LogKey.error: "\(mistake)"]) }
    }
}
