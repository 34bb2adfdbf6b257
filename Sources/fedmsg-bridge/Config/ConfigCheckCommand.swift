import ArgumentParser
import Bridge
import Foundation
import Settings

/// `fedmsg-bridge config check`: names every mistake.
struct ConfigCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Names every mistake with file and line; exit 1 where there is one."
    )

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Print a JSON object.")
    var json = false

    @Flag(name: .shortAndLong, help: "Name peers' keys that have no effect, too.")
    var verbose = false

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let loaded = await ConfigurationLoader.read(paths: options.paths, environment: environment, for: .run)
            .checkingFiles(for: .run)
            .checkingCredentials()
        try StandardOutput.print(json ? loaded.json(verbose: verbose) : loaded.report(verbose: verbose))
        if !loaded.errors.isEmpty { throw ExitCode.failure }
    }
}
