import Foundation
import Testing

/// What the daemon tells systemd, and writes for its journal.
@Suite struct ServiceManagerTests {
    @Test("It is ready without a broker, alive, reloads and stops, and says so", arguments: [true, false])
    func life(isAbstract: Bool) async throws {
        try await withTemporaryDirectory { folder in
            let manager = try NotifySocket(isAbstract: isAbstract, in: folder)
            var settings = try BridgeSettings(amqpURL: "amqp://127.0.0.1:\(freePort())")
            // Their names alone are more than systemd takes in a datagram.
            let port = try freePort()
            settings.toAMQP(from: (1...200).map { "tcp://127.0.1.\($0):\(port)" })
            settings["to_amqp", "zmq_reconnect_ivl"] = "1000"
            settings["spool", "path"] = "\"\(folder.path)/spool.sqlite\""
            let file = folder.appending(path: "bridge.toml")
            try Data(settings.toml.utf8).write(to: file)
            let environment = ["NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "400000"]
            try await BridgeProcess.run(["run", "--config", file.path], environment: environment) { process in
                try await manager.message("READY=1")
                // Until then it asks for time, however long its spool takes to open.
                #expect(manager.messages().first == ["EXTEND_TIMEOUT_USEC=60000000"])
                try await manager.message("STATUS=critical: ")
                let position = manager.messages().count
                try await eventually("the watchdog is fed by itself, again and again") {
                    manager.messages().dropFirst(position).count { $0 == ["WATCHDOG=1"] } > 1
                }
                process.send(SIGHUP)
                let reloading = try await manager.message("RELOADING=1")
                #expect(reloading.contains { $0.hasPrefix("MONOTONIC_USEC=") })
                let index = try #require(manager.messages().firstIndex(of: reloading))
                try await manager.message("READY=1", after: index)
                process.send(SIGTERM)
                #expect(try await process.awaitEnd() == .code(0))
                let stopping = try await manager.message("STOPPING=1")
                #expect(stopping.contains { $0.hasPrefix("EXTEND_TIMEOUT_USEC=") })
                #expect(manager.messages().allSatisfy { $0.joined(separator: "\n").utf8.count < 4096 })
            }
        }
    }

    @Test(
        "A thread that hangs turns /live 503 after a minute and starves the watchdog, until it goes on",
        .timeLimit(.minutes(4))
    )
    func deadlock() async throws {
        try await withTemporaryDirectory { folder in
            let manager = try NotifySocket(isAbstract: true, in: folder)
            try await FedmsgToAMQP.with({
                $0.environment = ["NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "400000"]
            }) { scene in
                let bridge = scene.bridge
                try await manager.message("WATCHDOG=1")
                try await PythonPeer.with("freeze", ["\(bridge.process.identifier)", "fedmsg"]) { freeze in
                    try await freeze.next("frozen")
                    #expect(try await bridge.get("/live")?.status == 200)
                    try await eventually("/live says which loop hangs", within: .seconds(100), every: .seconds(1)) {
                        let answer = try #require(try await bridge.get("/live"))
                        return answer.status == 503 && String(decoding: answer.body, as: UTF8.self).contains(": fedmsg")
                    }
                    // What was said before may only now be read.
                    let position = manager.messages().count
                    for _ in 0..<5 {
                        let (exit, line) = try await HealthCommandTests.health(["--url", bridge.monitoring, "--live"])
                        #expect(exit == .code(1))
                        #expect(line.contains("not turned for 60 s: fedmsg"))
                    }
                    #expect(manager.messages().count == position)
                    try freeze.send(["do": "thaw"])
                    try await freeze.next("thawed")
                    try await manager.message("WATCHDOG=1", after: position)
                    #expect(try await bridge.get("/live")?.status == 200)
                }
                try await scene.publisher.publish(topic: "org.x", #"{"msg":{},"topic":"org.x"}"#)
                try await bridge.until(#"fedmsg_bridge_forwarded_total{direction="to_amqp"}"#, is: 1)
            }
        }
    }

    @Test("It needs no privilege", .timeLimit(.minutes(2)))
    func unprivileged() async throws {
        try await VirtualHost.with { host in
            try await FedmsgPublisher.with { publisher in
                var settings = try BridgeSettings(amqpURL: host.url)
                settings.toAMQP(from: [publisher.endpoint])
                try settings.toFedmsg()
                try await BridgeProcess.with(settings, isPrivileged: false) { bridge in
                    try await publisher.subscribed()
                    try await publisher.publishNumbered(10)
                    try await bridge.until(#"fedmsg_bridge_forwarded_total{direction="to_amqp"}"#, is: 10)
                    #expect(try await bridge.terminate() == .code(0))
                    // Nor does what it stands on ask for one.
                    #expect(!bridge.process.errors.lines.contains { $0.contains("Failed") })
                }
            }
        }
    }

    @Test("In the journal each line has its priority and no time, and a topic forges neither")
    func journal() async throws {
        try await FedmsgPublisher.with { publisher in
            try await withTemporaryDirectory { folder in
                var settings = try BridgeSettings(amqpURL: "amqp://127.0.0.1:\(freePort())")
                settings.toAMQP(from: [publisher.endpoint])
                settings["spool", "path"] = "\"\(folder.path)/spool.sqlite\""
                let file = folder.appending(path: "bridge.toml")
                try Data(settings.toml.utf8).write(to: file)
                let script = #"JOURNAL_STREAM=$(stat -Lc %d:%i /proc/self/fd/2) exec "$@""#
                let arguments = ["-c", script, "sh", try Project.bridge.path, "run", "--config", file.path]
                let environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("FEDMSG_BRIDGE_") }
                let bash = URL(filePath: "/bin/bash")
                try await ChildProcess.with(bash, arguments, environment: environment) { process in
                    try await publisher.subscribed()
                    try await publisher.publish(topic: "a\n<0>forged\u{1B}[2J", #"{"secret": "of the body"}"#)
                    let line = try await eventually("it is refused", detail: { process.lastWords }) {
                        process.errors.lines.first { $0.contains("rejected") }
                    }
                    #expect(line.contains(#"a\n<0>forged\u{1B}[2J"#))
                    #expect(!line.contains("of the body"))
                    let lines = process.errors.lines
                    #expect(lines.allSatisfy { $0.wholeMatch(of: /<[2-7]>[^0-9].*/) != nil }, "\(lines)")
                    #expect(lines.contains { $0.hasPrefix("<6>") } && line.hasPrefix("<4>"))
                }
            }
        }
    }
}
