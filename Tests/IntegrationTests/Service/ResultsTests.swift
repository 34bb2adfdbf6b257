import Foundation
import Testing

/// What becomes of results that can't be written, and of input that can't be read.
@Suite("Results that can't be written")
struct ResultsTests {
    @Test("A full disk is told, with an exit status that keeps what follows from being done", .timeLimit(.minutes(2)))
    func fullDisk() async throws {
        try await FedmsgToAMQP.with { scene in
            try await scene.publisher.publish(topic: "org.x", "not json")
            try await scene.bridge.until(#"fedmsg_bridge_dead_letters{direction="to_amqp"}"#, is: 1)
            for command in [
                "spool status --config $1", "spool list --config $1", "spool list --json --config $1",
                "spool show 1 --config $1", "spool show 1 --raw --config $1", "spool retry --reason none --config $1",
                "config show --config $1", "config check --config $1", "config import $2",
                "replay --dry-run $3", "--help", "spool --help", "--version",
            ] {
                let run = try await Self.bash("$0 \(command) >/dev/full", scene.bridge.configuration)
                #expect(run.exit == .code(74), "\(command)")
                #expect(run.errors == ["standard output: No space left on device"], "\(command)")
            }
            let script = "$0 spool show 1 --raw --config $1 >/dev/full && $0 spool drop 1 --config $1"
            #expect(try await Self.bash(script, scene.bridge.configuration).exit == .code(74))
            #expect(try await scene.bridge.deadLetters().count == 1)
        }
    }

    @Test("Nobody who reads is no fault, and changes no exit status", .timeLimit(.minutes(5)))
    func closedPipe() async throws {
        try await withTemporaryDirectory { folder in
            let file = folder.appending(path: "bridge.toml")
            try Data("typo = 1".utf8).write(to: file)
            // The reader is gone before anything is written, and no signal ends the writer.
            let script = "trap '' PIPE; exec 3> >(exec true); wait $!; $0 config check --config $1 >&3; echo $?"
            let run = try await Self.bash(script, file)
            #expect(run.errors == [])
            #expect(run.output == ["1"])
        }
    }

    @Test(
        "Input that can't be read is told as a file that can't be",
        .timeLimit(.minutes(5)),
        arguments: [
            ("- <&-", "standard input"), ("- </", "standard input"), ("/", "/"), ("/nonexistent", "/nonexistent"),
        ]
    )
    func input(arguments: String, name: String) async throws {
        let run = try await Self.bash("$0 config import \(arguments)", URL(filePath: "/"))
        #expect(run.exit == .code(66))
        #expect(run.errors == ["\(name): cannot be read"])
    }

    @Test("A closed standard input can't be read, and is nothing else's", .timeLimit(.minutes(5)))
    func closedInput() async throws {
        let run = try await Self.bash("$0 replay --dry-run - <&-", URL(filePath: "/"))
        #expect(run.exit == .code(66))
        #expect(run.errors == ["-: Bad file descriptor", "0 read, 0 translated, 0 dropped, 0 rejected"])
    }

    @Test("A closed standard output can't be written", .timeLimit(.minutes(5)))
    func closedOutput() async throws {
        let run = try await Self.bash("$0 replay --dry-run $3 >&-", URL(filePath: "/"))
        #expect(run.exit == .code(74))
        #expect(run.errors == ["standard output: Bad file descriptor"])
    }

    /// Runs a script with the executable as `$0`, a configuration as `$1`, what fedmsg-config printed as `$2` and the
    /// captured fedmsgs as `$3`.
    private static func bash(_ script: String, _ configuration: URL) async throws -> ReplayRun {
        let printed = Project.root.appending(path: "Tests/SettingsTests/Fixtures/fedmsg-config.json").path
        let arguments = [try Project.bridge.path, configuration.path, printed, Project.fedmsgs.path]
        return try await ChildProcess.with(URL(filePath: "/bin/bash"), ["-c", script] + arguments) {
            try await ReplayRun.ended($0)
        }
    }
}
