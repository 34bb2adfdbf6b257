import Foundation
import Testing

/// `replay` without `--dry-run`, against a real broker.
@Suite("Replay for real")
struct LiveReplayTests {
    @Test("Ends once every captured message is confirmed, and each is there as expected", .timeLimit(.minutes(5)))
    func capturedFedmsgs() async throws {
        let expected = try await ExpectedMessage.messages(of: Project.fedmsgs)
        try await LiveReplayScene.with { scene in
            let run = try await ReplayRun.of(["--config", scene.configuration, Project.fedmsgs.path])
            #expect(try await scene.amqp.depth(LiveReplayScene.queue) == 337)
            #expect(run.exit == .code(0))
            #expect(run.output.isEmpty)
            #expect(run.errors.last == "337 read, 337 translated, 0 dropped, 0 rejected")
            try await scene.amqp.consume(LiveReplayScene.queue)
            for (place, message) in expected.enumerated() {
                let arrived = try await scene.amqp.next()
                #expect(arrived.topic == message.topic)
                #expect(arrived.body == message.body)
                #expect(arrived.header("sent-at")?.value == message.sentAt)
                // Where the envelope had none it is made of the bytes, which the expectations change for their sake.
                if message.id.hasPrefix("20") { #expect(arrived.property("message_id") == message.id, "\(place)") }
            }
        }
    }

    @Test(
        "Only what is asked for is published",
        .timeLimit(.minutes(2)),
        arguments: [
            (["--topic", "*.3", "--topic", "#.7"], [3, 7], "10 read, 2 translated, 8 dropped, 0 rejected"),
            (
                ["--from", "1970-01-01T03:00:00Z", "--until", "18000"], [3, 4],
                "10 read, 2 translated, 8 dropped, 0 rejected"
            ),
            (["--limit", "2"], [1, 2], "2 read, 2 translated, 0 dropped, 0 rejected"),
            (["--start-line", "9"], [9, 10], "2 read, 2 translated, 0 dropped, 0 rejected"),
            (["--rate", "1000"], Array(1...10), "10 read, 10 translated, 0 dropped, 0 rejected"),
            (["--speed", "1e6"], Array(1...10), "10 read, 10 translated, 0 dropped, 0 rejected"),
        ]
    )
    func selects(options: [String], numbers: [Int], summary: String) async throws {
        try await LiveReplayScene.with { scene in
            let capture = try scene.capture(1...10)
            let run = try await ReplayRun.of(["--config", scene.configuration, capture] + options)
            #expect(run.exit == .code(0))
            #expect(run.errors.last == summary)
            #expect(try await scene.arrived() == numbers)
        }
    }

    @Test(
        "SIGINT while it waits for the next message's time stops it, and it goes on from the line that it names",
        .timeLimit(.minutes(2)),
        arguments: [["--rate", "0.001"], ["--speed", "1"]]
    )
    func interrupted(pacing: [String]) async throws {
        try await LiveReplayScene.with { scene in
            let capture = try scene.capture(1...5, as: "it's a capture.jsonl")
            let arguments = ["replay", "--config", scene.configuration, capture]
            let run = try await BridgeProcess.run(arguments + pacing) { process in
                try await scene.until(arrived: 1)
                process.send(SIGINT)
                return try await ReplayRun.ended(process)
            }
            #expect(run.exit == .code(0))
            let quoted = capture.replacing("'", with: #"'\''"#)
            #expect(
                run.errors == [
                    "stopped; to go on: --start-line 2 '\(quoted)'", "1 read, 1 translated, 0 dropped, 0 rejected",
                ]
            )
            _ = try await ReplayRun.of(["--config", scene.configuration, "--start-line", "2", capture])
            #expect(try await scene.arrived() == [1, 2, 3, 4, 5])
        }
    }

    @Test("SIGINT while it connects is no fault of the broker's", .timeLimit(.minutes(5)))
    func interruptedConnecting() async throws {
        let listener = try SilentListener()
        try await withTemporaryDirectory { folder in
            let configuration = folder.appending(path: "bridge.toml")
            try Data("amqp_url = \"amqp://127.0.0.1:\(listener.port)\"\n".utf8).write(to: configuration)
            let capture = folder.appending(path: "capture.jsonl")
            try Data((LiveReplayScene.envelope(1) + "\n").utf8).write(to: capture)
            let arguments = ["replay", "--config", configuration.path, capture.path]
            let run = try await BridgeProcess.run(arguments) { process in
                try await listener.awaitPeer()
                process.send(SIGINT)
                return try await ReplayRun.ended(process)
            }
            #expect(run.exit == .code(0))
            #expect(
                run.errors == [
                    "stopped; to go on: --start-line 1 \(capture.path)",
                    "0 read, 0 translated, 0 dropped, 0 rejected",
                ]
            )
        }
    }

    @Test("SIGTERM stops it amid what is not asked for, however much that is", .timeLimit(.minutes(3)))
    func interruptedAmidDropped() async throws {
        try await LiveReplayScene.with { scene in
            let first = try scene.file("no JSON\n", as: "first.jsonl")
            let endless = first + ".endless"
            #expect(mkfifo(endless, 0o600) == 0)
            let script = ["-c", #"exec yes "$1" >"$2""#, "sh", LiveReplayScene.envelope(1), endless]
            let run = try await ChildProcess.with(URL(filePath: "/bin/sh"), script) { _ in
                let options = ["--config", scene.configuration, "--format", "jsonl", "--topic", "another"]
                return try await BridgeProcess.run(["replay"] + options + [first, endless]) { process in
                    try await eventually("it reads") { !process.errors.lines.isEmpty }
                    process.send(SIGTERM)
                    return try await ReplayRun.ended(process)
                }
            }
            #expect(run.exit == .code(2))
            let place = try #require(
                run.errors.dropFirst().first?.wholeMatch(of: /stopped; to go on: --start-line (\d+) (.+)/)
            )
            let line = try #require(Int(place.1))
            #expect(place.2 == endless)
            #expect(run.errors.last == "\(line) read, 0 translated, \(line - 1) dropped, 1 rejected")
        }
    }

    @Test("Stopped between two inputs it names those that are left", .timeLimit(.minutes(2)))
    func interruptedBetweenInputs() async throws {
        try await LiveReplayScene.with { scene in
            let first = try scene.capture(1...1, as: "first.jsonl")
            let second = try scene.capture(2...2, as: "second.jsonl")
            let arguments = ["replay", "--config", scene.configuration, "--rate", "0.001", first, second]
            let run = try await BridgeProcess.run(arguments) { process in
                try await scene.until(arrived: 1)
                process.send(SIGINT)
                return try await ReplayRun.ended(process)
            }
            #expect(run.errors.first == "stopped; to go on: --start-line 1 \(second)")
        }
    }

    @Test(
        "What comes through a pipe is published as it comes, and SIGINT ends the wait for more",
        .timeLimit(.minutes(2))
    )
    func pipe() async throws {
        try await LiveReplayScene.with { scene in
            let run = try await BridgeProcess.run(["replay", "--config", scene.configuration, "-"]) { process in
                for number in 1...2 {
                    try process.write(line: LiveReplayScene.envelope(number))
                    try await scene.until(arrived: number)
                }
                process.send(SIGINT)
                return try await ReplayRun.ended(process)
            }
            #expect(run.exit == .code(0))
            #expect(
                run.errors == [
                    "stopped; to go on: --start-line 3 -", "2 read, 2 translated, 0 dropped, 0 rejected",
                ]
            )
        }
    }

    @Test("Where tasks have one thread, SIGTERM ends the wait for more of a pipe as well", .timeLimit(.minutes(2)))
    func pipeWithOneProcessor() async throws {
        try await LiveReplayScene.with { scene in
            try await withTemporaryDirectory { folder in
                let library = folder.appending(path: "one_processor.so").path
                let preload = try await PreloadedLibrary.compiled("one_processor.c", to: library)
                let arguments = ["replay", "--config", scene.configuration, "-"]
                let run = try await BridgeProcess.run(arguments, environment: ["LD_PRELOAD": preload]) { process in
                    try process.write(line: LiveReplayScene.envelope(1))
                    try await scene.until(arrived: 1)
                    process.send(SIGTERM)
                    return try await ReplayRun.ended(process, within: .seconds(30))
                }
                #expect(run.exit == .code(0))
                #expect(run.errors.first == "stopped; to go on: --start-line 2 -")
            }
        }
    }

    @Test(
        "What came before a line that is not asked for, blank or begun does not wait for the next",
        .timeLimit(.minutes(2)),
        arguments: [LiveReplayScene.envelope(2), "", "no JSON"]
    )
    func pipeWithMore(line: String) async throws {
        try await LiveReplayScene.with { scene in
            let options = ["--config", scene.configuration, "--format", "jsonl", "--topic", "t.1"]
            try await BridgeProcess.run(["replay"] + options + ["-"]) { process in
                // One write, so that both are there at once.
                try process.write(line: LiveReplayScene.envelope(1) + "\n" + line)
                try await scene.until(arrived: 1)
                process.send(SIGINT)
                #expect(try await ReplayRun.ended(process).errors.last?.contains("1 translated") == true)
            }
        }
    }

    @Test("One over which the broker closes the channel is rejected, the rest is published", .timeLimit(.minutes(2)))
    func refused() async throws {
        try await LiveReplayScene.with { scene in
            try await BrokerUser.with(on: scene.host) { user in
                try await user.permitTopics(write: "t[.]([^5]|10)$")
                let configuration = try scene.file("amqp_url = \"\(user.url)\"\n", as: "user.toml")
                let run = try await ReplayRun.of(["--config", configuration, try scene.capture(1...10)])
                #expect(run.exit == .code(2))
                #expect(run.errors.last == "10 read, 9 translated, 0 dropped, 1 rejected")
                // Those before it may have been taken and not confirmed.
                #expect(try await Set(scene.arrived()) == [1, 2, 3, 4, 6, 7, 8, 9, 10])
            }
        }
    }

    @Test("An exchange that is not there ends it", .timeLimit(.minutes(2)))
    func exchangeMissing() async throws {
        try await LiveReplayScene.with { scene in
            let configuration = try scene.file(
                "amqp_url = \"\(scene.host.url)\"\n[to_amqp]\nexchange = \"nowhere\"\n[exchanges]\n",
                as: "nowhere.toml"
            )
            let capture = try scene.capture(1...10)
            let run = try await ReplayRun.of(["--config", configuration, capture])
            #expect(run.exit == .code(69))
            #expect(run.errors.first == "stopped; to go on: --start-line 1 \(capture)")
            #expect(run.errors.last?.contains("nowhere") == true)
        }
    }

    @Test("Nacked for long, it ends, and other queues got little of it twice", .timeLimit(.minutes(3)))
    func nacked() async throws {
        try await LiveReplayScene.with { scene in
            try await scene.declareQueue("full", withRoomFor: 3)
            let capture = try scene.capture(1...100)
            let run = try await ReplayRun.of(["--config", scene.configuration, capture])
            #expect(run.exit == .code(69))
            #expect(run.errors.count { $0.contains("what was nacked goes out again") } == 1)
            let place = run.errors.compactMap { $0.wholeMatch(of: /stopped; to go on: --start-line (\d+) .+/) }.first
            let line = try #require(place.flatMap { Int($0.1) })
            #expect(line > 3 && line < 10)
            #expect(run.errors.contains("\(line - 1) read, \(line - 1) translated, 0 dropped, 0 rejected"))
            #expect(run.errors.last?.hasPrefix("the broker nacks what is published to 'zmq.topic': ") == true)
            let arrived = try await scene.arrived()
            #expect(Set(arrived) == Set(1...100))
            #expect(arrived.count < 120)
        }
    }

    @Test("Once a queue that nacks has room, all goes out", .timeLimit(.minutes(2)))
    func nackedForShort() async throws {
        try await LiveReplayScene.with { scene in
            try await scene.declareQueue("full", withRoomFor: 50)
            let capture = try scene.capture(1...100)
            let run = try await BridgeProcess.run(["replay", "--config", scene.configuration, capture]) { process in
                try await eventually("it is nacked", detail: { process.lastWords }) { !process.errors.lines.isEmpty }
                return try await PlainAMQP.with(url: scene.host.url) { consumer in
                    try await consumer.consume("full")
                    return try await ReplayRun.ended(process)
                }
            }
            #expect(run.exit == .code(0))
            #expect(run.errors.last == "100 read, 100 translated, 0 dropped, 0 rejected")
            #expect(try await Set(scene.arrived()) == Set(1...100))
        }
    }

    @Test("What the broker returns is rejected, and the rest is published", .timeLimit(.minutes(2)))
    func unroutable() async throws {
        try await LiveReplayScene.with { scene in
            let configuration = try scene.file(
                "amqp_url = \"\(scene.host.url)\"\n[to_amqp]\nmandatory = true\nexchange = \"empty\"\n"
                    + "[exchanges.empty]\ntype = \"topic\"\n",
                as: "mandatory.toml"
            )
            let run = try await ReplayRun.of(["--config", configuration, try scene.capture(1...2)])
            #expect(run.exit == .code(2))
            #expect(run.errors.count == 3)
            #expect(run.errors.first?.contains(#"{"line":1,"reason":"unroutable","#) == true)
            #expect(run.errors.last == "2 read, 0 translated, 0 dropped, 2 rejected")
        }
    }

    @Test("Without a broker it says so and exits 69", .timeLimit(.minutes(5)))
    func noBroker() async throws {
        let run = try await replay(to: "amqp://127.0.0.1:\(freePort())")
        #expect(run.exit == .code(69))
        #expect(run.errors.last?.contains("refused") == true)
    }

    @Test("A mistake in the configuration is none of the broker's")
    func wrongURL() async throws {
        let run = try await replay(to: "amqp://127.0.0.1/?heartbeatt=5")
        #expect(run.exit == .code(78))
        #expect(run.errors.last?.contains("heartbeatt") == true)
    }

    private func replay(to url: String) async throws -> ReplayRun {
        try await withTemporaryDirectory { folder in
            let configuration = folder.appending(path: "bridge.toml")
            try Data("amqp_url = \"\(url)\"\n".utf8).write(to: configuration)
            return try await ReplayRun.of(["--config", configuration.path, Project.fedmsgs.path])
        }
    }
}
