import ArgumentParser
import FedoraMessaging
import Replay

/// Which of the captured messages are replayed.
struct ReplaySelectionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only topics that fit, with AMQP's wildcards; may be repeated.", valueName: "pattern"))
    var topic: [String] = []

    @Option(help: ArgumentHelp("Only messages from this time on: 2019-07-30, 2019-07-30T19:12:22Z.", valueName: "time"))
    var from: String?

    @Option(help: ArgumentHelp("Only messages before this time.", valueName: "time"))
    var until: String?

    @Option(help: ArgumentHelp("At most so many.", valueName: "number"))
    var limit: Int?

    @Option(
        help: ArgumentHelp(
            "Go on from this line of the first file; where a line holds several messages, from its first.",
            valueName: "number"
        )
    )
    var startLine = 1

    var selection: ReplaySelection {
        get throws {
            ReplaySelection(
                topics: topic.map(TopicPattern.init),
                from: try from.map { try seconds($0, "--from") },
                until: try until.map { try seconds($0, "--until") },
                limit: limit
            )
        }
    }

    func validate() throws {
        _ = try selection
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
        if startLine < 1 { throw ValidationError("--start-line must be at least 1") }
    }

    private func seconds(_ text: String, _ option: String) throws -> Int64 {
        if let seconds = SentAt.seconds(text) ?? SentAt.seconds(text + "T00:00:00") ?? Int64(text) { return seconds }
        throw ValidationError("\(option) \(text) is no time: use 2019-07-30 or 2019-07-30T19:12:22Z")
    }
}
