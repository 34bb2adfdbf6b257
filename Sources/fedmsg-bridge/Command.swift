import ArgumentParser
import Dispatch
import Foundation
import Replay

/// The executable. Its work has the usual priority: tasks of the main thread have a higher one, for which Dispatch asks the
/// kernel in vain where the user has no privilege, and says so on standard error.
@main
enum Executable {
    static func main() {
        holdStandardStreams()
        Task.detached(priority: .medium) {
            await Command.execute()
            exit(0)
        }
        dispatchMain()
    }

    /// A standard stream that is closed would be the number of what is opened next, such as Dispatch's own descriptors. What
    /// is opened here fails as a closed one does: it can't be read, or not written.
    private static func holdStandardStreams() {
        for stream in STDIN_FILENO...STDERR_FILENO where fcntl(stream, F_GETFD) < 0 {
            _ = open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }
}

/// The command line: one file a subcommand.
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

    /// Does what the command line says. An error ends the process.
    fileprivate static func execute() async {
        do {
            try await parseAndRun()
        } catch is ClosedPipe {
            return
        } catch let error as OutputFailure {
            exit(withError: ExitStatus.outputFailed.explained(by: error))
        } catch {
            exit(withError: HealthCommand.exitCode(of: error, arguments: CommandLine.arguments) ?? error)
        }
    }

    private static func parseAndRun() async throws {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch  where exitCode(for: error).isSuccess && !fullMessage(for: error).isEmpty {
            // Help or the version, which the parser would print without a look at what becomes of it.
            try StandardOutput.print(fullMessage(for: error))
        }
    }
}
