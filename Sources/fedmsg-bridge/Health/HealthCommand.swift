import ArgumentParser
import Foundation
import Monitoring
import Settings

/// `fedmsg-bridge health`: a plug-in for monitoring systems.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "A monitoring plug-in: one line with performance data, and an exit code.",
        discussion: """
            Exits 0 (OK), 1 (WARNING), 2 (CRITICAL: the bridge is not ready, refuses or does not answer) or 3 (UNKNOWN: \
            something else answers, or the command is wrong). Thresholds are passed by what is over them. With --live it \
            exits 0 or 1, as a container's check. Of the configuration only [monitoring] matters, and what may hide its \
            port: a misspelt name, or a file that can't be read where no later one sets the port.
            """
    )

    @Option(help: "Where the daemon's monitoring endpoint is. Default: as [monitoring] of the configuration says.")
    var url: String?

    @Option(
        name: .customLong("config"),
        help: ArgumentHelp("A TOML file, or a folder of them. May be repeated; later ones win.", valueName: "path")
    )
    var paths: [String] = []

    @Option(help: ArgumentHelp("How long to wait for the daemon.", valueName: "seconds"))
    var timeout = 10.0

    @Flag(help: "Ask only whether the daemon's loops turn.")
    var live = false

    @OptionGroup var age: ThresholdOptions<WaitingAge>
    @OptionGroup var spool: ThresholdOptions<WaitingMessages>
    @OptionGroup var deadLetters: ThresholdOptions<DeadLetters>
    @OptionGroup var silence: ThresholdOptions<Silence>

    func validate() throws {
        guard timeout > 0, timeout <= 3600 else { throw ValidationError("--timeout is over 0 and at most 3600") }
    }

    func run() async throws {
        let address = try url ?? configuredURL()
        guard let url = URL(string: address), let probe = HealthProbe(url: url) else {
            throw Self.end(HealthVerdict(.unknown, "no URL of a monitoring endpoint: \(address)"), isLive: live)
        }
        endAfterTimeout(address)
        if live {
            let (turns, text) = await probe.isLive()
            throw Self.end(HealthVerdict(turns ? .ok : .critical, text), isLive: live)
        }
        throw Self.end(await probe.verdict(thresholds, now: Date.now.timeIntervalSince1970), isLive: live)
    }

    private var thresholds: HealthThresholds {
        var thresholds = HealthThresholds()
        thresholds.age = age.pair
        thresholds.spool = spool.pair
        thresholds.deadLetters = deadLetters.pair
        thresholds.silence = silence.pair
        return thresholds
    }

    /// Where the configuration lets the daemon listen; where it usually does, if there is none.
    private func configuredURL() throws -> String {
        let monitoring: BridgeConfiguration.Monitoring
        let environment = ProcessInfo.processInfo.environment
        do {
            monitoring = try ConfigurationLoader.load(paths: paths, environment: environment, for: .health)
                .configuration.monitoring
        } catch {
            let text = "\(error); --url says where to ask without a configuration"
            throw Self.end(HealthVerdict(.unknown, text), isLive: live)
        }
        let isAny = ["", "0.0.0.0", "::"].contains(monitoring.address)
        let host = isAny ? "127.0.0.1" : monitoring.address
        return "http://\(host.contains(":") ? "[\(host)]" : host):\(monitoring.port)"
    }

    /// The whole process has one limit, so that nothing on the way to the daemon, a name server too, escapes it.
    private func endAfterTimeout(_ address: String) {
        let (timeout, live) = (timeout, live)
        Task.detached {
            try? await Task.sleep(for: .seconds(timeout))
            let verdict = HealthVerdict(.critical, "\(address): no answer within \(timeout.formatted()) s")
            Self.exit(withError: Self.end(verdict, isLive: live))
        }
    }

    /// Prints the verdict.
    ///
    /// - Parameter isLive: whether `--live` was asked for, which knows 0 and 1 alone.
    /// - Returns: The exit code.
    private static func end(_ verdict: HealthVerdict, isLive: Bool) -> ExitCode {
        print(verdict.line)
        return ExitCode(isLive ? min(verdict.state.rawValue, 1) : verdict.state.rawValue)
    }
}

extension HealthCommand {
    /// A monitoring system takes 64 for a fault of the bridge: here a wrong use is UNKNOWN.
    ///
    /// - Returns: The exit code for an error of any command.
    static func exitCode(of error: any Error, arguments: [String]) -> ExitCode? {
        guard arguments.dropFirst().first == "health", Command.exitCode(for: error) == .validationFailure else {
            return nil
        }
        return end(HealthVerdict(.unknown, Command.message(for: error)), isLive: arguments.contains("--live"))
    }
}
