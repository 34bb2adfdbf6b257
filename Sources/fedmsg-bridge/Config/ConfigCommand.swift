import ArgumentParser

/// `fedmsg-bridge config`: looks at the configuration.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Checks, shows or imports the configuration.",
        subcommands: [ConfigCheckCommand.self, ConfigShowCommand.self, ConfigImportCommand.self]
    )
}
