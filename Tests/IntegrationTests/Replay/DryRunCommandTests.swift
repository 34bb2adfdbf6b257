import Foundation
import Testing

/// `replay --dry-run` as people and their scripts see it.
@Suite("Dry replay")
struct DryRunCommandTests {
    @Test("fedora-messaging publishes what comes out, and consumers get the captured messages", .timeLimit(.minutes(5)))
    func fedoraMessagingPublishes() async throws {
        // Without a time there is no sent-at, which the library's consumers miss.
        let expected = try await ExpectedMessage.messages(of: Project.fedmsgs)
        try await VirtualHost.with { host in
            try await withTemporaryDirectory { folder in
                let translated = try await ReplayRun.of(["--dry-run", Project.fedmsgs.path])
                let messages = folder.appending(path: "messages.jsonl")
                try Data(translated.output.map { $0 + "\n" }.joined().utf8).write(to: messages)
                let configuration = folder.appending(path: "config.toml")
                try Data("amqp_url = \"\(host.url)\"\npublish_exchange = \"amq.topic\"\n".utf8).write(to: configuration)
                try await PlainAMQP.with(url: host.url) { amqp in
                    try await amqp.declare(queue: "arrived", boundTo: "amq.topic")
                    let python = try Project.Python.fedoraMessaging.executable
                    let command = python.deletingLastPathComponent().appending(path: "fedora-messaging")
                    let environment = ProcessInfo.processInfo.environment
                        .merging(["FEDORA_MESSAGING_CONF": configuration.path]) { $1 }
                    try await ChildProcess.with(command, ["publish", messages.path], environment: environment) {
                        let exit = try await $0.awaitEnd(within: .seconds(120))
                        #expect(exit == .code(0), "\($0.lastWords)")
                    }
                    #expect(try await amqp.depth("arrived") == expected.count)
                    try await amqp.consume("arrived")
                    for message in expected {
                        let arrived = try await amqp.next()
                        #expect(arrived.topic == message.topic)
                        let (body, expectedBody) = (try Self.object(arrived.body), try Self.object(message.body))
                        #expect(body == expectedBody)
                        if let sentAt = message.sentAt { #expect(arrived.header("sent-at")?.value == sentAt) }
                        if message.id.hasPrefix("20") { #expect(arrived.property("message_id") == message.id) }
                    }
                }
            }
        }
    }

    @Test("Packed, from standard input and in several files it is the same", .timeLimit(.minutes(2)))
    func inputs() async throws {
        let expected = try await ReplayRun.of(["--dry-run", Project.fedmsgs.path]).output
        try await withTemporaryDirectory { folder in
            let script = """
                set -e; cd \(folder.path); gzip -c $1 >1.gz; cat 1.gz 1.gz >2.gz
                $0 replay --dry-run 1.gz; $0 replay --dry-run - <$1; $0 replay --dry-run - <1.gz
                $0 replay --dry-run 2.gz; $0 replay --dry-run 1.gz $1
                """
            let lines = try await Self.bash(script)
            #expect(lines.output == Array(repeating: expected, count: 7).flatMap(\.self))
            #expect(lines.exit == .code(0))
        }
    }

    @Test("What comes through a pipe is translated as it comes", .timeLimit(.minutes(5)))
    func pipe() async throws {
        try await BridgeProcess.run(["replay", "--dry-run", "-"]) { process in
            for number in 1...2 {
                try process.write(line: LiveReplayScene.envelope(number))
                try await eventually("it is translated") { process.output.lines.count == number }
            }
        }
    }

    @Test(
        "Each fault has its exit status and its words",
        .timeLimit(.minutes(5)),
        arguments: [
            ("$0 replay --dry-run missing", 66, "missing: No such file or directory"),
            ("$0 replay --dry-run $1 missing", 66, "missing: No such file or directory"),
            ("$0 replay --dry-run .", 66, ".: is a directory"),
            ("touch empty; $0 replay --dry-run empty", 2, "empty: is empty"),
            ("head -c 4096 /dev/zero >zeros; $0 replay --dry-run zeros", 2, "zeros: is no text"),
            ("gzip -c $1 | head -c 9000 >cut.gz; $0 replay --dry-run cut.gz", 2, "cut.gz: the gzip stream ends early"),
            ("gzip -c $1 | tr a b >bad.gz; $0 replay --dry-run bad.gz", 2, "bad.gz: the gzip stream is damaged"),
            ("echo '{\"msg\": 1}' | $0 replay --dry-run -", 2, #"{"line":1,"reason":"body_not_an_object""#),
            ("$0 replay --dry-run", 64, "Missing expected argument"),
            ("$0 replay --direction to-fedmsg $1", 64, "add --dry-run"),
            ("$0 replay --dry-run --validate now $1", 64, "needs a --config"),
            ("$0 replay --dry-run --rate 0 $1", 64, "must be more than 0"),
            ("$0 replay --dry-run --rate 1 --speed 1 $1", 64, "exclude each other"),
            ("$0 replay --dry-run --from yesterday $1", 64, "--from yesterday is no time"),
            ("$0 replay --dry-run --limit 0 $1", 64, "--limit must be at least 1"),
            ("$0 replay --dry-run --start-line 0 $1", 64, "--start-line must be at least 1"),
            ("$0 replay --dry-run - - <$1", 64, "standard input can be read once"),
        ]
    )
    func faults(script: String, status: Int32, words: String) async throws {
        try await withTemporaryDirectory { folder in
            let run = try await Self.bash("cd \(folder.path); \(script)")
            #expect(run.exit == .code(status))
            #expect(run.errors.contains { $0.contains(words) }, "\(run.errors)")
        }
    }

    @Test("A reader that has enough ends it silently", .timeLimit(.minutes(5)))
    func closedPipe() async throws {
        let run = try await Self.bash("$0 replay --dry-run $1 $1 $1 | head -n 1; exit ${PIPESTATUS[0]}")
        #expect(run.exit == .code(0))
        #expect(run.output.count == 1)
        #expect(run.errors.isEmpty)
    }

    @Test(
        "On a terminal there is a progress bar, written over by the summary, and no colour, NO_COLOR or not",
        .timeLimit(.minutes(5)),
        arguments: [false, true]
    )
    func progressBar(noColor: Bool) async throws {
        let command = [try Project.bridge.path, "replay", "--dry-run", Project.fedmsgs.path]
        let environment = noColor ? ["/usr/bin/env", "NO_COLOR=1"] : []
        let ended = try await Terminal.with(environment + command) { try await $0.ended() }
        #expect(ended.status == 0)
        #expect(ended.text.contains(/\[#*-*\] +\d+ %  \d+ read, \d+\/s, \d+:\d\d left/))
        #expect(ended.text.hasSuffix("\r\u{1B}[K337 read, 337 translated, 0 dropped, 0 rejected\r\n"))
        #expect(!ended.text.contains(/\u{1B}\[[0-9;]*m/))
    }

    @Test("Without a terminal, or with NO_COLOR, nothing is coloured or written over", .timeLimit(.minutes(5)))
    func plainOutput() async throws {
        let piped = try await ReplayRun.of(["--dry-run", Project.fedmsgs.path])
        let plain = try await Self.bash("NO_COLOR=1 TERM=dumb $0 replay --dry-run $1")
        for run in [piped, plain] {
            #expect(run.exit == .code(0))
            #expect(run.errors == ["337 read, 337 translated, 0 dropped, 0 rejected"])
            #expect(!(run.output + run.errors).contains { $0.contains("\u{1B}") || $0.contains("\r") })
        }
    }

    @Test("Going on from a line begins with its first message", .timeLimit(.minutes(5)))
    func startLine() async throws {
        let page =
            #"{"raw_messages": [{"msg": {}, "topic": "a", "msg_id": "1"}, {"msg": {}, "topic": "a", "msg_id": "2"}]}"#
        let run = try await Self.bash("printf '%s\n' '\(page)' '\(page)' | $0 replay --dry-run --start-line 2 -")
        #expect(run.errors == ["2 read, 2 translated, 0 dropped, 0 rejected"])
    }

    private static func object(_ json: Data) throws -> NSDictionary? {
        try JSONSerialization.jsonObject(with: json) as? NSDictionary
    }

    /// Runs a script with the executable as `$0` and the captured fedmsgs as `$1`.
    private static func bash(_ script: String) async throws -> ReplayRun {
        try await ChildProcess.with(
            URL(filePath: "/bin/bash"),
            ["-c", script, try Project.bridge.path, Project.fedmsgs.path]
        ) { try await ReplayRun.ended($0) }
    }
}
