import AMQP
import ArgumentParser
import Bridge
import Fedmsg
import Foundation
import Logging
import Replay
import Settings
import Watch

/// Live messages of a bus.
struct TailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "Prints live messages of one bus, in a form that replay reads.",
        discussion: """
            Listens beside the bridge, on AMQP with a queue of its own; nothing is taken from anybody. What is no message, or \
            fails --validate, is a JSON object on standard error.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Argument(help: "amqp or fedmsg.")
    var bus: Tail.Bus

    @Option(help: ArgumentHelp("Only topics that fit, with AMQP's wildcards; may be repeated.", valueName: "pattern"))
    var topic: [String] = []

    @Flag(help: "Print each message over several lines.")
    var pretty = false

    @Flag(help: "Print the message's JSON alone, on one line.")
    var json = false

    @Flag(
        name: .customLong("validate"),
        help: "Leave out fedmsgs whose signature is not valid, by [crypto] of the configuration."
    )
    var checksSignatures = false

    @OptionGroup var listening: ListeningOptions

    func validate() throws {
        if pretty, json { throw ValidationError("--pretty and --json exclude each other") }
        if checksSignatures, bus == .amqp {
            throw ValidationError("--validate is for fedmsgs: messages from AMQP have no signatures")
        }
        if !listening.endpoints.isEmpty, bus == .amqp { throw ValidationError("--listen is for fedmsgs") }
    }

    func run() async throws {
        let configuration = try options.load(for: bus == .amqp ? .tailAMQP : .tailFedmsg)
        let verifier = try verifier(configuration.crypto)
        // A closed pipe is an error of write, not a signal.
        signal(SIGPIPE, SIG_IGN)
        do {
            try await Interruption().cancelling { [self] in
                let printer = TailOutput(
                    TailPrinter(
                        form: json ? .json : pretty ? .pretty : .line,
                        topics: topic,
                        isForTerminal: StandardOutput.isTerminal,
                        verifier: verifier
                    )
                )
                let tail = Tail(
                    configuration: configuration,
                    topics: topic,
                    logger: options.bystanderLogger(configuration)
                )
                switch bus {
                case .amqp: try await tail.runAMQP { try printer.print($0) }
                case .fedmsg:
                    let endpoints = try FedmsgEndpoints(configuration, listen: listening.endpoints)
                    try await tail.runFedmsg(at: endpoints) { try printer.print($0) }
                }
            }
        } catch is ClosedPipe {
            return
        } catch is CancellationError {
            return
        } catch let error as FedmsgEndpoints.Unheard {
            throw ExitStatus.configuration.explained(by: error)
        } catch let error as AMQPError {
            throw ExitStatus.configuration.explained(by: error)
        }
    }

    private func verifier(_ crypto: BridgeConfiguration.Crypto) throws -> SignatureVerifier? {
        guard checksSignatures else { return nil }
        do throws(CredentialsError) {
            return try SignatureVerifier(crypto)
        } catch {
            throw ExitStatus.configuration.explained(by: error)
        }
    }
}

extension Tail.Bus: ExpressibleByArgument {}
