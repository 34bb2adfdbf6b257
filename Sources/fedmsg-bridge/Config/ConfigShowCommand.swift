import ArgumentParser
import Foundation
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
        do {
            let environment = ProcessInfo.processInfo.environment
            let loaded = try ConfigurationLoader.load(paths: options.paths, environment: environment, for: .show)
            print(loaded.toml(origins: origin), terminator: "")
        } catch {
            StandardError.print("\(error)")
            throw ExitStatus.configuration
        }
    }
}
