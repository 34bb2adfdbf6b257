import AMQP
import ArgumentParser
import Foundation
import Replay
import Settings
import Watch

/// Compares both buses.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Listens on both buses and reports what reached only one of them, or arrived changed.",
        discussion: """
            One JSON object a line: verdict (only_fedmsg, only_amqp, changed, repeated), msg_id, topic, detail. It only \
            reads, with a queue of its own. SIGINT ends it; a summary is on standard error. Exit status 2 when it \
            reported anything.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Option(help: ArgumentHelp("How long a message may take to the other bus.", valueName: "seconds"))
    var window = 60.0

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "Take messages in for so long, once both buses are heard, and wait for their copies.",
            valueName: "seconds"
        )
    )
    var duration: Double?

    @OptionGroup var listening: ListeningOptions

    func validate() throws {
        for (name, value) in [("--window", window), ("--for", duration ?? 1)] where !(value > 0 && value < 1e6) {
            throw ValidationError("\(name) must be more than 0 and less than a million seconds")
        }
    }

    func run() async throws {
        let configuration = try options.load(for: .verify)
        // A closed pipe is an error of write, not a signal.
        signal(SIGPIPE, SIG_IGN)
        do {
            let verification = Verification(
                configuration: configuration,
                endpoints: try FedmsgEndpoints(configuration, listen: listening.endpoints),
                window: .seconds(window),
                logger: options.bystanderLogger(configuration)
            )
            let summary = try await Interruption().cancelling { [duration] in
                try await verification.run(for: duration.map { .seconds($0) }) { try StandardOutput.write($0.line) }
            }
            StandardError.print("\(summary)")
            if summary.hasFindings { throw ExitStatus.someRejected }
        } catch is ClosedPipe {
            return
        } catch let error as FedmsgEndpoints.Unheard {
            throw ExitStatus.configuration.explained(by: error)
        } catch let error as AMQPError {
            throw ExitStatus.configuration.explained(by: error)
        }
    }
}
