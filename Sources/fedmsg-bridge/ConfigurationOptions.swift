public import ArgumentParser
import Bridge
import Foundation
public import Logging
import Settings

/// What commands that read the configuration have in common.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            "A TOML file, or a folder whose *.toml are read in name order. May be repeated; later ones win.",
            discussion: "Default: $FEDMSG_BRIDGE_CONFIG, then /etc/fedmsg-bridge/bridge.d.",
            valueName: "path"
        )
    )
    var paths: [String] = []

    @Option(help: "The least level that is logged: trace, debug, info, notice, warning, error, critical.")
    var logLevel: Logger.Level?

    @Option(help: "How log lines look: text or json.")
    var logFormat: LogFormat?

    /// As another command has to be given them to read the same configuration, wherever it is given.
    var arguments: [String] {
        let variable = ProcessInfo.processInfo.environment[ConfigurationLoader.configVariable] ?? ""
        let paths = paths.isEmpty && !variable.isEmpty ? [variable] : paths
        return paths.flatMap { ["--config", URL(filePath: $0).path.quotedForShell] }
    }

    /// Reads the configuration, and sets up the log as it says.
    ///
    /// - Throws: `ExitStatus.configuration`, after each mistake has been printed.
    func load(for use: ConfigurationUse) throws -> BridgeConfiguration {
        do {
            let loaded = try read(for: use)
            setUpLog(loaded.configuration.log)
            let environment = ProcessInfo.processInfo.environment
            LoggingSystem.bootstrap { label in
                StandardErrorLogHandler(label: label, settings: .shared, environment: environment)
            }
            for warning in loaded.warnings { Logger(label: "fedmsg-bridge").warning("\(warning)") }
            return loaded.configuration
        } catch {
            throw ExitStatus.configuration.explained(by: error)
        }
    }

    /// Reads the configuration.
    ///
    /// - Throws: every mistake at once.
    func read(for use: ConfigurationUse) throws(ConfigurationError) -> LoadedConfiguration {
        try ConfigurationLoader.load(paths: paths, environment: ProcessInfo.processInfo.environment, for: use)
    }

    /// Lets the log be as configured, unless the command line says otherwise.
    func setUpLog(_ log: BridgeConfiguration.Log) {
        LogSettings.shared.set(
            level: logLevel ?? Logger.Level(rawValue: log.level.rawValue) ?? .info,
            format: logFormat ?? LogFormat(rawValue: log.format.rawValue) ?? .text
        )
    }
}

extension ConfigurationOptions {
    /// The log of a command that listens beside the bridge: troubles only, unless more is asked for.
    func bystanderLogger(_ configuration: BridgeConfiguration) -> Logger {
        var logger = Logger(label: "fedmsg-bridge")
        if logLevel == nil, configuration.log.level == .info { logger.logLevel = .warning }
        return logger
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
