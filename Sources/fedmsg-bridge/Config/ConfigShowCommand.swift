import ArgumentParser
import Settings

/// `fedmsg-bridge config show`: what is in force.
struct ConfigShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Prints the configuration in force as TOML, secrets masked."
    )

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Say beside each value which file, line or variable it came from.")
    var origin = false

    func run() throws {
        let loaded: LoadedConfiguration
        do {
            loaded = try options.read(for: .show)
        } catch {
            throw ExitStatus.configuration.explained(by: error)
        }
        try StandardOutput.print(loaded.toml(origins: origin), terminator: "")
    }
}
