import Foundation
import Testing

/// `fedmsg-bridge health` against the real daemon.
@Suite("fedmsg-bridge health")
struct HealthCommandTests {
    @Test("A bridge that moves messages is OK; thresholds and silence are the caller's", .timeLimit(.minutes(2)))
    func healthy() async throws {
        try await FedmsgToAMQP.with { scene in
            try await scene.publisher.publish(topic: "org.x", #"{"msg":{},"topic":"org.x"}"#)
            try await scene.bridge.until(#"fedmsg_bridge_forwarded_total{direction="to_amqp"}"#, is: 1)
            let url = scene.bridge.monitoring
            let (ok, line) = try await Self.health(["--url", url])
            #expect(ok == .code(0))
            #expect(line.hasPrefix("FEDMSG-BRIDGE OK - to AMQP 1 forwarded"))
            #expect(line.contains(" | spool=0;;;0 age=0s;;;0 dead_letters=0;;;0 "))
            #expect(line.contains(" to_amqp_forwarded=1c;;;0 "))

            try await scene.publisher.publish(topic: "org.x", "not json")
            try await scene.bridge.until(#"fedmsg_bridge_dead_letters{direction="to_amqp"}"#, is: 1)
            #expect(try await Self.health(["--url", url, "--warn-dead-letters", "0"]).0 == .code(1))
            #expect(try await Self.health(["--url", url, "--crit-dead-letters", "0"]).0 == .code(2))
            #expect(try await Self.health(["--url", url, "--live"]).0 == .code(0))

            // What is wrong in another part of the configuration is not the running daemon's.
            try await withTemporaryDirectory { folder in
                let texts = ["[monitoring]\nport = \(scene.bridge.monitoringPort)\n", "typo = 1\n[log]\nlevel = 1\n"]
                for (number, text) in texts.enumerated() {
                    try Data(text.utf8).write(to: folder.appending(path: "\(number).toml"))
                }
                #expect(try await Self.health(["--config", folder.path]).0 == .code(0))
                #expect(try await Self.health(["--config", folder.path, "--live"]).0 == .code(0))
            }
        }
    }

    @Test("A broker that is away is CRITICAL with the reason, and live all the same", .timeLimit(.minutes(5)))
    func brokerAway() async throws {
        var settings = try BridgeSettings(amqpURL: "amqp://127.0.0.1:\(freePort())")
        try settings.toFedmsg()
        try await BridgeProcess.with(settings, waiting: false) { bridge in
            try await bridge.untilNotReady(because: "broker_away")
            let (exit, line) = try await Self.health(["--url", bridge.monitoring])
            #expect(exit == .code(2))
            #expect(line.hasPrefix("FEDMSG-BRIDGE CRITICAL - broker_away for "))
            #expect(try await Self.health(["--url", bridge.monitoring, "--live"]).0 == .code(0))
        }
    }

    @Test("It asks where the configuration lets the daemon listen", .timeLimit(.minutes(5)))
    func configured() async throws {
        try await withTemporaryDirectory { folder in
            let file = folder.appending(path: "bridge.toml")
            let port = try freePort()
            try Data("[monitoring]\nport = \(port)\n".utf8).write(to: file)
            let (exit, line) = try await Self.health(["--config", file.path])
            #expect(exit == .code(2))
            let refused = "cannot connect: Connection refused: nothing listens there"
            #expect(line.contains("http://127.0.0.1:\(port): \(refused)"))
            #expect(try await Self.health(["--config", file.path, "--live"]).0 == .code(1))
            #expect(try await Self.health(["--config", folder.path + "/none.toml"]).0 == .code(3))
            #expect(try await Self.health(["--config", folder.path + "/none.toml", "--live"]).0 == .code(1))
        }
    }

    @Test("Who does not answer in time is CRITICAL", .timeLimit(.minutes(5)))
    func timeout() async throws {
        let silent = try SilentListener()
        let (exit, line) = try await Self.health(["--url", "http://127.0.0.1:\(silent.port)", "--timeout", "0.5"])
        #expect(exit == .code(2))
        #expect(line.contains("no answer within 0.5 s"))
    }

    @Test("What speaks no HTTP is another program: UNKNOWN", .timeLimit(.minutes(2)))
    func noHTTP() async throws {
        for (arguments, code) in [([], 3), (["--live"], 1)] as [([String], Int32)] {
            let other = try SilentListener()
            let url = "http://127.0.0.1:\(other.port)"
            try await BridgeProcess.run(["health", "--url", url] + arguments) { process in
                try await other.answerOne(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8))
                #expect(try await process.awaitEnd() == .code(code))
                let isUnknown =
                    process.output.lines == [
                        "FEDMSG-BRIDGE UNKNOWN - what answers at \(url) speaks no HTTP, so it is no fedmsg-bridge"
                    ]
                #expect(isUnknown == arguments.isEmpty, "\(process.output.lines)")
            }
        }
    }

    @Test(
        "A wrong use is UNKNOWN, not the 64 of other commands",
        .timeLimit(.minutes(5)),
        arguments: [
            ["--no-such-option"], ["--timeout", "soon"], ["--timeout", "0"], ["--warn-age", "-1"],
            ["--url", "https://x.example"],
            ["--url", "nonsense"],
        ]
    )
    func usage(arguments: [String]) async throws {
        let (exit, line) = try await Self.health(arguments)
        #expect(exit == .code(3))
        #expect(line.hasPrefix("FEDMSG-BRIDGE UNKNOWN - "))
        #expect(try await Self.health(arguments + ["--live"]).0 == .code(1))
    }

    /// Runs it; it always writes one line.
    static func health(_ arguments: [String]) async throws -> (ChildProcess.Exit, String) {
        try await BridgeProcess.run(["health"] + arguments) { process in
            let exit = try await process.awaitEnd()
            try #require(process.output.lines.count == 1)
            return (exit, process.output.lines[0])
        }
    }
}
