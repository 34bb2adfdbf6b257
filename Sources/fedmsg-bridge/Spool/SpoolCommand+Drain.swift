import ArgumentParser
import Bridge
import Foundation
import Logging
import Monitoring
import Settings
import Spool

extension SpoolCommand {
    /// `spool drain`
    struct Drain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Publishes what waits, with the daemon stopped.",
            discussion: """
                Ends when nothing is left, when nothing could be published for [spool] drain_timeout, or with SIGINT. \
                Exit status 1 when something stays, 66 without a spool, 75 when a daemon holds it.
                """
        )

        @OptionGroup var options: ConfigurationOptions

        func run() async throws {
            let loaded = try options.load(for: .drain)
            let configuration = Self.publishingOnly(loaded)
            try SpoolCommand.checkThere(configuration.spool.path)
            let logger = Logger(label: "fedmsg-bridge")
            let board = StatusBoard(onChange: { logger.log($0) }, now: { Date.now.timeIntervalSince1970 })
            let bridge = try await RunCommand.prepare(configuration.crypto) {
                try await BridgeService(
                    configuration: configuration,
                    board: board,
                    factory: PrometheusRegistry(),
                    logger: logger
                )
            }
            let left = try await Interruption().cancelling { await bridge.drain() }
            let counts = board.snapshot().toAMQP
            try StandardOutput.print(
                "\(counts.forwarded) published, \(counts.dropped) dropped, \(counts.rejected) rejected, \(left) left"
            )
            if left > 0 { throw ExitCode.failure }
        }

        private static func publishingOnly(_ loaded: BridgeConfiguration) -> BridgeConfiguration {
            var configuration = loaded
            configuration.toAMQP.enabled = true
            configuration.toFedmsg.enabled = false
            return configuration
        }
    }

    /// No command makes a spool.
    private static func checkThere(_ path: String) throws {
        do throws(SpoolError) {
            _ = try Spool(path: path)
        } catch {
            throw ExitStatus.noInput.explained(by: error)
        }
    }
}
