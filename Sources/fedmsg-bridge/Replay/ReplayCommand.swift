import AMQP
import ArgumentParser
import Bridge
import Fedmsg
import Foundation
import Logging
import Replay
import Settings

/// Captured messages, translated or published.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Translates captured messages; --dry-run only prints what becomes of them.",
        discussion: """
            Results go to standard output, rejected messages to standard error, one JSON object a line. \
            Exit status 2 when any was rejected, 66 when an input can't be read, 69 without a broker or where that takes \
            nothing, 74 when the results can't be written.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Print the translations: no network, no spool, the same bytes every time.")
    var dryRun = false

    @Option(help: "to-amqp or to-fedmsg, which only prints.")
    var direction = ReplayDirection.toAMQP

    @Option(help: "How the inputs are read: auto, jsonl, datagrepper, tail or zmq.")
    var format = CaptureFormat.auto

    @Option(
        name: .customLong("validate"),
        help: "Whether signatures are checked, and as of when: off, now or message-time."
    )
    var signatures = SignatureValidation.off

    @OptionGroup var selection: ReplaySelectionOptions

    @Argument(help: "Captures, plain or gzip; - is standard input.")
    var files: [String]

    @Option(help: ArgumentHelp("Publish so many messages a second.", valueName: "number"))
    var rate: Double?

    @Option(help: ArgumentHelp("Publish with the messages' own spacing, so many times as fast.", valueName: "factor"))
    var speed: Double?

    func validate() throws {
        if direction == .toFedmsg, !dryRun {
            throw ValidationError("--direction to-fedmsg only prints: add --dry-run")
        }
        if signatures != .off, options.paths.isEmpty {
            throw ValidationError("--validate needs a --config that names the CA")
        }
        if signatures != .off, direction == .toFedmsg {
            throw ValidationError("--validate is for fedmsgs: messages from AMQP have no signatures")
        }
        if rate != nil, speed != nil { throw ValidationError("--rate and --speed exclude each other") }
        if let number = rate ?? speed, !(number > 0 && number.isFinite) {
            throw ValidationError("--rate and --speed must be more than 0")
        }
        if files.count(where: { $0 == "-" }) > 1 { throw ValidationError("standard input can be read once") }
    }

    func run() async throws {
        var replay = ReplayOptions(paths: files, configuration: try configuration())
        replay.direction = direction
        replay.format = format
        replay.selection = try selection.selection
        replay.startLine = selection.startLine
        do throws(CredentialsError) {
            try addSignatures(to: &replay)
        } catch {
            throw ExitStatus.configuration.explained(by: error)
        }
        // A closed pipe is an error of write, not a signal.
        signal(SIGPIPE, SIG_IGN)
        do {
            try await dryRun ? dry(replay) : live(replay)
        } catch let error as CaptureError {
            let status = error.code == .unreadable ? ExitStatus.noInput : ExitStatus.someRejected
            throw status.explained(by: error)
        } catch let error as AMQPError {
            let status = error.isOfConfiguration ? ExitStatus.configuration : ExitStatus.unavailable
            throw status.explained(by: error)
        } catch let error as BrokerNacks {
            throw ExitStatus.unavailable.explained(by: error)
        } catch is ClosedPipe {
            return
        }
    }

    /// A dry run without `--config` needs none, and reads none that happens to be there.
    private func configuration() throws -> BridgeConfiguration {
        if dryRun, options.paths.isEmpty {
            var configuration = BridgeConfiguration()
            configuration.crypto.signMessages = false
            return configuration
        }
        return try options.load(for: direction == .toAMQP ? .replayToAMQP : .replayToFedmsg)
    }

    private func addSignatures(to replay: inout ReplayOptions) throws(CredentialsError) {
        let crypto = replay.configuration.crypto
        if direction == .toFedmsg, crypto.signMessages {
            replay.signer = try MessageSigner(folder: crypto.ssldir, certname: crypto.certname)
        }
        guard signatures != .off else { return }
        let verifier = try SignatureVerifier(crypto)
        replay.signatures = SignatureCheck(verifier, asOf: signatures == .now ? .now : .message)
    }

    private func dry(_ replay: ReplayOptions) throws {
        let output = StandardOutput()
        let (counts, fault) = try DryRun(replay, output: output).run()
        try Self.end(counts, fault, output)
    }

    private func live(_ options: ReplayOptions) async throws {
        let pacing = rate.map(ReplayPacing.rate) ?? speed.map(ReplayPacing.speed) ?? .unlimited
        try await Interruption().cancelling {
            let output = StandardOutput()
            let logger = Logger(label: "fedmsg-bridge")
            let outcome = try await LiveReplay(options, pacing: pacing, output: output, logger: logger).run()
            if let (line, paths) = outcome.next {
                let paths = paths.map(\.quotedForShell).joined(separator: " ")
                output.report("stopped; to go on: --start-line \(line) \(paths)")
            }
            guard let fault = outcome.fault else { return try Self.end(outcome.counts, outcome.inputFault, output) }
            output.report("\(outcome.counts)")
            throw fault
        }
    }

    private static func end(_ counts: ReplayCounts, _ fault: CaptureError.Code?, _ output: StandardOutput) throws {
        output.report("\(counts)")
        if fault == .unreadable { throw ExitStatus.noInput }
        if counts.rejected > 0 || fault != nil { throw ExitStatus.someRejected }
    }
}

extension AMQPError {
    /// Whether trying again is of no use.
    fileprivate var isOfConfiguration: Bool {
        [.invalidURI, .invalidConfiguration, .tlsConfigurationFailed].contains(code)
    }
}

extension CaptureFormat: ExpressibleByArgument {}
extension ReplayDirection: ExpressibleByArgument {}
