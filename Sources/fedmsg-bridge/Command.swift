import ArgumentParser

/// The executable: one file a subcommand.
@main
struct Command: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fedmsg-bridge",
        abstract: "Bridges fedmsg (ZeroMQ) and fedora-messaging (AMQP), in both directions.",
        version: Version.text,
        subcommands: [
            RunCommand.self, ReplayCommand.self, VerifyCommand.self, TailCommand.self, ConfigCommand.self,
            SpoolCommand.self, HealthCommand.self,
        ]
    )

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            exit(withError: HealthCommand.exitCode(of: error, arguments: CommandLine.arguments) ?? error)
        }
    }
}
