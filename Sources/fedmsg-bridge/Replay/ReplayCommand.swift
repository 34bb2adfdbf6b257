import ArgumentParser
import Foundation
import Replay
import Settings

/// Captured messages, translated or published.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Translates captured messages; --dry-run only prints what becomes of them.",
        discussion: """
            Results go to standard output, rejected messages to standard error, one JSON object a line. \
            Exit status 2 when any was rejected, 66 when an input can't be read.
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

    func validate() throws {
        if direction == .toFedmsg, !dryRun {
            throw ValidationError("--direction to-fedmsg only prints: add --dry-run")
        }
        if signatures != .off {
            throw ValidationError("--validate \(signatures.rawValue): signatures are not there yet in this version")
        }
        if files.count(where: { $0 == "-" }) > 1 { throw ValidationError("standard input can be read once") }
    }

    func run() async throws {
        var replay = ReplayOptions(paths: files, configuration: try configuration())
        replay.direction = direction
        replay.format = format
        replay.selection = try selection.selection
        replay.startLine = selection.startLine
        guard dryRun else { throw ValidationError("only --dry-run is there yet") }
        try dry(replay)
    }

    /// A dry run without `--config` needs none, and reads none that happens to be there.
    private func configuration() throws -> BridgeConfiguration {
        if dryRun, options.paths.isEmpty { return BridgeConfiguration() }
        let configuration = try options.load(for: direction == .toAMQP ? .replayToAMQP : .replayToFedmsg)
        if direction == .toFedmsg, configuration.crypto.signMessages {
            StandardError.print("crypto.sign_messages: signatures are not there yet in this version; set it to false")
            throw ExitStatus.configuration
        }
        return configuration
    }

    private func dry(_ replay: ReplayOptions) throws {
        signal(SIGPIPE, SIG_IGN)
        do {
            let (counts, fault) = try DryRun(replay, output: StandardOutput()).run()
            StandardError.print("\(counts)")
            if fault == .unreadable { throw ExitStatus.noInput }
            if counts.rejected > 0 || fault != nil { throw ExitStatus.someRejected }
        } catch let error as CaptureError {
            StandardError.print("\(error)")
            throw error.code == .unreadable ? ExitStatus.noInput : ExitStatus.someRejected
        } catch is ClosedPipe {
            return
        }
    }
}

extension CaptureFormat: ExpressibleByArgument {}
extension ReplayDirection: ExpressibleByArgument {}
